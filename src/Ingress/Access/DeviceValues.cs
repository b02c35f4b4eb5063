using Contracts;

namespace Ingress.Access;

/// <summary>What placeholders stand for when a server is asked about a device.</summary>
sealed class DeviceValues(string endpoint, ClientIdentity client, string? password)
{
    public string Peerhost { get; init; } = client.Peerhost;

    /// <summary>Where a topic is asked about.</summary>
    public string? Topic { get; init; }

    /// <summary>"publish" or "subscribe".</summary>
    public string? Action { get; init; }

    public int Qos { get; init; }

    public string? Mountpoint { get; init; }

    /// <summary>Null for a name that is unknown or has no value.</summary>
    public string? Of(string name) => name switch
    {
        "password" => password,
        "peerhost" => Peerhost,
        "listener" => client.Listener,
        "proto_name" => "LwM2M",
        "mountpoint" => Mountpoint,
        "topic" => Topic,
        "action" => Action,
        "qos" => Action is null ? null : ((char)('0' + Qos)).ToString(),
        "retain" => Action is null ? null : "false",
        _ => client.ValueOf(name, endpoint),
    };
}
