namespace Pipeline.IntegrationTests.Chaos.Ledgers;

/// <summary>Where an event came out.</summary>
enum Outlet
{
    Kafka,
    Mqtt,
}
