using Pipeline.IntegrationTests.Kafka;
using Pipeline.IntegrationTests.Mqtt;

namespace Pipeline.IntegrationTests.Gateways;

/// <summary>Standalone with brokers that are configured: a real Kafka and a real mosquitto.</summary>
public sealed class StandaloneOnBrokersFixture(KafkaFixture kafka) : StandaloneFixture
{
    readonly MosquittoFixture _mosquitto = new();
    string _servers = "";

    private protected override IEnumerable<string> Switches =>
    [
        $"--kafka:bootstrap_servers={_servers}", "--kafka:topic_prefix=together", "--kafka:partitions=4", "--kafka:slots=4",
        "--mqtt:server=" + _mosquitto.Server,
    ];

    public override async ValueTask InitializeAsync()
    {
        Missing = ThreeProcessFixture.MissingHere(_mosquitto);
        if (Missing is not null)
            return;
        await _mosquitto.StartAsync();
        _servers = (await kafka.RequireAsync()).BootstrapServers;
        await base.InitializeAsync();
    }

    public override async ValueTask DisposeAsync()
    {
        await base.DisposeAsync();
        await _mosquitto.DisposeAsync();
    }
}
