using System.Net;
using Contracts;
using Ingress.Capture;
using Ingress.Sockets;
using Messaging;
using Protocol.Coap;

namespace Pipeline.Tests.Ingress;

/// <summary>What is recorded of the datagrams of devices, for whom, and for how long.</summary>
public sealed class CaptureTests
{
    static readonly Peer Second = Peer.From(new IPEndPoint(IPAddress.Parse("192.0.2.2"), 5001), 0);
    static readonly Peer Third = Peer.From(new IPEndPoint(IPAddress.Parse("192.0.2.3"), 5001), 0);

    readonly GatewayUnderTest _gateway = new(records: true);

    Recorder Recorder => _gateway.Node.Recorder!;

    [Fact]
    public void Nothing_is_recorded_that_nobody_wants()
    {
        _gateway.Register();
        Recorder.Follow([CaptureWish.Off]);
        _gateway.Register("ep2", from: Second);
        Assert.False(Recorder.IsOn);
        Assert.Empty(Recorded());
    }

    [Fact]
    public void A_register_that_names_an_endpoint_and_its_answer_are_that_endpoints_and_so_is_what_follows()
    {
        Recorder.Follow(["meter-?"]);
        _gateway.Register("meter-1", from: Second);
        _gateway.Register("other", from: Third);
        _gateway.Receive(GatewayUnderTest.Response(CoapType.NonConfirmable, CoapCode.Content, 7, [1]), Second);
        _gateway.Receive(GatewayUnderTest.Response(CoapType.NonConfirmable, CoapCode.Content, 7, [1]), Third);

        var recorded = Recorded();
        Assert.Equal([CaptureDirection.Received, CaptureDirection.Transmitted, CaptureDirection.Received], recorded.Select(c => c.Direction));
        Assert.All(recorded, c => Assert.Equal(("meter-1", "udp:default", CaptureTransport.Udp, 1u, 1ul), (c.Endpoint, c.Listener, c.Transport, c.Schema, c.Epoch)));
        Assert.All(recorded, c => Assert.True(Peer.TryRead(c.Peer.Span, 0, out var peer) && peer.Equals(Second)));
        Assert.All(recorded, c => Assert.Equal(1_700_000_000_000_000_000ul, c.CapturedNs));
        Assert.Equal([1ul, 2, 3], recorded.Select(c => c.Sequence));
        Assert.Equal("2.01", GatewayUnderTest.CodeOf(recorded[1].Datagram.ToByteArray()));
    }

    [Fact]
    public void A_register_that_is_refused_is_recorded_with_its_answer()
    {
        Recorder.Follow(["meter-1"]);
        _gateway.Receive(_gateway.Request(CoapCode.Post, "rd", "ep=meter-1&lwm2m=7.0"));
        Assert.Equal(["0.02", "4.12"], Recorded().Select(c => GatewayUnderTest.CodeOf(c.Datagram.ToByteArray())));
    }

    [Theory]
    [InlineData("*", 0)]
    [InlineData("all", 2)]
    public void A_peer_without_a_session_is_recorded_with_all_only(string wanted, int count)
    {
        Recorder.Follow([wanted]);
        _gateway.Receive(_gateway.Request(CoapCode.Get, "nothing"));
        Assert.Equal(count, Recorded().Count);
    }

    [Fact]
    public void What_the_doors_keep_out_is_recorded_too()
    {
        Recorder.Follow([CaptureWish.All]);
        _gateway.Receive([0xFF, 0x00]);
        Assert.Equal("ff00", Convert.ToHexStringLower(Assert.Single(Recorded()).Datagram.Span));
    }

    [Fact]
    public void A_wish_ends_by_itself()
    {
        Wish(TimeSpan.FromMinutes(10), "ep*");
        _gateway.Register();
        Assert.Equal(2, Recorded().Count);

        _gateway.Time.Advance(TimeSpan.FromMinutes(10));
        _gateway.Register("ep2", from: Second);
        Assert.Empty(Recorded());
        Assert.False(Recorder.IsOn);
    }

    [Fact]
    public void A_wish_whose_time_is_over_when_it_is_read_is_none()
    {
        Wish(TimeSpan.Zero, "*");
        Assert.False(Recorder.IsOn);
        Recorder.Take(CaptureWish.Key, new EndpointWish { Endpoints = ["*"], UntilMs = long.MaxValue }.ToJson());
        Assert.True(Recorder.IsOn);
        Recorder.Take(CaptureWish.Key, new EndpointWish { Endpoints = ["*"], UntilMs = long.MinValue }.ToJson());
        Assert.False(Recorder.IsOn);
    }

    [Fact]
    public void A_wish_is_taken_back_and_what_is_configured_stays()
    {
        Recorder.Follow(["ep2"]);
        Wish(TimeSpan.FromMinutes(10), "ep1");
        Recorder.Take("subscriptions/x", null);
        Recorder.Take(CaptureWish.Key, "no JSON"u8.ToArray());
        _gateway.Register();
        Assert.Equal(2, Recorded().Count);

        Recorder.Take(CaptureWish.Key, null);
        _gateway.Register(from: Third);
        _gateway.Register("ep2", from: Second);
        Assert.All(Recorded(), c => Assert.Equal("ep2", c.Endpoint));
    }

    [Fact]
    public void What_finds_no_room_is_left_out_and_the_next_one_that_does_says_so()
    {
        Recorder.Follow([CaptureWish.All]);
        for (var i = 0; i < CaptureQueue.MostDatagrams + 3; i++)
            _gateway.Receive([0x00]);
        _gateway.Register();
        Assert.Equal(5, Recorder.Queue.Dropped);
        Assert.Equal(CaptureQueue.MostDatagrams, Recorded().Count);

        _gateway.Receive([0x01]);
        var next = Assert.Single(Recorded());
        Assert.Equal((5ul, CaptureQueue.MostDatagrams + 6ul), (next.Dropped, next.Sequence));
    }

    [Fact]
    public void Bytes_are_bounded_as_datagrams_are()
    {
        Recorder.Follow([CaptureWish.All]);
        var large = new byte[65_000];
        for (var i = 0; i < 300; i++)
            _gateway.Receive(large);
        Assert.Equal(CaptureQueue.MostBytes / large.Length, Recorded().Count);
        Assert.Equal(300 - (CaptureQueue.MostBytes / large.Length), Recorder.Queue.Dropped);
    }

    [Fact]
    public void Names_of_peers_that_register_are_bounded()
    {
        var names = new RegisteringPeers();
        var register = _gateway.Request(CoapCode.Post, "rd", "ep=x");
        for (var i = 0; i <= RegisteringPeers.Most; i++)
            names.Name(Peer.From(new IPEndPoint(IPAddress.Loopback, i + 1), 0), register, 0);
        Assert.Null(names.Find(Peer.From(new IPEndPoint(IPAddress.Loopback, 1), 0), 0));
        Assert.Equal("x", names.Find(Peer.From(new IPEndPoint(IPAddress.Loopback, 2), 0), 0));
        Assert.Null(names.Find(Peer.From(new IPEndPoint(IPAddress.Loopback, 2), 0), TransmissionParameters.Standard.ExchangeLifetime));
    }

    [Theory]
    [InlineData("127.0.0.1:5783", "127.0.0.1")]
    [InlineData("0.0.0.0:5783", "127.0.0.1")]
    [InlineData("[::]:5783", "127.0.0.1")]
    public void The_local_address_of_a_listener_on_all_is_that_of_the_route(string bound, string expected)
    {
        var addresses = new LocalAddresses(index => index == 0 ? IPEndPoint.Parse(bound) : null);
        Assert.Equal(expected + ":5783", addresses.Of(Peer.From(new IPEndPoint(IPAddress.Loopback, 9), 0))!.ToString());
        Assert.Null(addresses.Of(Peer.From(new IPEndPoint(IPAddress.Loopback, 9), 1)));
    }

    [Fact]
    public async Task A_producer_that_cannot_be_made_is_no_failure_of_the_gateway()
    {
        Recorder.Follow([CaptureWish.All]);
        var asked = 0;
        var writer = new CaptureWriter(Recorder.Queue, _gateway.Node.Topics, _gateway.Node.Listeners, new LocalAddresses(_ => null), Make, TimeProvider.System);
        writer.Start();
        _gateway.Register();
        _gateway.Receive([0x00]);
        await writer.DisposeAsync();
        Assert.Equal((3, 3), (asked, Recorder.Queue.Dropped));
        _gateway.Receive([0x00]);
        Assert.Equal(4, Recorder.Queue.Dropped);

        LogProducer Make()
        {
            asked++;
            throw new InvalidOperationException("no such library");
        }
    }

    void Wish(TimeSpan time, params string[] endpoints) => Recorder.Take(
        CaptureWish.Key, new EndpointWish { Endpoints = endpoints, UntilMs = _gateway.Time.GetUtcNow().Add(time).ToUnixTimeMilliseconds() }.ToJson());

    List<CapturedDatagram> Recorded()
    {
        var recorded = new List<CapturedDatagram>();
        while (Recorder.Queue.TryTake(out var captured))
            recorded.Add(captured!);
        return recorded;
    }
}
