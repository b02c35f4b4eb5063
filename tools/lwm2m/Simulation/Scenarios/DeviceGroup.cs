using Contracts.Configuration;

namespace Tools.Simulation.Scenarios;

/// <summary>Like devices: who they are, what they hold, when they speak, and what goes wrong.</summary>
[Doc("Like devices.")]
sealed record DeviceGroup
{
    [Doc("Number of devices.")]
    [Range("1", "1000000")]
    public int Count { get; init; } = 1;

    [Doc("Endpoint names: {group} stands for the name of the group, {n} for the number of the device from 1 on, {n:6} for six digits of it.")]
    public string Endpoint { get; init; } = "{group}-{n}";

    [Doc("What the devices are before values and signals are laid over it; \"bare\" has Server (1) and Device (3) only.")]
    public DeviceProfile Profile { get; init; } = DeviceProfile.Bare;

    [Doc("LwM2M version of the device.")]
    [OneOf("1.0", "1.1", "1.2")]
    public string Version { get; init; } = "1.0";

    [Doc("Lifetime of registrations.")]
    [Range("1s", "365d")]
    public TimeSpan Lifetime { get; init; } = TimeSpan.FromMinutes(5);

    [Doc("How long after the start of the run the first device of the group comes up.")]
    [Range("0s", "365d")]
    public TimeSpan Start { get; init; }

    [Doc("How often values move.")]
    [Range("10ms", "365d")]
    public TimeSpan Interval { get; init; } = TimeSpan.FromSeconds(5);

    [Doc("What resources hold, by path; objects and instances follow from the paths.")]
    [Pattern("/[0-9]{1,5}/[0-9]{1,5}/[0-9]{1,5}(/[0-9]{1,5})?")]
    public IReadOnlyDictionary<string, string> Values { get; init; } = new Dictionary<string, string>();

    [Doc("How values of resources move, by path.")]
    [Pattern("/[0-9]{1,5}/[0-9]{1,5}/[0-9]{1,5}(/[0-9]{1,5})?")]
    public IReadOnlyDictionary<string, SignalOptions> Signals { get; init; } = new Dictionary<string, SignalOptions>();

    [Doc("Content format where the gateway asks for none; text is for single resources, everything else goes as TLV then.")]
    public ReportFormat Format { get; init; } = ReportFormat.Tlv;

    [Doc("What is sent without being asked for, from LwM2M 1.1 on; without this section nothing is.")]
    public SendOptions? Send { get; init; }

    [Doc("When observed resources are reported, besides what the gateway's attributes (pmin, pmax, ...) ask for.")]
    public NotifyOptions Notify { get; init; } = new();

    [Doc("Queue mode: the device sleeps and cannot be reached; without this section it is always awake.")]
    public QueueModeOptions? QueueMode { get; init; }

    [Doc("The devices speak DTLS; without this section CoAP over UDP as it is.")]
    public DtlsOptions? Dtls { get; init; }

    [Doc("What the network does to datagrams.")]
    public NetworkOptions Network { get; init; } = new();

    [Doc("Faults of the devices.")]
    public IReadOnlyList<FaultOptions> Faults { get; init; } = [];

    [Doc("Acknowledge requests at once and answer in a message of its own, as slow devices do.")]
    public bool SeparateResponses { get; init; }

    [Doc("How long a reboot takes.")]
    [Range("0s", "1d")]
    public TimeSpan RebootTime { get; init; } = TimeSpan.FromSeconds(2);
}
