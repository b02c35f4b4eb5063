using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;

namespace Ingress.Sockets;

/// <summary>
/// Where a datagram came from: address, port, the listener that it came to, and who was proven to be there. IPv4 addresses are IPv4-mapped.
/// </summary>
readonly struct Peer : IEquatable<Peer>
{
    /// <summary>
    /// Most that <see cref="Write"/> takes: 16 bytes address, 4 bytes scope id, 2 bytes port and, where there is one, 8 bytes proof, big endian.
    /// The listener is not in it.
    /// </summary>
    public const int MaxLength = Length + sizeof(ulong);

    /// <summary>What <see cref="Write"/> takes where nothing was proven.</summary>
    public const int Length = 22;

    readonly ulong _high;
    readonly ulong _low;
    readonly uint _scope;
    readonly ushort _port;
    readonly ushort _listener;
    readonly ulong _proof;

    Peer(ulong high, ulong low, uint scope, ushort port, ushort listener, ulong proof = 0)
    {
        _high = high;
        _low = low;
        _scope = scope;
        _port = port;
        _listener = listener;
        _proof = proof;
    }

    /// <summary>Index of the listener.</summary>
    public int Listener => _listener;

    /// <summary>
    /// Number of the identity that DTLS has proven, the same in every process; 0 where nothing was. Another identity behind the same address is
    /// another peer: what is meant for one never reaches the other.
    /// </summary>
    public ulong Proof => _proof;

    public Peer With(ulong proof) => new(_high, _low, _scope, _port, _listener, proof);

    /// <summary>Who is behind it: the address alone, of IPv6 its first 64 bits, which is what one subscriber has.</summary>
    public Peer Source => new(_high, IsIPv4 ? _low : 0, 0, 0, 0);

    public bool IsIPv4 => _high == 0 && _low >> 32 == 0xFFFF;

    public static Peer From(IPEndPoint endPoint, int listener)
    {
        Span<byte> bytes = stackalloc byte[16];
        endPoint.Address.MapToIPv6().TryWriteBytes(bytes, out _);
        var scope = endPoint.AddressFamily == AddressFamily.InterNetworkV6 ? (uint)endPoint.Address.ScopeId : 0;
        return new Peer(
            BinaryPrimitives.ReadUInt64BigEndian(bytes), BinaryPrimitives.ReadUInt64BigEndian(bytes[8..]), scope, (ushort)endPoint.Port, (ushort)listener);
    }

    /// <summary>Reads what <see cref="Socket"/> fills in: a sockaddr_in or sockaddr_in6.</summary>
    public static Peer From(SocketAddress address, int listener)
    {
        var bytes = address.Buffer.Span;
        var port = BinaryPrimitives.ReadUInt16BigEndian(bytes[2..]);
        if (address.Family == AddressFamily.InterNetwork)
            return new Peer(0, 0xFFFF_0000_0000UL | BinaryPrimitives.ReadUInt32BigEndian(bytes[4..]), 0, port, (ushort)listener);
        return new Peer(
            BinaryPrimitives.ReadUInt64BigEndian(bytes[8..]),
            BinaryPrimitives.ReadUInt64BigEndian(bytes[16..]),
            BinaryPrimitives.ReadUInt32LittleEndian(bytes[24..]),
            port,
            (ushort)listener);
    }

    /// <summary>Reads what <see cref="Write"/> has written; false for anything else.</summary>
    public static bool TryRead(ReadOnlySpan<byte> bytes, int listener, out Peer peer)
    {
        peer = default;
        if (bytes.Length is not (Length or MaxLength))
            return false;
        peer = new Peer(
            BinaryPrimitives.ReadUInt64BigEndian(bytes),
            BinaryPrimitives.ReadUInt64BigEndian(bytes[8..]),
            BinaryPrimitives.ReadUInt32BigEndian(bytes[16..]),
            BinaryPrimitives.ReadUInt16BigEndian(bytes[20..]),
            (ushort)listener,
            bytes.Length == MaxLength ? BinaryPrimitives.ReadUInt64BigEndian(bytes[Length..]) : 0);
        return true;
    }

    /// <summary>Returns how many bytes it took.</summary>
    public int Write(Span<byte> bytes)
    {
        BinaryPrimitives.WriteUInt64BigEndian(bytes, _high);
        BinaryPrimitives.WriteUInt64BigEndian(bytes[8..], _low);
        BinaryPrimitives.WriteUInt32BigEndian(bytes[16..], _scope);
        BinaryPrimitives.WriteUInt16BigEndian(bytes[20..], _port);
        if (_proof == 0)
            return Length;
        BinaryPrimitives.WriteUInt64BigEndian(bytes[Length..], _proof);
        return MaxLength;
    }

    /// <summary>Fills a socket address of the socket's own family.</summary>
    public void CopyTo(SocketAddress address)
    {
        var bytes = address.Buffer.Span;
        BinaryPrimitives.WriteUInt16BigEndian(bytes[2..], _port);
        if (address.Family == AddressFamily.InterNetwork)
        {
            BinaryPrimitives.WriteUInt32BigEndian(bytes[4..], (uint)_low);
            return;
        }

        BinaryPrimitives.WriteUInt64BigEndian(bytes[8..], _high);
        BinaryPrimitives.WriteUInt64BigEndian(bytes[16..], _low);
        BinaryPrimitives.WriteUInt32LittleEndian(bytes[24..], _scope);
    }

    /// <summary>Whether the address, as 128 bits, equals that of <paramref name="network"/> where the mask has ones.</summary>
    public bool IsIn(UInt128 network, UInt128 mask) => (new UInt128(_high, _low) & mask) == network;

    public IPEndPoint ToEndPoint()
    {
        Span<byte> bytes = stackalloc byte[MaxLength];
        Write(bytes);
        return new IPEndPoint(IsIPv4 ? new IPAddress(bytes[12..16]) : new IPAddress(bytes[..16], _scope), _port);
    }

    public bool Equals(Peer other) =>
        _low == other._low && _high == other._high && _port == other._port && _scope == other._scope && _listener == other._listener
        && _proof == other._proof;

    public override bool Equals(object? obj) => obj is Peer other && Equals(other);

    // Seeded by the runtime: peers choose their addresses and ports. Two proofs behind one address are rare.
    public override int GetHashCode() => HashCode.Combine(_high, _low, _scope, _port, _listener);

    public override string ToString() => ToEndPoint().ToString();
}
