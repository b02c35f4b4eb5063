using Contracts;
using Google.Protobuf;
using Hosting;
using Ingress.Sockets;
using Messaging;

namespace Ingress.Capture;

/// <summary>
/// Records datagrams where somebody wants them. Asked on every one of them, so that "off" costs one volatile read; all else is under the node's gate,
/// but for the wishes, which come from any thread. What is recorded is what CoAP gets to see: a transport that encrypts does so below.
/// </summary>
sealed class Recorder(Clock clock, IngressTelemetry telemetry)
{
    const string Dtls = "dtls:";

    readonly RegisteringPeers _registering = new();
    readonly EndpointWishes _wishes = new(CaptureWish.Key, () => clock.UnixMilliseconds);

    /// <summary>One that heeds wishes from the config topic, which nobody may have begun to read yet.</summary>
    public static Recorder Heeding(ConfigReader config, TimeProvider time, IngressTelemetry telemetry)
    {
        var recorder = new Recorder(new Clock(time), telemetry);
        config.Other += recorder.Take;
        return recorder;
    }

    /// <summary>What is recorded goes there.</summary>
    public CaptureQueue Queue { get; } = new(telemetry);

    /// <summary>Whether anything is recorded.</summary>
    public bool IsOn => _wishes.IsOn;

    /// <inheritdoc cref="EndpointWishes.Follow"/>
    public void Follow(IReadOnlyList<string> configured) => _wishes.Follow(configured);

    /// <inheritdoc cref="EndpointWishes.Take"/>
    public void Take(string key, byte[]? value) => _wishes.Take(key, value);

    /// <summary>A datagram has come.</summary>
    /// <param name="node">Where its gate is held.</param>
    public void Received(Node node, in Peer peer, ReadOnlySpan<byte> datagram) =>
        Record(node, peer, datagram, CaptureDirection.Received, _registering.Name(peer, datagram, clock.Milliseconds));

    /// <summary>A datagram has left.</summary>
    /// <param name="node">Where its gate is held.</param>
    public void Sent(Node node, in Peer peer, ReadOnlySpan<byte> datagram) =>
        Record(node, peer, datagram, CaptureDirection.Transmitted, _registering.Find(peer, clock.Milliseconds));

    void Record(Node node, in Peer peer, ReadOnlySpan<byte> datagram, CaptureDirection direction, string? registering)
    {
        var now = clock.UnixNanoseconds;
        var endpoint = registering ?? node.Sessions.ByPeer(peer)?.Endpoint ?? "";
        if (!_wishes.Wants(endpoint))
            return;
        Span<byte> address = stackalloc byte[Peer.Length];
        peer.With(proof: 0).Write(address);
        var listener = peer.Listener < node.Listeners.Count ? node.Listeners[peer.Listener] : "";
        telemetry.Captured.Add(1);
        Queue.Put(new CapturedDatagram
        {
            Schema = Contracts.Schema.Current,
            CapturedNs = (ulong)now,
            Direction = direction,
            Transport = listener.StartsWith(Dtls, StringComparison.Ordinal) ? CaptureTransport.Dtls : CaptureTransport.Udp,
            Endpoint = endpoint,
            Listener = listener,
            Peer = ByteString.CopyFrom(address),
            Datagram = ByteString.CopyFrom(datagram),
            Slot = (uint)node.Slot,
            Epoch = (ulong)node.Epoch,
        });
    }
}
