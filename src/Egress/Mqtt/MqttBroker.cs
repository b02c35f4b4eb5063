using System.Security.Cryptography.X509Certificates;
using Contracts.Configuration;

namespace Egress.Mqtt;

/// <summary>Where the broker is and how to log in: <c>mqtt.*</c>, taken apart.</summary>
internal sealed record MqttBroker
{
    public required string Host { get; init; }
    public required int Port { get; init; }
    public bool Tls { get; init; }
    public string? Username { get; init; }
    public string? Password { get; init; }
    public MqttProtocolVersion Version { get; init; } = MqttProtocolVersion.V5;
    public TimeSpan KeepAlive { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Authorities that the broker is checked against; null = those of the system.</summary>
    public X509Certificate2Collection? Authorities { get; init; }

    /// <exception cref="FormatException"><c>mqtt.server</c> is not a URL with a host.</exception>
    public static MqttBroker From(MqttOptions options)
    {
        if (!Uri.TryCreate(options.Server, UriKind.Absolute, out var url) || url.Host.Length == 0)
        {
            throw new FormatException("mqtt.server is not mqtt://[user:password@]host[:port] or mqtts://...");
        }

        var tls = url.Scheme == "mqtts";
        var user = url.UserInfo.Split(':', 2);
        return new MqttBroker
        {
            Host = url.DnsSafeHost,
            Port = url.Port > 0 ? url.Port : tls ? 8883 : 1883,
            Tls = tls,
            Username = options.Username ?? (user[0].Length > 0 ? Uri.UnescapeDataString(user[0]) : null),
            Password = options.Password ?? (user.Length > 1 ? Uri.UnescapeDataString(user[1]) : null),
            Version = options.ProtocolVersion,
            KeepAlive = options.KeepAlive,
            Authorities = tls && options.TlsCaFile is { } file ? Load(file) : null,
        };
    }

    public override string ToString() => $"{(Tls ? "mqtts" : "mqtt")}://{Host}:{Port}";

    private static X509Certificate2Collection Load(string file)
    {
        var authorities = new X509Certificate2Collection();
        authorities.ImportFromPemFile(file);
        return authorities;
    }
}
