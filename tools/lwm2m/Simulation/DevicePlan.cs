using Tools.Dtls;
using Tools.Simulation.Scenarios;

namespace Tools.Simulation;

/// <summary>One device to be: who it is, what decides its chance, when it comes up (milliseconds), and what stands between it and the gateway.</summary>
sealed record DevicePlan(DeviceSettings Settings, ulong Seed, long StartAt)
{
    /// <summary>With what it makes DTLS sessions; null: it speaks CoAP over UDP as it is.</summary>
    public DtlsCredential? Dtls { get; init; }

    public NetworkOptions Network { get; init; } = Perfect;

    /// <summary>When it loses its power; in order.</summary>
    public IReadOnlyList<long> Restarts { get; init; } = [];

    static readonly NetworkOptions Perfect = new();
}
