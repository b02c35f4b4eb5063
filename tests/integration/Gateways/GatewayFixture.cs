using System.Net;
using System.Net.Sockets;
using Contracts;

namespace Pipeline.IntegrationTests.Gateways;

/// <summary>A gateway that runs, in one of its forms, as the tests of a collection share it.</summary>
public abstract class GatewayFixture : IAsyncLifetime
{
    /// <summary>Why it cannot run here; null = it runs.</summary>
    public string? Missing { get; protected set; }

    internal IPEndPoint Coap { get; private protected set; } = new(IPAddress.None, 0);

    /// <summary>A listener whose mountpoint is <c>named/${username}/${clientid}/</c>.</summary>
    internal IPEndPoint NamedCoap { get; private protected set; } = new(IPAddress.None, 0);

    /// <summary>Null where the machine has no IPv6.</summary>
    internal IPEndPoint? Coap6 { get; private protected set; }

    internal Applications Applications { get; private protected set; } = null!;

    internal string KafkaServers { get; private protected set; } = "";

    internal Topics Topics { get; private protected set; } = new("lwm2m");

    /// <summary>What it has said; for those who look into a failure.</summary>
    internal abstract string Log { get; }

    private protected static bool HasIPv6
    {
        get
        {
            try
            {
                using var socket = new Socket(AddressFamily.InterNetworkV6, SocketType.Dgram, ProtocolType.Udp);
                socket.Bind(new IPEndPoint(IPAddress.IPv6Loopback, 0));
                return true;
            }
            catch (SocketException)
            {
                return false;
            }
        }
    }

    public abstract ValueTask InitializeAsync();

    public virtual async ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        if (Applications is not null)
            await Applications.DisposeAsync();
    }

    /// <summary>The configuration that both forms of the gateway share: a block as of EMQX.</summary>
    private protected static string Block(string udp, string udp6, string named) => $$"""
        gateway.lwm2m {
          lifetime_min = 1s
          auto_observe = ["/3303/0", "/3303/1/5700"]
          mountpoint = "lwm2m/${endpoint_name}/"
          translators {
            command { topic = "dn/#", qos = 1 }
            response { topic = "up/resp", qos = 0 }
            notify { topic = "up/notify", qos = 0 }
            register { topic = "up/register", qos = 0 }
            update { topic = "up/update", qos = 0 }
          }
          listeners.udp.default { bind = "{{udp}}" }
          listeners.udp.named { bind = "{{named}}", mountpoint = "named/${username}/${clientid}/" }
          {{(HasIPv6 ? $$"""listeners.udp.six { bind = "{{udp6}}" }""" : "")}}
        }
        """;
}
