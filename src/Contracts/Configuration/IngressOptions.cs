namespace Contracts.Configuration;

/// <summary>What only Ingress needs.</summary>
[Doc("Ingress: sockets and sessions.")]
public sealed record IngressOptions
{
    [Doc("Slot of this replica, below `kafka.slots`, different for each. Absent: the number at the end of `POD_NAME`, else 0.")]
    [Range("0", "4095")]
    public int? Slot { get; init; }

    [Doc("Secret that registration ids and tokens are checked with, one for all replicas. "
        + "Absent: a fixed key that everybody knows, with a warning.")]
    [Secret]
    public string? TokenKey { get; init; }

    [Doc("Most sessions of one replica; a Register beyond them is answered 5.03.")]
    [Range("1", "10000000")]
    public int MaxSessions { get; init; } = 200_000;

    [Doc("Most commands that wait for one device; further ones end with `queue full`.")]
    [Range("1", "100000")]
    public int MaxQueuedCommands { get; init; } = 100;

    [Doc("Longest time for which a device of LwM2M 1.1 or later that asks for no expiry (`lt=0`) stays registered without being heard.")]
    [Range("1h", "3650d")]
    [Live]
    public TimeSpan InfiniteLifetimeMax { get; init; } = TimeSpan.FromDays(365);

    [Doc("Give out `/rd/ENDPOINT` as location, as EMQX does, instead of one that nobody can guess, "
        + "and accept it from the address that the device was heard from last.")]
    [Live]
    public bool LegacyLocation { get; init; }

    [Doc("Follow a device to another address when a notification with the right token comes from there, without DTLS. "
        + "Whoever can read the traffic can then take its place. With `legacy_location`, follow an Update to `/rd/ENDPOINT` too.")]
    [Live]
    public bool Roaming { get; init; }

    [Doc("Threads that receive datagrams, per listener. 0: half of the cores, at least one.")]
    [Range("0", "256")]
    public int ReceiveThreads { get; init; }

    [Doc("Record datagrams, in both directions, on the topic `capture`: `off`, `all`, or a list of endpoint names with `*` and `?`. "
        + "Peers without a session are recorded with `all` only; a Register that names an endpoint is that endpoint's.")]
    [Live]
    public IReadOnlyList<string> Capture { get; init; } = [];

    [Doc("Save DTLS sessions on the topic `dtls`, encrypted with `credentials.keys`, so that the next process of this slot goes on with them, without handshakes: "
        + "those with a connection id and an AEAD cipher suite. Not on the embedded broker.")]
    public bool SaveDtlsSessions { get; init; }

    public ForwardOptions Forward { get; init; } = new();
}
