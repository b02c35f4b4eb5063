namespace Pipeline.IntegrationTests.Chaos.Fleet;

/// <summary>What a device waits for an answer to.</summary>
enum Exchange : byte
{
    None,
    Register,
    Update,
    Notification,
}
