namespace Contracts.Configuration;

/// <summary>The MQTT broker that events go to and commands come from.</summary>
[Doc("MQTT: the broker that events go to and commands come from.")]
public sealed record MqttOptions
{
    [Doc("Broker as `mqtt://[user:password@]host[:port]` or `mqtts://...` (TLS). "
        + "Where it is given, Standalone uses it and starts no broker of its own.")]
    [Secret]
    public string Server { get; init; } = "mqtt://127.0.0.1:1883";

    [Doc("User name; wins over the one in `server`.")]
    public string? Username { get; init; }

    [Doc("Password; wins over the one in `server`.")]
    [Secret]
    public string? Password { get; init; }

    [Doc("First part of the client ids: `<client_id>-relay`, ... Absent: `kafka.topic_prefix`.")]
    public string? ClientId { get; init; }

    [Doc("Version of MQTT.")]
    [Key("version")]
    public MqttProtocolVersion ProtocolVersion { get; init; } = MqttProtocolVersion.V5;

    [Doc("Longest silence on a connection before a ping is sent.")]
    [Range("1s", "18h")]
    public TimeSpan KeepAlive { get; init; } = TimeSpan.FromSeconds(30);

    [Doc("PEM file of the certificate authorities that an `mqtts` broker is checked against. Absent: those of the system.")]
    [FilePath]
    public string? TlsCaFile { get; init; }

    [Doc("Address of Standalone's embedded broker.")]
    public BindAddress Listen { get; init; } = BindAddress.Loopback(1883);
}
