using Tools.Simulation.Scenarios;

namespace Tools.Simulation;

/// <summary>One device to be: who it is, what decides its chance, when it comes up (milliseconds), and what stands between it and the gateway.</summary>
sealed record DevicePlan(DeviceSettings Settings, ulong Seed, long StartAt)
{
    public NetworkOptions Network { get; init; } = Perfect;

    /// <summary>When it loses its power; in order.</summary>
    public IReadOnlyList<long> Restarts { get; init; } = [];

    static readonly NetworkOptions Perfect = new();
}
