using Contracts.Configuration;

namespace Tools.Simulation.Scenarios;

/// <summary>One direction of a network.</summary>
[Doc("One direction.")]
sealed record LinkOptions
{
    [Doc("Share of the datagrams that are lost.")]
    [Range("0", "1")]
    public double Loss { get; init; }

    [Doc("Share of the datagrams that arrive twice.")]
    [Range("0", "1")]
    public double Duplicate { get; init; }

    [Doc("How long each takes.")]
    [Range("0s", "5m")]
    public TimeSpan Delay { get; init; }

    [Doc("So much longer at most, each by chance: datagrams overtake each other.")]
    [Range("0s", "5m")]
    public TimeSpan Jitter { get; init; }

    public bool IsPerfect => Loss == 0 && Duplicate == 0 && Delay == TimeSpan.Zero && Jitter == TimeSpan.Zero;
}
