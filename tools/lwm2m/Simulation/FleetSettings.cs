namespace Tools.Simulation;

/// <summary>A number of simulated devices. The same seed gives the same devices with the same values at the same times.</summary>
public sealed record FleetSettings
{
    public int Count { get; init; } = 3;

    public int Seed { get; init; } = 1;

    /// <summary>Null: sensors, trackers and lights in turn.</summary>
    public DeviceProfile? Profile { get; init; }

    /// <summary>Endpoint names are this, the profile and a number: "sim-sensor-1".</summary>
    public string EndpointPrefix { get; init; } = "sim-";

    public TimeSpan Lifetime { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>How often values move.</summary>
    public TimeSpan Interval { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>"1.0" or "1.1".</summary>
    public string Lwm2mVersion { get; init; } = "1.0";

    public bool ConfirmableNotifications { get; init; } = true;

    /// <summary>Acknowledge requests at once and answer them in a message of its own.</summary>
    public bool SeparateResponses { get; init; }

    /// <summary>The devices speak DTLS, each with a key that is made of this and its endpoint name; null: CoAP over UDP as it is.</summary>
    public byte[]? MasterKey { get; init; }

    /// <summary>How fast the fleet comes up.</summary>
    public double RegistrationsPerSecond { get; init; } = 200;
}
