using Contracts.Configuration;

namespace Tools.Simulation.Scenarios;

/// <summary>A device in queue mode (LwM2M Core 1.1 section 6.5): reachable for a while after it has spoken, deaf until it speaks again.</summary>
[Doc("Sleep of a device in queue mode.")]
sealed record QueueModeOptions
{
    [Doc("How long it listens after the last message.")]
    [Range("100ms", "1d")]
    public TimeSpan Awake { get; init; } = TimeSpan.FromSeconds(93);

    [Doc("Wake up and send an Update so often; without it only as the lifetime asks.")]
    [Range("1s", "365d")]
    public TimeSpan? WakeEvery { get; init; }
}
