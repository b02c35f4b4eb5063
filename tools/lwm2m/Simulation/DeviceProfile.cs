namespace Tools.Simulation;

/// <summary>What a simulated device is. Each has Server (1) and Device (3) besides the objects named here.</summary>
public enum DeviceProfile
{
    /// <summary>Temperature (3303) and Humidity (3304), on battery.</summary>
    Sensor,

    /// <summary>Location (6) of something that moves, on battery.</summary>
    Tracker,

    /// <summary>Light Control (3311) that can be switched and dimmed, with Power Measurement (3305).</summary>
    Light,

    /// <summary>Nothing else.</summary>
    Bare,
}
