namespace Tools.Simulation;

/// <summary>Where a device is in its life with the gateway.</summary>
enum RegistrationStep
{
    /// <summary>Not started, or de-registered: deaf and mute.</summary>
    Off,

    /// <summary>Deaf and mute until a time: before the first Register, before another try, and while it reboots.</summary>
    Waiting,
    Registering,
    Registered,
    Deregistering,
}
