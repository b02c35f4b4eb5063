using Protocol.Coap;
using Protocol.Lwm2m;
using Protocol.Lwm2m.Formats;
using Tools.Simulation.Scenarios;

namespace Tools.Simulation;

/// <summary>Who one simulated device is and how it behaves.</summary>
sealed record DeviceSettings
{
    static readonly NotifyOptions Always = new();

    public required string Endpoint { get; init; }

    public DeviceProfile Profile { get; init; } = DeviceProfile.Sensor;

    public TimeSpan Lifetime { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>"1.0", "1.1" or "1.2"; what the device says in its Register.</summary>
    public string Lwm2mVersion { get; init; } = "1.0";

    public NegotiatedVersion Version => NegotiatedVersion.Of(Lwm2mVersion);

    public string Binding { get; init; } = "U";

    /// <summary>How often the values move.</summary>
    public TimeSpan Interval { get; init; } = TimeSpan.FromSeconds(5);

    public bool ConfirmableNotifications { get; init; } = true;

    /// <summary>Acknowledges requests at once and answers in a message of its own, as slow devices do (RFC 7252 section 5.2.2).</summary>
    public bool SeparateResponses { get; init; }

    /// <summary>What the device holds besides its profile.</summary>
    public DeviceBlueprint Blueprint { get; init; } = DeviceBlueprint.Empty;

    public IReadOnlyList<DeviceFault> Faults { get; init; } = [];

    /// <summary>Content format of answers and notifications where the gateway asks for none.</summary>
    public ushort Format { get; init; } = ContentFormats.Tlv;

    /// <summary>When the device reports of its own accord.</summary>
    public NotifyOptions Notify { get; init; } = Always;

    /// <summary>What it Sends of its own accord; null: nothing.</summary>
    public SendPlan? Sends { get; init; }

    /// <summary>Null: always awake.</summary>
    public QueueModeOptions? QueueMode { get; init; }

    public TimeSpan RebootTime { get; init; } = TimeSpan.FromSeconds(2);

    public TransmissionParameters Transmission { get; init; } = TransmissionParameters.Standard;
}
