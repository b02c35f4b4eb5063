using System.Net;
using System.Security.Cryptography.X509Certificates;

namespace Tools.Load;

/// <summary>Where the gateway's events come out, and how its topics are named.</summary>
sealed record MqttSettings
{
    public required DnsEndPoint Broker { get; init; }

    public string? Username { get; init; }

    public string? Password { get; init; }

    public bool Tls { get; init; }

    /// <summary>Authorities that the broker is checked against; null = those of the system.</summary>
    public X509Certificate2Collection? Authorities { get; init; }

    /// <summary>Prefix of a device's topics, as in the gateway's configuration.</summary>
    public string Mountpoint { get; init; } = "lwm2m/${endpoint_name}/";

    /// <summary>What is subscribed to behind the mountpoint.</summary>
    public string Events { get; init; } = "up/#";

    /// <summary>Where commands are published, behind the mountpoint.</summary>
    public string Commands { get; init; } = "dn/load";

    /// <summary>With 0 the broker may drop messages, and then so many are reported lost.</summary>
    public int QualityOfService { get; init; } = 1;
}
