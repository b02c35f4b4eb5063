namespace Contracts.Configuration;

/// <summary>EMQX's block <c>gateway.lwm2m</c>.</summary>
[Doc("The gateway itself, with EMQX's names and meanings.")]
public sealed record Lwm2mOptions
{
    [Doc("Open the listeners.")]
    [Live]
    public bool Enable { get; init; } = true;

    [Doc("Count the bytes and datagrams of each listener (`lwm2m_ingress_received_bytes_total` and its like, see metrics.md).")]
    public bool EnableStats { get; init; } = true;

    [Doc("How long a peer that never registered is remembered.")]
    [Range("1s", "1d")]
    public TimeSpan IdleTimeout { get; init; } = TimeSpan.FromSeconds(30);

    [Doc("Templates that replace what a device says of itself.")]
    [Key("clientinfo_override")]
    public ClientInfoOverride? ClientInfoOverride { get; init; }

    [Doc("Authenticator of all listeners that have none of their own.")]
    public AuthenticationOptions? Authentication { get; init; }

    [Doc("Folder of object definitions (XML). Where it does not exist the shipped one is taken, with a warning.")]
    [FilePath]
    [Live]
    public string XmlDir { get; init; } = "lwm2m_xml";

    [Doc("Shortest lifetime that a device can ask for.")]
    [Range("0s", "3650d")]
    [Live]
    public TimeSpan LifetimeMin { get; init; } = TimeSpan.FromSeconds(15);

    [Doc("Longest lifetime that a device can ask for; also what `lt=0` of LwM2M 1.0 means (later versions: `ingress.infinite_lifetime_max`).")]
    [Range("1s", "3650d")]
    [Live]
    public TimeSpan LifetimeMax { get; init; } = TimeSpan.FromSeconds(86400);

    [Doc("How long a device in queue mode is held to be awake after it was heard.")]
    [Unit(Unit.Seconds)]
    [Range("0s", "1d")]
    [Live]
    public TimeSpan QmodeTimeWindow { get; init; } = TimeSpan.FromSeconds(22);

    [Doc("What is observed when a device registers: `false`, "
        + "`true` (all that it lists, without objects 0, 1, 2, 4, 5, 6, 7, 9, 15) or the paths to observe where it lists them.")]
    [Live]
    public AutoObserve AutoObserve { get; init; } = AutoObserve.Off;

    [Doc("Which Updates become an event: all, or those with an object list.")]
    [Live]
    public UpdateMsgPublishCondition UpdateMsgPublishCondition { get; init; } = UpdateMsgPublishCondition.Always;

    [Doc("First part of every MQTT topic of a device. "
        + "Placeholders: `${clientid}`, `${username}`, `${endpoint_name}`, `${peerhost}`, `${zone}`, `${client_attrs.NAME}`; others stay as they are.")]
    public string Mountpoint { get; init; } = "lwm2m/${endpoint_name}/";

    [Doc("Topics of commands and of each kind of event.")]
    public TopicMappings Translators { get; init; } = new();

    [Doc("Older name of `blockwise.max_block_size`, which wins over it.")]
    [OneOf("16", "32", "64", "128", "256", "512", "1024")]
    public int? CoapMaxBlockSize { get; init; }

    [Doc("Block-wise transfer (RFC 7959).")]
    public BlockwiseOptions Blockwise { get; init; } = new();

    [Doc("Listeners by name.")]
    public ListenersOptions Listeners { get; init; } = new();
}
