using System.Net;
using Contracts;
using Ingress.Security;
using Ingress.Sockets;
using Protocol.Coap;

namespace Pipeline.Tests.Ingress.Security;

/// <summary>Who may speak for an endpoint: devices that have proven something, and others beside them.</summary>
public sealed class EntitlementTests : IProofs
{
    static readonly Peer At = Peer.From(new IPEndPoint(IPAddress.Parse("192.0.2.9"), 5009), 2);

    readonly Credential _one = new("psk:id-1", new EndpointRule("dev-1", "id-1"), [1]);
    readonly Credential _two = new("psk:id-2", new EndpointRule("dev-2", "id-2"), [2]);
    readonly GatewayUnderTest _gateway;
    readonly Peer _first;
    readonly Peer _second;

    public EntitlementTests()
    {
        _gateway = new GatewayUnderTest(proofs: this);
        (_first, _second) = (At.With(_one.Proof), At.With(_two.Proof));
    }

    Credential? IProofs.Of(in Peer peer) => peer.Equals(_first) ? _one : peer.Equals(_second) ? _two : null;

    [Fact]
    public void Identity_registers_its_own_endpoint_and_stands_on_the_record()
    {
        _gateway.Register("dev-1", from: _first);
        var registration = _gateway.Log.Registrations.Last();
        Assert.Equal(("psk:id-1", "192.0.2.9:5009", "dtls:default"), (registration.Client.Identity, registration.Peer, registration.Client.Listener));

        _gateway.Register("plain");
        Assert.Null(_gateway.Log.Registrations.Last().Client.Identity);
    }

    [Fact]
    public void Identity_of_another_endpoint_is_refused()
    {
        Assert.Equal("4.03", Answer(_gateway.Request(CoapCode.Post, "rd", "ep=dev-2&lt=300", "</3/0>"), _first));
        var id = _gateway.Register("dev-1", from: _first);
        Assert.Equal("4.03", Answer(_gateway.Request(CoapCode.Post, "rd/" + id), _second));
        Assert.Equal("4.03", Answer(_gateway.Request(CoapCode.Delete, "rd/" + id), _second));
        Assert.Equal("2.04", Answer(_gateway.Request(CoapCode.Post, "rd/" + id), _first));
        // A session that has ended while its message waited has proven nothing.
        Assert.Equal("4.03", Answer(_gateway.Request(CoapCode.Post, "rd/" + id), At.With(77)));
    }

    [Fact]
    public void Who_has_proven_nothing_does_not_take_the_place_of_one_who_has()
    {
        var id = _gateway.Register("dev-1", from: _first);
        Assert.Equal("4.03", Answer(_gateway.Request(CoapCode.Post, "rd", "ep=dev-1&lt=300", "</3/0>"), GatewayUnderTest.Device));
        Assert.Equal("4.03", Answer(_gateway.Request(CoapCode.Post, "rd/" + id), GatewayUnderTest.Device));
        Assert.Equal("2.02", Answer(_gateway.Request(CoapCode.Delete, "rd/" + id), _first));
        // What has ended binds nobody.
        _gateway.Register("dev-1");
    }

    [Fact]
    public void Another_identity_behind_the_same_address_is_another_peer()
    {
        _gateway.Register("dev-1", from: _first);
        _gateway.Operate(_gateway.Operation(OperationKind.Observe, "/3/0", endpoint: "dev-1"));
        _gateway.Log.Settle();
        var sent = _gateway.Sent.Dequeue();
        Assert.Equal(_first, sent.Peer);
        Assert.NotEqual(_second, sent.Peer);
    }

    [Fact]
    public void Proof_outlives_the_process()
    {
        _gateway.Register("dev-1", from: _first);
        var next = new GatewayUnderTest(_gateway.Log, _gateway.Time, epoch: 2, proofs: this);
        Assert.Equal(_first, next.Node.Sessions.ByEndpoint("dev-1")!.Peer);
        Assert.NotNull(next.Node.Sessions.ByPeer(_first));
        Assert.Null(next.Node.Sessions.ByPeer(_second));
        Assert.Null(next.Node.Sessions.ByPeer(At));
    }

    string Answer(byte[] request, Peer from)
    {
        _gateway.Receive(request, from);
        _gateway.Log.Settle();
        return GatewayUnderTest.CodeOf(_gateway.Next());
    }
}
