using System.Buffers;
using System.Net;
using System.Net.Sockets;
using Contracts.Configuration;
using Ingress.Security;
using Ingress.Sockets;

namespace Ingress.Forwarding;

/// <summary>
/// The socket between the replicas: records of DTLS sessions that other replicas have go out, those of ours come in, and answers the other way. What came in is never handed
/// on again. Safe for any number of threads.
/// </summary>
sealed class Forwarder : IDisposable
{
    /// <summary>The open DTLS listener of that name (UTF-8); null: there is none.</summary>
    public delegate DtlsListener? Finder(ReadOnlySpan<byte> listener);

    readonly UdpListener _socket;
    readonly ForwardKey _key;
    readonly int _slot;
    readonly IngressTelemetry _telemetry;
    Finder _find = static _ => null;

    /// <exception cref="IOException">The address cannot be bound, or is none that others could reach.</exception>
    public Forwarder(ForwardOptions options, string secret, int slot, IngressTelemetry telemetry, string? podIp = null)
    {
        _key = new ForwardKey(secret);
        _slot = slot;
        _telemetry = telemetry;
        var bind = options.Bind ?? throw new ArgumentException("nothing to bind", nameof(options));
        try
        {
            _socket = new UdpListener(0, "forward", new UdpListenerOptions { Bind = bind }, 1, Receive);
        }
        catch (SocketException e)
        {
            throw new IOException($"ingress.forward.bind = {bind} cannot be opened: {e.Message}", e);
        }

        if (AnnouncedOf(options, podIp, _socket.LocalEndPoint) is { } announced)
        {
            Announced = announced;
            return;
        }

        _socket.Dispose();
        throw new IOException($"ingress.forward.bind = {bind} is no address that other replicas could reach: set ingress.forward.advertise");
    }

    /// <summary>Where the other replicas reach this one.</summary>
    public IPEndPoint Announced { get; }

    /// <summary>Where a slot that lives is reached; null: nowhere. On any thread.</summary>
    public Func<int, Peer?> DoorOf { private get; set; } = static _ => null;

    /// <summary>Begins to take what the others hand over.</summary>
    public void Start(Finder find)
    {
        _find = find;
        _socket.Start();
    }

    /// <summary>Hands a datagram to the replica that has its session; false where that cannot be reached.</summary>
    public bool TryForward(int slot, in Peer from, ReadOnlySpan<byte> listener, ReadOnlySpan<byte> datagram)
    {
        if (DoorOf(slot) is not { } door || !TrySend(door, ForwardKind.Uplink, slot, from, listener, datagram))
            return false;
        _telemetry.Forwarded.Add(1, Direction("out"));
        return true;
    }

    /// <summary>Sends to a device that another replica hears. Where that does not live, it is as good as lost on the way.</summary>
    public void Answer(in Route to, ReadOnlySpan<byte> listener, ReadOnlySpan<byte> datagram)
    {
        if (DoorOf(to.Receiver) is not { } door)
            Drop(ForwardDrop.NoReceiver);
        else if (TrySend(door, ForwardKind.Answer, to.Receiver, to.Peer, listener, datagram))
            _telemetry.ForwardedAnswers.Add(1, Direction("out"));
    }

    public void Dispose() => _socket.Dispose();

    void Receive(in Peer source, ReadOnlySpan<byte> bytes)
    {
        if (ForwardFrame.TryRead(_key, bytes, out var frame) is { } problem)
            Drop(problem);
        else if (frame.To != _slot || frame.From == _slot)
            Drop(ForwardDrop.OtherSlot);
        else if (_find(frame.Listener) is not { } listener)
            Drop(ForwardDrop.NoListener);
        else
            Take(frame, listener);
    }

    void Take(in ForwardFrame frame, DtlsListener listener)
    {
        var device = frame.Device(listener.Index);
        if (frame.Kind == ForwardKind.Uplink)
        {
            _telemetry.Forwarded.Add(1, Direction("in"));
            listener.TakeForwarded(new Route(device, frame.From), frame.Datagram);
        }
        else
        {
            _telemetry.ForwardedAnswers.Add(1, Direction("in"));
            listener.Socket.Send(device, frame.Datagram);
        }
    }

    bool TrySend(in Peer door, ForwardKind kind, int slot, in Peer device, ReadOnlySpan<byte> listener, ReadOnlySpan<byte> datagram)
    {
        var length = ForwardFrame.LengthOf(listener, datagram);
        if (length > ForwardFrame.MostBytes || listener.Length > ForwardFrame.MostName)
        {
            Drop(ForwardDrop.Oversized);
            return false;
        }

        var buffer = ArrayPool<byte>.Shared.Rent(length);
        ForwardFrame.Write(buffer, _key, kind, _slot, slot, device, listener, datagram);
        _socket.Send(door, buffer.AsSpan(0, length));
        ArrayPool<byte>.Shared.Return(buffer);
        return true;
    }

    void Drop(ForwardDrop reason) => _telemetry.ForwardDropped.Add(1, new KeyValuePair<string, object?>("reason", Labels<ForwardDrop>.Of(reason)));

    static KeyValuePair<string, object?> Direction(string direction) => new("direction", direction);

    static IPEndPoint? AnnouncedOf(ForwardOptions options, string? podIp, IPEndPoint bound)
    {
        var port = options.Advertise is { Port: > 0 and var wanted } ? wanted : bound.Port;
        var address = options.Advertise?.Address ?? options.Bind?.Address;
        if (address is null || address.Equals(IPAddress.Any) || address.Equals(IPAddress.IPv6Any))
            address = IPAddress.TryParse(podIp, out var pod) ? pod : null;
        return address is null ? null : new IPEndPoint(address, port);
    }
}
