using Contracts.Configuration;

namespace Tools.Simulation.Scenarios;

/// <summary>When a device reports of its own accord; pmin of the gateway holds all the same.</summary>
[Doc("When observed resources are reported.")]
sealed record NotifyOptions
{
    [Doc("Report a value that has changed.")]
    public bool OnChange { get; init; } = true;

    [Doc("Report all that is observed so often, changed or not.")]
    [Range("10ms", "365d")]
    public TimeSpan? Every { get; init; }

    [Doc("Each report of `every` comes so much later at most.")]
    [Range("0s", "365d")]
    public TimeSpan Jitter { get; init; }

    [Doc("How often a burst comes.")]
    [Range("100ms", "365d")]
    public TimeSpan? BurstEvery { get; init; }

    [Doc("Reports in a burst.")]
    [Range("1", "100000")]
    public int BurstSize { get; init; } = 10;

    [Doc("Time between the reports of a burst.")]
    [Range("1ms", "1d")]
    public TimeSpan BurstGap { get; init; } = TimeSpan.FromMilliseconds(100);

    [Doc("Report in confirmable messages.")]
    public bool Confirmable { get; init; } = true;
}
