using System.Buffers.Binary;
using System.Text;

namespace Tools.Dtls;

/// <summary>A message of a handshake in one piece (RFC 6347 section 4.2.2), head and body.</summary>
readonly ref struct HandshakeMessage
{
    public const byte ClientHello = 1;
    public const byte ServerHello = 2;
    public const byte HelloVerifyRequest = 3;
    public const byte ServerKeyExchange = 12;
    public const byte ServerHelloDone = 14;
    public const byte ClientKeyExchange = 16;
    public const byte Finished = 20;

    const int HeadLength = 12;
    const ushort Version = 0xFEFD;

    /// <summary>Where a ServerHello has the length of its session id: behind version and random.</summary>
    const int SessionIdAt = 2 + KeySchedule.RandomLength;

    /// <summary>RFC 5746 section 3.3: this client knows how to renegotiate safely, and will not.</summary>
    const ushort NoRenegotiation = 0x00FF;

    const ushort ExtendedMasterSecret = 23;
    const ushort ConnectionId = 54;

    HandshakeMessage(ReadOnlySpan<byte> bytes) => Bytes = bytes;

    public ReadOnlySpan<byte> Bytes { get; }

    public byte Type => Bytes[0];

    public ushort Sequence => BinaryPrimitives.ReadUInt16BigEndian(Bytes[4..]);

    public ReadOnlySpan<byte> Body => Bytes[HeadLength..];

    /// <summary>Takes the next message off a record; false where there is none, or not all of it.</summary>
    public static bool TryNext(scoped ref ReadOnlySpan<byte> record, out HandshakeMessage message)
    {
        message = default;
        if (record.Length < HeadLength)
            return false;
        var (length, offset, part) = (UInt24(record[1..]), UInt24(record[6..]), UInt24(record[9..]));
        if (offset != 0 || part != length || record.Length < HeadLength + length)
            return false;
        message = new HandshakeMessage(record[..(HeadLength + length)]);
        record = record[(HeadLength + length)..];
        return true;
    }

    /// <summary>As it came off a record before.</summary>
    public static HandshakeMessage Of(byte[] bytes) => new(bytes);

    public static byte[] Write(byte type, ushort sequence, ReadOnlySpan<byte> body)
    {
        var message = new byte[HeadLength + body.Length];
        message[0] = type;
        BinaryPrimitives.WriteUInt16BigEndian(message.AsSpan(2), (ushort)body.Length);
        BinaryPrimitives.WriteUInt16BigEndian(message.AsSpan(4), sequence);
        BinaryPrimitives.WriteUInt16BigEndian(message.AsSpan(10), (ushort)body.Length);
        body.CopyTo(message.AsSpan(HeadLength));
        return message;
    }

    /// <summary>RFC 6347 section 4.2.1, with the extensions of RFC 7627 and RFC 9146 section 3.</summary>
    /// <param name="sequence">1 with a cookie, 0 without.</param>
    /// <param name="random">32 bytes.</param>
    /// <param name="cookie">What a HelloVerifyRequest has brought.</param>
    /// <param name="suites">The first is liked best.</param>
    /// <param name="offersId">The client's records may bear an id; those of the server bear none.</param>
    public static byte[] Hello(ushort sequence, ReadOnlySpan<byte> random, ReadOnlySpan<byte> cookie, IEnumerable<int> suites, bool offersId)
    {
        byte[] ciphers = [.. suites.Append(NoRenegotiation).SelectMany(suite => Number((ushort)suite))];
        byte[] id = offersId ? [.. Number(ConnectionId), .. Number(1), 0] : [];
        byte[] extensions = [.. Number(ExtendedMasterSecret), .. Number(0), .. id];
        return Write(ClientHello, sequence, [
            .. Number(Version), .. random, 0, (byte)cookie.Length, .. cookie, .. Number((ushort)ciphers.Length), .. ciphers, 1, 0,
            .. Number((ushort)extensions.Length), .. extensions,
        ]);
    }

    /// <summary>RFC 4279 section 2: with what key the client comes.</summary>
    public static byte[] KeyExchange(ushort sequence, string identity)
    {
        var name = Encoding.UTF8.GetBytes(identity);
        return Write(ClientKeyExchange, sequence, [.. Number((ushort)name.Length), .. name]);
    }

    public bool TryReadCookie(out ReadOnlySpan<byte> cookie)
    {
        cookie = default;
        var body = Body;
        if (Type != HelloVerifyRequest || body.Length < 3 || body.Length < 3 + body[2])
            return false;
        cookie = body.Slice(3, body[2]);
        return true;
    }

    public bool TryReadServerHello(out ServerHello hello)
    {
        hello = default;
        var body = Body;
        if (Type != ServerHello || body.Length <= SessionIdAt || BinaryPrimitives.ReadUInt16BigEndian(body) != Version)
            return false;
        var random = body.Slice(2, KeySchedule.RandomLength);
        var rest = body[SessionIdAt..];
        if (rest.Length < 1 + rest[0] + 3 || rest[0] > 32)
            return false;
        rest = rest[(1 + rest[0])..];
        var (suite, compression) = (BinaryPrimitives.ReadUInt16BigEndian(rest), rest[2]);
        if (compression != 0 || !TryReadExtensions(rest[3..], out var isExtended, out var id))
            return false;
        hello = new ServerHello(random, suite, isExtended, id);
        return true;
    }

    static bool TryReadExtensions(ReadOnlySpan<byte> bytes, out bool isExtended, out ReadOnlySpan<byte> id)
    {
        isExtended = false;
        id = default;
        if (bytes.IsEmpty)
            return true;
        if (bytes.Length < 2 || BinaryPrimitives.ReadUInt16BigEndian(bytes) != bytes.Length - 2)
            return false;
        for (bytes = bytes[2..]; !bytes.IsEmpty;)
        {
            if (bytes.Length < 4)
                return false;
            var (type, length) = (BinaryPrimitives.ReadUInt16BigEndian(bytes), BinaryPrimitives.ReadUInt16BigEndian(bytes[2..]));
            if (bytes.Length < 4 + length)
                return false;
            var content = bytes.Slice(4, length);
            isExtended |= type == ExtendedMasterSecret;
            if (type == ConnectionId)
            {
                if (length < 1 || content[0] != length - 1)
                    return false;
                id = content[1..];
            }

            bytes = bytes[(4 + length)..];
        }

        return true;
    }

    static byte[] Number(ushort value) => [(byte)(value >> 8), (byte)value];

    static int UInt24(ReadOnlySpan<byte> bytes) => (bytes[0] << 16) | (bytes[1] << 8) | bytes[2];
}
