using System.Net;
using Contracts;
using Ingress.Sockets;
using Protocol.Coap;

namespace Pipeline.Tests.Ingress;

/// <summary>Devices that move: other ports, other addresses, other listeners.</summary>
public sealed class AddressTests
{
    static readonly Peer SecondListener = Peer.From(new IPEndPoint(IPAddress.Parse("2001:db8::2"), 5002), 1);
    static readonly Peer Secured = Peer.From(new IPEndPoint(IPAddress.Parse("192.0.2.9"), 5009), 2);

    readonly GatewayUnderTest _gateway = new();

    void Allow(bool roaming = false, bool legacyLocation = false) =>
        _gateway.Configuration = _gateway.Configuration with { Ingress = new() { Roaming = roaming, LegacyLocation = legacyLocation } };

    byte[] Observe()
    {
        _gateway.Operate(_gateway.Operation(OperationKind.Observe, "/3/0"));
        _gateway.Log.Settle();
        var token = _gateway.AnswerNext("/3/0", CoapCode.Content, observe: 5, payload: [1]);
        _gateway.Log.Settle();
        return token;
    }

    static byte[] Notification(byte[] token, ushort id = 0x7001) => GatewayUnderTest.Response(CoapType.Confirmable, CoapCode.Content, id, token, observe: 6, payload: [2]);

    [Fact]
    public void An_Update_from_IPv6_at_another_listener_moves_the_session_and_keeps_who_the_device_is()
    {
        var id = _gateway.Register(query: "&lt=300&b=UQ");
        _gateway.Receive(_gateway.Request(CoapCode.Post, "rd/" + id), SecondListener);
        _gateway.Log.Settle();
        Assert.Equal((SecondListener, "2.04"), (_gateway.Sent.Peek().Peer, GatewayUnderTest.CodeOf(_gateway.Next())));
        var registration = _gateway.Log.Registrations.Last();
        Assert.Equal(("[2001:db8::2]:5002", "udp:default", "192.0.2.1"), (registration.Peer, registration.Client.Listener, registration.Client.Peerhost));

        _gateway.Operate(_gateway.Operation(OperationKind.Read, "/3/0"));
        Assert.Equal(SecondListener, _gateway.Sent.Peek().Peer);
        // The old address is nobody any more: it neither answers for the device nor wakes it.
        var request = _gateway.NextRequest();
        _gateway.Receive(GatewayUnderTest.Response(CoapType.Acknowledgement, CoapCode.Content, request.Id, request.Token, payload: [1]));
        Assert.DoesNotContain(_gateway.Log.Uplink, e => e.Kind == EventKind.Outcome);
        _gateway.Receive(GatewayUnderTest.Response(CoapType.Acknowledgement, CoapCode.Content, request.Id, request.Token, payload: [2]), SecondListener);
        _gateway.Log.Settle();
        Assert.Equal([2], _gateway.Log.Uplink.Last().Payload.ToByteArray());

        var restarted = _gateway.Successor();
        Assert.Equal(SecondListener, restarted.Node.Sessions.ByEndpoint("ep1")!.Peer);
    }

    [Fact]
    public void A_ping_from_the_old_address_does_not_keep_the_registration_alive()
    {
        var id = _gateway.Register(query: "&lt=60");
        _gateway.Receive(_gateway.Request(CoapCode.Post, "rd/" + id), SecondListener);
        _gateway.Log.Settle();
        _gateway.Advance(TimeSpan.FromSeconds(50));
        _gateway.Receive(Convert.FromHexString("40000001"));
        _gateway.Advance(TimeSpan.FromSeconds(11));
        _gateway.Log.Settle();
        Assert.Equal(EventKind.Expired, _gateway.Log.Uplink.Last().Kind);
    }

    [Fact]
    public void A_notification_from_elsewhere_is_followed_where_that_is_allowed()
    {
        Allow(roaming: true);
        _gateway.Register();
        var token = Observe();
        _gateway.Receive(Notification(token), SecondListener);
        Assert.Empty(_gateway.Sent);
        _gateway.Log.Settle();
        Assert.Equal((SecondListener, "60007001"), (_gateway.Sent.Peek().Peer, _gateway.NextHex()));
        var happened = Assert.Single(_gateway.Log.Uplink, e => e.Kind == EventKind.Notified);
        Assert.Equal("[2001:db8::2]:5002", happened.Peer);
        Assert.Equal("[2001:db8::2]:5002", _gateway.Log.Registrations.Last().Peer);
        _gateway.Operate(_gateway.Operation(OperationKind.Read, "/3/0", "r"));
        Assert.Equal(SecondListener, _gateway.Sent.Dequeue().Peer);

        // And back: whoever has the token is followed.
        _gateway.Receive(Notification(token, 0x7002));
        _gateway.Log.Settle();
        Assert.Equal((GatewayUnderTest.Device, "60007002"), (_gateway.Sent.Peek().Peer, _gateway.NextHex()));
    }

    [Fact]
    public void A_notification_from_elsewhere_gets_silence_where_following_is_not_allowed_or_there_is_security()
    {
        _gateway.Register();
        var token = Observe();
        _gateway.Receive(Notification(token), SecondListener);
        Allow(roaming: true);
        _gateway.Receive(Notification(token), Secured);
        _gateway.Log.Settle();
        Assert.Empty(_gateway.Sent);
        Assert.DoesNotContain(_gateway.Log.Uplink, e => e.Kind == EventKind.Notified);
        Assert.Equal("192.0.2.1:5001", _gateway.Log.Registrations.Last().Peer);
    }

    [Fact]
    public void Another_replica_that_hears_the_moved_device_follows_and_adopts_in_one()
    {
        Allow(roaming: true);
        _gateway.Register();
        var token = Observe();
        var other = _gateway.Successor(slot: 1);
        other.Receive(Notification(token), SecondListener);
        other.Log.Settle();
        Assert.Equal("60007001", other.NextHex());
        Assert.Equal((1, "[2001:db8::2]:5002"), (other.Log.Registrations.Last().Slot, other.Log.Registrations.Last().Peer));
    }

    [Fact]
    public void Following_that_loses_the_race_is_decided_again()
    {
        Allow(roaming: true);
        var id = _gateway.Register();
        var token = Observe();
        var log = new MemoryLog();
        log.Entries.AddRange(_gateway.Log.Entries);
        var other = _gateway.Successor(slot: 1, log: log);
        other.Receive(other.Request(CoapCode.Post, "rd/" + id), SecondListener);
        log.Settle();
        var theirs = log.Entries.Last(e => e.Topic == "t.sessions");

        _gateway.Receive(Notification(token), SecondListener);
        _gateway.Log.Put(theirs);
        _gateway.Log.Settle();
        Assert.Equal("60007001", _gateway.NextHex());
        Assert.Equal(0, _gateway.Node.Sessions.ByEndpoint("ep1")!.Slot);
        Assert.Single(_gateway.Log.Uplink, e => e.Kind == EventKind.Notified);
    }

    [Fact]
    public void With_legacy_location_the_endpoint_is_the_location_as_with_EMQX()
    {
        Allow(legacyLocation: true);
        Assert.Equal("ep1", _gateway.Register());
        _gateway.Receive(_gateway.Request(CoapCode.Post, "rd/ep1", "lt=600"));
        _gateway.Log.Settle();
        Assert.Equal("2.04", GatewayUnderTest.CodeOf(_gateway.Next()));
        // What cannot be guessed is accepted as well, from anywhere.
        _gateway.Receive(_gateway.Request(CoapCode.Post, "rd/" + _gateway.Log.Registrations.Last().RegistrationId), SecondListener);
        _gateway.Log.Settle();
        Assert.Equal("2.04", GatewayUnderTest.CodeOf(_gateway.Next()));

        // At the address where it was last nobody can go on under a guessed name.
        _gateway.Receive(_gateway.Request(CoapCode.Post, "rd/ep1"));
        _gateway.Receive(_gateway.Request(CoapCode.Delete, "rd/ep1"));
        _gateway.Receive(_gateway.Request(CoapCode.Post, "rd/ep2"), SecondListener);
        _gateway.Log.Settle();
        Assert.Equal(["4.04", "4.04", "4.04"], _gateway.Sent.Select(s => GatewayUnderTest.CodeOf(s.Datagram)));
        _gateway.Sent.Clear();
        _gateway.Receive(_gateway.Request(CoapCode.Delete, "rd/ep1"), SecondListener);
        _gateway.Log.Settle();
        Assert.Equal("2.02", GatewayUnderTest.CodeOf(_gateway.Next()));
    }

    [Fact]
    public void With_roaming_an_Update_to_the_legacy_location_moves_the_device()
    {
        Allow(legacyLocation: true, roaming: true);
        _gateway.Register();
        _gateway.Receive(_gateway.Request(CoapCode.Post, "rd/ep1"), SecondListener);
        _gateway.Log.Settle();
        Assert.Equal("2.04", GatewayUnderTest.CodeOf(_gateway.Next()));
        Assert.Equal("[2001:db8::2]:5002", _gateway.Log.Registrations.Last().Peer);
    }

    [Fact]
    public void Without_legacy_location_the_endpoint_is_no_location()
    {
        Assert.NotEqual("ep1", _gateway.Register());
        _gateway.Receive(_gateway.Request(CoapCode.Post, "rd/ep1"));
        Assert.Equal("4.04", GatewayUnderTest.CodeOf(_gateway.Next()));
    }
}
