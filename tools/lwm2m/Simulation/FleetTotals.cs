namespace Tools.Simulation;

/// <summary>What a fleet is doing (the first three) and has done since its start.</summary>
public sealed record FleetTotals(
    int Devices,
    int Registered,
    int Observations,
    long Registrations,
    long RegistrationsFailed,
    long Updates,
    long Notifications,
    long Commands,
    long TimedOut,
    long DatagramsSent,
    long DatagramsReceived)
{
    /// <summary>Devices that wait for an acknowledgement or answer just now.</summary>
    public int Awaiting { get; init; }

    public long Retransmissions { get; init; }

    public long Reboots { get; init; }

    public long Sends { get; init; }

    public long SendsRefused { get; init; }

    /// <summary>By the simulated network, in both directions.</summary>
    public long DatagramsLost { get; init; }

    /// <summary>DTLS sessions that handshakes have come to.</summary>
    public long Sessions { get; init; }

    public long HandshakesFailed { get; init; }
}
