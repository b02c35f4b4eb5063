using System.Buffers.Binary;
using Ingress.Sockets;

namespace Ingress.Forwarding;

/// <summary>
/// A device's datagram, or one to a device, between two replicas. Big endian: version (1 byte), kind (1), slot of the sender (2), slot that it is for (2), the device's
/// address (22, as <see cref="Sockets.Peer.Write"/> has it), length of the listener's name (1), that name, the datagram, and the MAC of all that (16).
/// </summary>
readonly ref struct ForwardFrame
{
    /// <summary>Longest name of a listener, in bytes.</summary>
    public const int MostName = byte.MaxValue;

    /// <summary>Longest frame, in bytes: what a UDP datagram of IPv4 carries.</summary>
    public const int MostBytes = 65_507;

    const byte Version = 1;
    const int HeadLength = 6 + Sockets.Peer.Length + 1;

    // Type tls12_cid (RFC 9146 section 4): nothing else may be handed to another replica, so no handshake ever begins there.
    const byte WithConnectionId = 25;

    readonly ReadOnlySpan<byte> _head;

    ForwardFrame(ReadOnlySpan<byte> head, ReadOnlySpan<byte> listener, ReadOnlySpan<byte> datagram)
    {
        _head = head;
        Listener = listener;
        Datagram = datagram;
    }

    public ForwardKind Kind => (ForwardKind)_head[1];

    /// <summary>Slot of the replica that has sent it.</summary>
    public int From => BinaryPrimitives.ReadUInt16BigEndian(_head[2..]);

    /// <summary>Slot that it is for.</summary>
    public int To => BinaryPrimitives.ReadUInt16BigEndian(_head[4..]);

    /// <summary>Name of the listener, UTF-8.</summary>
    public ReadOnlySpan<byte> Listener { get; }

    /// <summary>What the device has sent, or is to get.</summary>
    public ReadOnlySpan<byte> Datagram { get; }

    /// <summary>Where the device is, with nothing proven.</summary>
    /// <param name="listener">Index of the listener in this process.</param>
    public Peer Device(int listener) => Peer.TryRead(_head.Slice(6, Peer.Length), listener, out var device) ? device : default;

    /// <summary>Null: whoever has the key has made it. Nothing but its length is looked at before that.</summary>
    public static ForwardDrop? TryRead(ForwardKey key, ReadOnlySpan<byte> bytes, out ForwardFrame frame)
    {
        frame = default;
        if (bytes.Length <= HeadLength + ForwardKey.MacLength)
            return ForwardDrop.Malformed;
        var content = bytes[..^ForwardKey.MacLength];
        if (!key.IsAuthentic(content, bytes[content.Length..]))
            return ForwardDrop.BadMac;
        var head = content[..HeadLength];
        var rest = content[HeadLength..];
        var name = head[HeadLength - 1];
        if (head[0] != Version || name == 0 || rest.Length <= name)
            return ForwardDrop.Malformed;
        var read = new ForwardFrame(head, rest[..name], rest[name..]);
        if (read.Kind is not (ForwardKind.Uplink or ForwardKind.Answer) || (read.Kind == ForwardKind.Uplink && read.Datagram[0] != WithConnectionId))
            return ForwardDrop.Malformed;
        frame = read;
        return null;
    }

    /// <summary>Bytes that <see cref="Write"/> takes.</summary>
    public static int LengthOf(ReadOnlySpan<byte> listener, ReadOnlySpan<byte> datagram) => HeadLength + listener.Length + datagram.Length + ForwardKey.MacLength;

    /// <summary>Writes a frame.</summary>
    /// <param name="into">At least <see cref="LengthOf"/> bytes.</param>
    /// <param name="listener">1 to <see cref="MostName"/> bytes.</param>
    /// <param name="datagram">At least one byte.</param>
    public static void Write(Span<byte> into, ForwardKey key, ForwardKind kind, int from, int to, in Peer device, ReadOnlySpan<byte> listener, ReadOnlySpan<byte> datagram)
    {
        into[0] = Version;
        into[1] = (byte)kind;
        BinaryPrimitives.WriteUInt16BigEndian(into[2..], (ushort)from);
        BinaryPrimitives.WriteUInt16BigEndian(into[4..], (ushort)to);
        device.With(0).Write(into[6..]);
        into[HeadLength - 1] = (byte)listener.Length;
        listener.CopyTo(into[HeadLength..]);
        datagram.CopyTo(into[(HeadLength + listener.Length)..]);
        var length = HeadLength + listener.Length + datagram.Length;
        key.Authenticate(into[..length], into.Slice(length, ForwardKey.MacLength));
    }
}
