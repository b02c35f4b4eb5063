using System.Diagnostics.Metrics;
using System.Net;
using System.Net.Sockets;
using Contracts.Configuration;
using Ingress;
using Ingress.Forwarding;
using Ingress.Sockets;
using Microsoft.Extensions.DependencyInjection;
using Pipeline.Tests.Dtls;

namespace Pipeline.Tests.Ingress.Security;

/// <summary>A device whose session one replica has, and whose datagrams come to another one.</summary>
public sealed class ForwardingTests : IDisposable
{
    static readonly IMeterFactory Meters = new ServiceCollection().AddMetrics().BuildServiceProvider().GetRequiredService<IMeterFactory>();

    static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    readonly string _file = Path.GetTempFileName();
    readonly ForwardingReplica _owner;
    readonly ForwardingReplica _other;
    readonly List<UdpClient> _sockets = [];

    public ForwardingTests()
    {
        File.WriteAllText(_file, """[{"endpoint": "dev-1", "psk": "01"}]""");
        _owner = new ForwardingReplica(0, "a secret", _file);
        _other = new ForwardingReplica(1, "a secret", _file);
        _owner.Forwarder.DoorOf = slot => slot == 1 ? DoorOf(_other) : null;
        _other.Forwarder.DoorOf = slot => slot == 0 ? DoorOf(_owner) : null;
    }

    public void Dispose()
    {
        _sockets.ForEach(s => s.Dispose());
        _owner.Dispose();
        _other.Dispose();
        File.Delete(_file);
    }

    [Fact]
    public async Task Device_is_answered_by_the_replica_that_it_speaks_to_and_moves_with_what_it_says()
    {
        var device = await ConnectedAsync();
        device.Say("one");
        Assert.Equal("echo one", device.Hear());

        // The socket is connected: it takes nothing from anybody but the replica that it speaks to.
        var there = Carry(device, _other);
        device.Say("two");
        Assert.Equal("echo two", device.Hear());
        Assert.Equal(there, _owner.Last.ToEndPoint());
        Assert.Equal(0, _owner.Last.Listener);
        // Downlink goes the same way.
        _owner.Say("by the way"u8);
        Assert.Equal("by the way", device.Hear());

        // From the same socket directly, as behind a load balancer that balances anew: the address is the same, the way is not.
        _sockets[^1].Connect(_owner.Secure);
        device.Say("three");
        Assert.Equal("echo three", device.Hear());
        Assert.Equal([there, there], _owner.Moves.Select(m => m.To.ToEndPoint()));

        Assert.Equal((1, 1, 2, 2), (_other.Count("forwarded out"), _owner.Count("forwarded in"), _owner.Count("forwarded_answers out"), _other.Count("forwarded_answers in")));
        Assert.Equal((2, 0), (_owner.Count("dtls_moves"), _other.Count("dtls_moves")));
        Assert.Equal(1, _owner.Count("dtls_handshakes established TLS_PSK_WITH_AES_128_CCM_8"));
        Assert.Equal(0, _other.Count("dtls_dropped other_slot"));
    }

    [Fact]
    public async Task Where_the_owner_does_not_live_a_record_is_dropped_as_before()
    {
        var device = await ConnectedAsync();
        _other.Forwarder.DoorOf = _ => null;
        Carry(device, _other);
        device.Say("anybody?");
        Await(() => _other.Count("dtls_dropped other_slot") == 1);
        Assert.Equal((0, 0), (_other.Count("forwarded out"), _owner.Count("forwarded in")));
    }

    [Fact]
    public async Task Where_the_receiver_has_died_the_next_word_of_the_device_finds_another_way()
    {
        var device = await ConnectedAsync();
        Carry(device, _other);
        device.Say("one");
        Assert.Equal("echo one", device.Hear());
        _owner.Forwarder.DoorOf = _ => null;
        _owner.Say("lost on the way"u8);
        Await(() => _owner.Count("forward_dropped no_receiver") == 1);
        Carry(device, _owner);
        device.Say("two");
        Assert.Equal("echo two", device.Hear());
    }

    [Fact]
    public async Task Nobody_else_speaks_for_a_device_or_makes_a_replica_send()
    {
        var device = await ConnectedAsync();
        Carry(device, _other);
        device.Say("one");
        Assert.Equal("echo one", device.Hear());
        using var stranger = new UdpClient(new IPEndPoint(IPAddress.Loopback, 0));
        var record = device.Sent.Last();
        var victim = Peer.From((IPEndPoint)stranger.Client.LocalEndPoint!, 0);
        stranger.Send(ForwardFrameTests.Frame("a guess", ForwardKind.Uplink, 1, 0, victim, "dtls:secure", record), _owner.Forwarder.Announced);
        stranger.Send(ForwardFrameTests.Frame("a guess", ForwardKind.Answer, 1, 0, victim, "dtls:secure", record), _owner.Forwarder.Announced);
        stranger.Send([1, 2, 3], _owner.Forwarder.Announced);
        Await(() => _owner.Count("forward_dropped bad_mac") == 2 && _owner.Count("forward_dropped malformed") == 1);
        Assert.Equal(0, stranger.Available);
        Assert.Equal(1, _owner.Count("forwarded in"));
    }

    [Fact]
    public async Task What_was_handed_on_is_not_handed_on_again()
    {
        var device = await ConnectedAsync();
        device.Say("one");
        Assert.Equal("echo one", device.Hear());
        using var replica = new UdpClient(new IPEndPoint(IPAddress.Loopback, 0));
        var record = device.Sent.Last();
        var somewhere = Peer.From(new IPEndPoint(IPAddress.Loopback, 9), 0);
        // The replica that it comes to has not got that session, and could reach the one that has.
        replica.Send(ForwardFrameTests.Frame("a secret", ForwardKind.Uplink, 2, 1, somewhere, "dtls:secure", record), _other.Forwarder.Announced);
        Await(() => _other.Count("dtls_dropped other_slot") == 1);
        Assert.Equal(0, _other.Count("forwarded out"));
        // For another slot; by itself; for a listener that is not there.
        replica.Send(ForwardFrameTests.Frame("a secret", ForwardKind.Uplink, 2, 0, somewhere, "dtls:secure", record), _other.Forwarder.Announced);
        replica.Send(ForwardFrameTests.Frame("a secret", ForwardKind.Uplink, 1, 1, somewhere, "dtls:secure", record), _other.Forwarder.Announced);
        replica.Send(ForwardFrameTests.Frame("a secret", ForwardKind.Uplink, 2, 1, somewhere, "udp:default", record), _other.Forwarder.Announced);
        Await(() => _other.Count("forward_dropped other_slot") == 2 && _other.Count("forward_dropped no_listener") == 1);
        // A copy of what was heard already says nothing, and moves nobody.
        replica.Send(ForwardFrameTests.Frame("a secret", ForwardKind.Uplink, 1, 0, somewhere, "dtls:secure", record), _owner.Forwarder.Announced);
        Await(() => _owner.Count("dtls_dropped discarded") == 1);
        device.Say("two");
        Assert.Equal("echo two", device.Hear());
        Assert.Empty(_owner.Moves);
    }

    [Theory]
    [InlineData("127.0.0.1", 0, null, 0, null, "127.0.0.1", true)]
    [InlineData(null, 0, null, 0, "10.1.2.3", "10.1.2.3", true)]
    [InlineData("127.0.0.1", 0, "192.0.2.1", 5000, "10.1.2.3", "192.0.2.1", false)]
    [InlineData("127.0.0.1", 0, "192.0.2.1", 0, null, "192.0.2.1", true)]
    [InlineData("0.0.0.0", 0, null, 5000, "10.1.2.3", "10.1.2.3", false)]
    [InlineData(null, 0, null, 0, "bogus", null, true)]
    [InlineData("0.0.0.0", 0, null, 0, null, null, true)]
    public void It_says_where_others_reach_it(string? bind, int port, string? advertise, int advertisedPort, string? pod, string? expected, bool hasOwnPort)
    {
        var options = new ForwardOptions
        {
            Bind = new BindAddress(bind is null ? null : IPAddress.Parse(bind), port),
            Advertise = advertise is null && advertisedPort == 0 ? null : new BindAddress(advertise is null ? null : IPAddress.Parse(advertise), advertisedPort),
        };
        if (expected is null)
        {
            Assert.Contains("ingress.forward.advertise", Assert.Throws<IOException>(() => Open(options, pod)).Message, StringComparison.Ordinal);
            return;
        }

        using var forwarder = Open(options, pod);
        Assert.Equal(expected, forwarder.Announced.Address.ToString());
        Assert.Equal(hasOwnPort, forwarder.Announced.Port != 5000);
        Assert.NotEqual(0, forwarder.Announced.Port);
    }

    [Fact]
    public void A_port_that_is_taken_is_said()
    {
        var taken = new BindAddress(IPAddress.Loopback, _owner.Forwarder.Announced.Port);
        Assert.Contains("ingress.forward.bind", Assert.Throws<IOException>(() => Open(new ForwardOptions { Bind = taken }, null)).Message, StringComparison.Ordinal);
    }

    static Forwarder Open(ForwardOptions options, string? pod) => new(options, "k", 0, new IngressTelemetry(Meters), pod);

    static Peer? DoorOf(ForwardingReplica replica) => Peer.From(replica.Forwarder.Announced, 0);

    async Task<DtlsClient> ConnectedAsync()
    {
        var device = new DtlsClient(_ => { }, "dev-1", [1]) { OffersId = true };
        Carry(device, _owner);
        await device.ConnectAsync();
        // The device hears of it first, and would be too early on another way.
        Await(() => _owner.Count("dtls_handshakes established TLS_PSK_WITH_AES_128_CCM_8") == 1);
        return device;
    }

    // Another socket; what it says comes to that replica.
    IPEndPoint Carry(DtlsClient device, ForwardingReplica to)
    {
        var socket = new UdpClient(new IPEndPoint(IPAddress.Loopback, 0));
        _sockets.Add(socket);
        socket.Connect(to.Secure);
        device.Network = datagram => socket.Send(datagram);
        _ = Task.Run(async () =>
        {
            while (true)
                device.Deliver((await socket.ReceiveAsync()).Buffer);
        });
        return (IPEndPoint)socket.Client.LocalEndPoint!;
    }

    static void Await(Func<bool> holds) => Assert.True(SpinWait.SpinUntil(holds, Patience));
}
