using System.Buffers.Binary;

namespace Protocol.Dtls;

/// <summary>The head of a record (RFC 6347 section 4.1), and the look through a datagram that consists of them.</summary>
readonly ref struct RecordHeader
{
    public const int Length = 13;

    /// <summary>DTLS 1.2, as it is written.</summary>
    public const ushort Version = 0xFEFD;

    public const byte ChangeCipherSpec = 20;
    public const byte Alert = 21;
    public const byte Handshake = 22;
    public const byte ApplicationData = 23;

    /// <summary>A protected record with a connection id; what it is stands inside (RFC 9146 section 4).</summary>
    public const byte WithConnectionId = 25;

    /// <summary>Epoch 1, sequence number 0.</summary>
    public const ulong FirstProtected = 1UL << 48;

    /// <summary>Where epoch 2 begins, which there is none of.</summary>
    public const ulong EndOfProtected = 2UL << 48;

    const int HandshakeHeaderLength = 12;
    const byte ClientHelloType = 1;
    const byte ClientKeyExchangeType = 16;

    readonly ReadOnlySpan<byte> _record;

    RecordHeader(ReadOnlySpan<byte> record) => _record = record;

    public byte Type => _record[0];

    public int Epoch => BinaryPrimitives.ReadUInt16BigEndian(_record[3..]);

    /// <summary>Of its epoch: 48 bits.</summary>
    public ulong Sequence => Position & 0xFFFF_FFFF_FFFF;

    /// <summary>Epoch and sequence number as one: what a MAC takes for the number of a record (RFC 6347 section 4.1.2.1).</summary>
    public ulong Position => PositionOf(_record);

    public ReadOnlySpan<byte> Head => _record[..LengthOf(Type)];

    public ReadOnlySpan<byte> Fragment => _record[LengthOf(Type)..];

    /// <summary>Of a record that bears one.</summary>
    public ulong Id => ConnectionId.Read(_record[11..]);

    public bool IsClientHello => Type == Handshake && Epoch == 0 && Fragment.Length > 0 && Fragment[0] == ClientHelloType;

    /// <summary>
    /// The first record of a datagram that is nothing but whole records: 1.0 or 1.2 in their heads, known types, and no more than
    /// <paramref name="most"/>.
    /// </summary>
    public static bool TryRead(ReadOnlySpan<byte> datagram, int most, out RecordHeader first)
    {
        first = default;
        var count = 0;
        while (!datagram.IsEmpty)
        {
            if (!TryNext(ref datagram, out var record) || ++count > most)
                return false;
            if (count == 1)
                first = record;
        }

        return count > 0;
    }

    /// <summary>Takes the next record off a datagram.</summary>
    public static bool TryNext(scoped ref ReadOnlySpan<byte> datagram, out RecordHeader record)
    {
        record = default;
        if (datagram.IsEmpty || datagram[0] is not (>= ChangeCipherSpec and <= ApplicationData or WithConnectionId))
            return false;
        var header = LengthOf(datagram[0]);
        if (datagram.Length < header || datagram[1] != 0xFE || datagram[2] is not (0xFF or 0xFD))
            return false;
        var length = header + BinaryPrimitives.ReadUInt16BigEndian(datagram[(header - 2)..]);
        if (datagram.Length < length)
            return false;
        record = new RecordHeader(datagram[..length]);
        datagram = datagram[length..];
        return true;
    }

    /// <summary>Writes a record that is not protected, and returns its length.</summary>
    public static int Write(Span<byte> record, byte type, ulong position, ReadOnlySpan<byte> fragment)
    {
        record[0] = type;
        BinaryPrimitives.WriteUInt16BigEndian(record[1..], Version);
        BinaryPrimitives.WriteUInt64BigEndian(record[3..], position);
        BinaryPrimitives.WriteUInt16BigEndian(record[11..], (ushort)fragment.Length);
        fragment.CopyTo(record[Length..]);
        return Length + fragment.Length;
    }

    /// <summary>As <see cref="Position"/>, whatever the length of the id that a record bears.</summary>
    public static ulong PositionOf(ReadOnlySpan<byte> record) => BinaryPrimitives.ReadUInt64BigEndian(record[3..]);

    /// <summary>Whether no message of a handshake that is not protected says that it is longer than <paramref name="most"/> bytes: memory is taken by that.</summary>
    public static bool AreMessagesWithin(int most, ReadOnlySpan<byte> datagram)
    {
        while (!datagram.IsEmpty && TryNext(ref datagram, out var record))
        {
            if (record.Type != Handshake || record.Epoch != 0)
                continue;
            for (var rest = record.Fragment; rest.Length >= HandshakeHeaderLength;)
            {
                if (UInt24(rest[1..]) > most)
                    return false;
                rest = rest[Math.Min(rest.Length, HandshakeHeaderLength + UInt24(rest[9..]))..];
            }
        }

        return true;
    }

    /// <summary>The 32 random bytes of a ClientHello in one fragment, which tell one attempt of a client from another.</summary>
    public bool TryReadRandom(out ReadOnlySpan<byte> random)
    {
        random = default;
        var body = Fragment;
        if (!IsClientHello || body.Length < HandshakeHeaderLength + 34)
            return false;
        random = body.Slice(HandshakeHeaderLength + 2, 32);
        return true;
    }

    /// <summary>
    /// Looks through a datagram of a handshake, whose end is a ChangeCipherSpec and then the first protected record, Finished.
    /// </summary>
    /// <param name="datagram">The datagram.</param>
    /// <param name="hasKey">The key exchange is through; true when this datagram brings it.</param>
    /// <param name="isChanged">Behind the key exchange the cipher has been changed.</param>
    /// <returns>A protected message came behind that.</returns>
    public static bool BringsFinished(ReadOnlySpan<byte> datagram, bool hasKey, ref bool isChanged)
    {
        while (!datagram.IsEmpty && TryNext(ref datagram, out var record))
        {
            if (record.Type is Handshake or WithConnectionId && record.Epoch > 0 && isChanged)
                return true;
            hasKey |= record.Type == Handshake && record.Epoch == 0 && !record.Fragment.IsEmpty && record.Fragment[0] == ClientKeyExchangeType;
            isChanged |= record.Type == ChangeCipherSpec && record.Epoch == 0 && hasKey;
        }

        return false;
    }

    /// <summary>Whether a ClientHello brings a cookie.</summary>
    public bool HasCookie
    {
        get
        {
            const int SessionId = HandshakeHeaderLength + 34;
            var body = Fragment;
            if (!IsClientHello || body.Length <= SessionId)
                return false;
            var cookie = SessionId + 1 + body[SessionId];
            return body.Length > cookie && body[cookie] > 0;
        }
    }

    static int LengthOf(byte type) => type == WithConnectionId ? Length + ConnectionId.Length : Length;

    static int UInt24(ReadOnlySpan<byte> bytes) => (bytes[0] << 16) | (bytes[1] << 8) | bytes[2];
}
