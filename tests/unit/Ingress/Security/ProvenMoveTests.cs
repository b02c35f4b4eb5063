using System.Net;
using Contracts;
using Ingress.Security;
using Ingress.Sockets;
using Protocol.Coap;

namespace Pipeline.Tests.Ingress.Security;

/// <summary>Devices that have proven who they are, and speak from another address: DTLS has followed them, or they have come with another session.</summary>
public sealed class ProvenMoveTests : IProofs
{
    static readonly Credential Own = new("psk:id-1", new EndpointRule("dev-1", "id-1"), [1]);
    static readonly Credential Others = new("psk:id-2", new EndpointRule("dev-2", "id-2"), [2]);
    static readonly Peer Before = Peer.From(new IPEndPoint(IPAddress.Parse("192.0.2.9"), 5009), 2).With(Own.Proof);
    static readonly Peer After = Peer.From(new IPEndPoint(IPAddress.Parse("198.51.100.7"), 61000), 2).With(Own.Proof);

    readonly GatewayUnderTest _gateway;

    public ProvenMoveTests() => _gateway = new GatewayUnderTest(proofs: this);

    Credential? IProofs.Of(in Peer peer) => peer.Proof == Own.Proof ? Own : peer.Proof == Others.Proof ? Others : null;

    [Fact]
    public void What_is_sent_goes_where_the_device_is_before_it_has_said_a_word_of_CoAP()
    {
        _gateway.Register("dev-1", from: Before);
        _gateway.Move(Before, After);
        _gateway.Log.Settle();
        Assert.Equal("198.51.100.7:61000", _gateway.Log.Registrations.Last().Peer);
        _gateway.Operate(_gateway.Operation(OperationKind.Read, "/3/0", endpoint: "dev-1"));
        Assert.Equal(After, _gateway.Sent.Dequeue().Peer);

        // Who has no registration moves nothing, and once is enough.
        var records = _gateway.Log.Entries.Count;
        _gateway.Move(Before, After);
        _gateway.Log.Settle();
        Assert.Equal(records, _gateway.Log.Entries.Count);
    }

    [Fact]
    public void Device_that_moves_while_its_record_is_being_written_is_followed_afterwards()
    {
        var id = _gateway.Register("dev-1", from: Before);
        _gateway.Receive(_gateway.Request(CoapCode.Post, "rd/" + id), Before);
        _gateway.Move(Before, After);
        _gateway.Log.Settle();
        _gateway.Log.Settle();
        Assert.Equal(After, _gateway.Node.Sessions.ByEndpoint("dev-1")!.Peer);
        Assert.NotNull(_gateway.Node.Sessions.ByPeer(After));
    }

    [Fact]
    public void Observation_goes_on_at_the_new_address()
    {
        _gateway.Register("dev-1", from: Before);
        var token = Observe();
        _gateway.Move(Before, After);
        _gateway.Receive(Notification(token), After);
        // Nothing is acknowledged before the record says where the device is.
        Assert.Empty(_gateway.Sent);
        _gateway.Log.Settle();
        Assert.Equal((After, "60007001"), (_gateway.Sent.Peek().Peer, _gateway.NextHex()));
        Assert.Equal("198.51.100.7:61000", Assert.Single(_gateway.Log.Uplink, e => e.Kind == EventKind.Notified).Peer);
    }

    [Fact]
    public void Another_session_of_the_same_identity_is_followed_and_one_of_another_is_not()
    {
        _gateway.Register("dev-1", from: Before);
        var token = Observe();
        _gateway.Receive(Notification(token), After.With(Others.Proof));
        _gateway.Log.Settle();
        Assert.Empty(_gateway.Sent);
        _gateway.Receive(Notification(token), GatewayUnderTest.Device);
        _gateway.Log.Settle();
        Assert.Empty(_gateway.Sent);
        Assert.DoesNotContain(_gateway.Log.Uplink, e => e.Kind == EventKind.Notified);
        _gateway.Receive(Notification(token), After);
        _gateway.Log.Settle();
        Assert.Equal((After, "60007001"), (_gateway.Sent.Peek().Peer, _gateway.NextHex()));
    }

    byte[] Observe()
    {
        _gateway.Operate(_gateway.Operation(OperationKind.Observe, "/3/0", endpoint: "dev-1"));
        _gateway.Log.Settle();
        var token = _gateway.AnswerNext("/3/0", CoapCode.Content, observe: 5, payload: [1], from: Before);
        _gateway.Log.Settle();
        return token;
    }

    static byte[] Notification(byte[] token) => GatewayUnderTest.Response(CoapType.Confirmable, CoapCode.Content, 0x7001, token, observe: 6, payload: [2]);
}
