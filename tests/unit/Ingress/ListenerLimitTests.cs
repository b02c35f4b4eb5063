using System.Net;
using System.Text;
using Contracts.Configuration;
using Ingress.Sockets;
using Messaging;
using Protocol.Coap;

namespace Pipeline.Tests.Ingress;

/// <summary>Access rules, health check, limits of connections and of their rate, and what is remembered of strangers.</summary>
public sealed class ListenerLimitTests
{
    static readonly Peer Office = From("10.1.2.3");
    static readonly Peer Street = From("198.51.100.7");

    [Fact]
    public void The_first_rule_that_matches_decides_before_anything_else()
    {
        var gateway = Gateway(new UdpListenerOptions { Bind = BindAddress.Any(0), AccessRules = Rules("deny 10.1.2.4", "allow 10.0.0.0/8", "allow 2001:db8::/32", "deny all") });
        gateway.Receive([0x40, 0x00, 0x12, 0x34], Street);
        gateway.Receive([0x40, 0x00, 0x12, 0x34], From("10.1.2.4"));
        gateway.Receive([0x40, 0x00, 0x12, 0x34], From("2001:db9::1"));
        Assert.Empty(gateway.Sent);
        gateway.Receive([0x40, 0x00, 0x12, 0x34], Office);
        gateway.Receive([0x40, 0x00, 0x12, 0x34], From("2001:db8:7::1"));
        Assert.Equal(["70001234", "70001234"], [gateway.NextHex(), gateway.NextHex()]);
        // The other listener has no rules.
        gateway.Receive([0x40, 0x00, 0x12, 0x34], From("198.51.100.7", listener: 1));
        Assert.Equal("70001234", gateway.NextHex());
    }

    [Fact]
    public void Rules_of_IPv4_and_IPv6_do_not_mix()
    {
        var gateway = Gateway(new UdpListenerOptions { Bind = BindAddress.Any(0), AccessRules = Rules("deny ::/0", "allow 0.0.0.0/0") });
        gateway.Receive([0x40, 0x00, 0x12, 0x34], From("2001:db8::1"));
        Assert.Empty(gateway.Sent);
        gateway.Receive([0x40, 0x00, 0x12, 0x34], Office);
        Assert.Equal("70001234", gateway.NextHex());
        gateway = Gateway(new UdpListenerOptions { Bind = BindAddress.Any(0), AccessRules = Rules("deny 0.0.0.0/0") });
        gateway.Receive([0x40, 0x00, 0x12, 0x34], Office);
        Assert.Empty(gateway.Sent);
        gateway.Receive([0x40, 0x00, 0x12, 0x34], From("2001:db8::1"));
        Assert.Equal("70001234", gateway.NextHex());
    }

    [Fact]
    public void Health_check_is_answered_without_parsing_or_session_and_only_to_whom_the_rules_allow()
    {
        var gateway = Gateway(new UdpListenerOptions
        {
            Bind = BindAddress.Any(0), AccessRules = Rules("deny 10.0.0.0/8"), HealthCheck = new HealthCheckOptions { Request = "ping", Reply = "pong" },
        });
        gateway.Receive("ping"u8.ToArray(), Office);
        gateway.Receive("pin"u8.ToArray(), Street);
        Assert.Empty(gateway.Sent);
        gateway.Receive("ping"u8.ToArray(), Street);
        Assert.Equal("pong", Encoding.UTF8.GetString(gateway.Next()));
        Assert.Equal(0, gateway.Node.Sessions.Count);
    }

    [Fact]
    public void A_Register_beyond_max_connections_is_sent_away_until_somebody_leaves()
    {
        var gateway = Gateway(new UdpListenerOptions { Bind = BindAddress.Any(0), MaxConnections = 2 });
        var first = gateway.Register("ep1", from: Port(1));
        // The second is being written: it counts already.
        gateway.Receive(gateway.Request(CoapCode.Post, "rd", "ep=ep2&lt=300"), Port(2));
        gateway.Receive(gateway.Request(CoapCode.Post, "rd", "ep=ep3&lt=300"), Port(3));
        AssertSentAway(gateway.Next());
        gateway.Log.Settle();
        GatewayUnderTest.LocationOf(gateway.Next());
        gateway.Receive(gateway.Request(CoapCode.Post, "rd", "ep=ep3&lt=300"), Port(3));
        AssertSentAway(gateway.Next());

        // Who is registered may go on, also from another port, and the other listener has its own count.
        gateway.Receive(gateway.Request(CoapCode.Post, "rd/" + first, "lt=300"), Port(9));
        gateway.Log.Settle();
        Assert.Equal("2.04", GatewayUnderTest.CodeOf(gateway.Next()));
        gateway.Register("ep1", from: Port(10));
        gateway.Register("ep4", from: From("192.0.2.1", listener: 1));

        gateway.Receive(gateway.Request(CoapCode.Delete, "rd/" + gateway.Log.Registrations.Last(r => r.Endpoint == "ep1").RegistrationId), Port(10));
        gateway.Log.Settle();
        Assert.Equal("2.02", GatewayUnderTest.CodeOf(gateway.Next()));
        gateway.Register("ep3", from: Port(3));
    }

    [Fact]
    public void What_Kafka_did_not_take_holds_no_place()
    {
        var gateway = Gateway(new UdpListenerOptions { Bind = BindAddress.Any(0), MaxConnections = 1 });
        gateway.Log.Status = AppendStatus.QueueFull;
        gateway.Receive(gateway.Request(CoapCode.Post, "rd", "ep=ep1&lt=300"), Port(1));
        AssertSentAway(gateway.Next());
        gateway.Log.Status = AppendStatus.Handed;
        gateway.Register("ep2", from: Port(2));
    }

    [Fact]
    public void New_peers_come_at_a_rate_and_known_ones_are_never_held_up()
    {
        var gateway = Gateway(new UdpListenerOptions { Bind = BindAddress.Any(0), MaxConnRate = 2 });
        var id = gateway.Register("ep1", from: Port(1));
        gateway.Receive([0x40, 0x00, 0x12, 0x34], Port(2));
        Assert.Equal("70001234", gateway.NextHex());

        // The second's worth is used up: a request is told to come again, a ping gets nothing.
        gateway.Receive(gateway.Request(CoapCode.Post, "rd", "ep=ep3&lt=300"), Port(3));
        AssertSentAway(gateway.Next());
        gateway.Receive([0x40, 0x00, 0x12, 0x34], Port(4));
        Assert.Empty(gateway.Sent);

        // A stranger that was met, and a registered device.
        gateway.Receive([0x40, 0x00, 0x12, 0x35], Port(2));
        Assert.Equal("70001235", gateway.NextHex());
        for (var i = 0; i < 10; i++)
        {
            gateway.Receive(gateway.Request(CoapCode.Post, "rd/" + id, "lt=300"), Port(1));
            gateway.Log.Settle();
            Assert.Equal("2.04", GatewayUnderTest.CodeOf(gateway.Next()));
        }

        gateway.Advance(TimeSpan.FromMilliseconds(500));
        gateway.Register("ep3", from: Port(3));
        gateway.Receive([0x40, 0x00, 0x12, 0x34], Port(4));
        Assert.Empty(gateway.Sent);
    }

    [Fact]
    public void Strangers_are_forgotten_after_the_idle_timeout()
    {
        var gateway = Gateway(new UdpListenerOptions { Bind = BindAddress.Any(0), MaxConnRate = 1000 }, TimeSpan.FromSeconds(10));
        for (var port = 1; port <= 500; port++)
            gateway.Receive(gateway.Request(CoapCode.Post, "nowhere"), Port(port));
        Assert.Equal(500, gateway.Levels.Newcomers);
        gateway.Advance(TimeSpan.FromSeconds(4));
        Assert.Equal(500, gateway.Levels.Newcomers);
        gateway.Advance(TimeSpan.FromSeconds(6.5));
        Assert.Equal(0, gateway.Levels.Newcomers);
    }

    [Fact]
    public void A_flood_of_strangers_takes_nothing_from_what_is_known_of_registered_devices()
    {
        var gateway = Gateway(new UdpListenerOptions { Bind = BindAddress.Any(0) });
        var id = gateway.Register("ep1");
        var update = gateway.Request(CoapCode.Post, "rd/" + id, "lt=300");
        gateway.Receive(update);
        gateway.Log.Settle();
        var answer = gateway.NextHex();
        var ping = gateway.Request(CoapCode.Post, "nowhere");
        for (var i = 0; i < 100_000; i++)
        {
            gateway.Receive(ping, From("198.51.100.7", 1 + (i % 60_000), i / 60_000));
            gateway.Sent.Clear();
        }

        Assert.InRange(gateway.Levels.Messages, 0, 70_000);
        gateway.Receive(update);
        Assert.Equal(answer, gateway.NextHex());
    }

    [Fact]
    public void Limits_follow_a_changed_configuration()
    {
        var gateway = Gateway(new UdpListenerOptions { Bind = BindAddress.Any(0), AccessRules = Rules("deny all"), MaxConnections = 1 });
        gateway.Receive([0x40, 0x00, 0x12, 0x34], Office);
        Assert.Empty(gateway.Sent);
        gateway.Configuration = With(new UdpListenerOptions { Bind = BindAddress.Any(0), MaxConnections = 2 });
        gateway.Register("ep1", from: Port(1));
        gateway.Register("ep2", from: Port(2));
        gateway.Receive(gateway.Request(CoapCode.Post, "rd", "ep=ep3&lt=300"), Port(3));
        AssertSentAway(gateway.Next());
    }

    static void AssertSentAway(byte[] answer)
    {
        CoapFrame.TryParse(answer, out var frame);
        Assert.Equal("5.03", frame.Code.Dotted);
        Assert.Equal(1, frame.Values(CoapOptionNumber.MaxAge).Count());
    }

    static GatewayUnderTest Gateway(UdpListenerOptions first, TimeSpan? idle = null) => new(configuration: With(first, idle));

    static GatewayConfiguration With(UdpListenerOptions first, TimeSpan? idle = null) => new()
    {
        Lwm2m = new Lwm2mOptions
        {
            IdleTimeout = idle ?? TimeSpan.FromSeconds(30),
            Listeners = new ListenersOptions
            {
                Udp = new Dictionary<string, UdpListenerOptions> { ["default"] = first, ["second"] = new() { Bind = BindAddress.Any(0) } },
            },
        },
    };

    static AccessRule[] Rules(params string[] rules) => [.. rules.Select(r => AccessRule.TryParse(r, out var rule) ? rule! : throw new FormatException(r))];

    static Peer Port(int port) => From("192.0.2.1", port);

    static Peer From(string address, int port = 5001, int listener = 0) => Peer.From(new IPEndPoint(IPAddress.Parse(address), port), listener);
}
