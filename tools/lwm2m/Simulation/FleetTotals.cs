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
    long DatagramsReceived);
