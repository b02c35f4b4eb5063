using System.Buffers.Binary;

namespace Tools.Pcap;

/// <summary>The block format, from behind the first block type on (draft-ietf-opsawg-pcapng). Blocks without frames are passed over, whatever their length.</summary>
sealed class PcapngReader(Stream stream) : FrameReader(stream)
{
    const uint SectionHeader = 0x0A0D0D0A;
    const uint ByteOrderMagic = 0x1A2B3C4D;
    const uint InterfaceDescription = 1;
    const uint OldPacket = 2;
    const uint SimplePacket = 3;
    const uint EnhancedPacket = 6;

    const ushort ResolutionOption = 9;
    const ushort OffsetOption = 14;

    const int MostInterfaces = 4096;
    const int LongestDescription = 65_536;
    const int BlockOverhead = 12;

    readonly List<Interface> _interfaces = [];
    byte[] _body = new byte[4096];
    int _bodyLength;
    bool _hasBegun;
    bool _isBigEndian;
    ulong _lastNs;

    protected override bool TryReadNext(out Frame frame)
    {
        frame = default;
        Span<byte> head = stackalloc byte[8];
        while (true)
        {
            if (!_hasBegun)
            {
                // The type has been read already.
                BinaryPrimitives.WriteUInt32BigEndian(head, SectionHeader);
                if (!TryFill(head[4..]))
                    return false;
                _hasBegun = true;
            }
            else if (!TryFill(head, mayEnd: true))
            {
                return false;
            }

            if (BinaryPrimitives.ReadUInt32BigEndian(head) == SectionHeader)
            {
                if (!TryBeginSection(head[4..]))
                    return false;
                continue;
            }

            var (type, total) = (Number(head), Number(head[4..]));
            if (total < BlockOverhead || total % 4 != 0)
                return Fail($"a block is said to be {total} bytes long");
            var length = total - BlockOverhead;
            switch (type)
            {
                case InterfaceDescription:
                    if (!TryReadBody(length, LongestDescription) || !TryAddInterface())
                        return false;
                    break;
                case EnhancedPacket or SimplePacket or OldPacket:
                    if (!TryReadBody(length, LongestFrame + LongestDescription))
                        return false;
                    return TryReadPacket(type, _body.AsMemory(0, _bodyLength), out frame);
                default:
                    if (!TrySkip(length + 4))
                        return false;
                    break;
            }
        }
    }

    // The length comes before the number that says how to read it.
    bool TryBeginSection(ReadOnlySpan<byte> rawLength)
    {
        Span<byte> magic = stackalloc byte[4];
        if (!TryFill(magic))
            return false;
        _isBigEndian = BinaryPrimitives.ReadUInt32BigEndian(magic) == ByteOrderMagic;
        if (Number(magic) != ByteOrderMagic)
            return Fail("a section begins without its byte order");
        var total = Number(rawLength);
        _interfaces.Clear();
        return total < BlockOverhead + 16 || total % 4 != 0 ? Fail($"a section header is said to be {total} bytes long") : TrySkip(total - BlockOverhead);
    }

    // And the length once more, behind it.
    bool TryReadBody(uint length, int longest)
    {
        if (length > longest)
            return Fail($"a block is said to be {length} bytes long");
        if (length > _body.Length)
            _body = new byte[length];
        _bodyLength = (int)length;
        return TryFill(_body.AsSpan(0, _bodyLength)) && TrySkip(4);
    }

    bool TryAddInterface()
    {
        var body = _body.AsSpan(0, _bodyLength);
        if (body.Length < 8)
            return Fail("an interface is described by too few bytes");
        if (_interfaces.Count == MostInterfaces)
            return Fail($"there are more than {MostInterfaces} interfaces");
        var (ticks, offset) = (1_000_000UL, 0L);
        for (var rest = body[8..]; rest.Length >= 4;)
        {
            var (code, length) = (Short(rest), Short(rest[2..]));
            if (code == 0 || length > rest.Length - 4)
                break;
            var value = rest.Slice(4, length);
            if (code == ResolutionOption && length == 1 && TicksOf(value[0]) is { } known)
                ticks = known;
            if (code == OffsetOption && length == 8)
                offset = _isBigEndian ? BinaryPrimitives.ReadInt64BigEndian(value) : BinaryPrimitives.ReadInt64LittleEndian(value);
            rest = rest[Math.Min(4 + ((length + 3) & ~3), rest.Length)..];
        }

        _interfaces.Add(new Interface(Short(body), ticks, offset));
        return true;
    }

    bool TryReadPacket(uint type, ReadOnlyMemory<byte> body, out Frame frame)
    {
        frame = default;
        var bytes = body.Span;
        var header = type == SimplePacket ? 4 : 20;
        if (bytes.Length < header)
            return Fail("a packet block is too short");
        var index = type switch { SimplePacket => 0u, OldPacket => Short(bytes), _ => Number(bytes) };
        if (index >= _interfaces.Count)
            return Fail($"a packet is of interface {index}, which is not described");
        var via = _interfaces[(int)index];
        // A simple packet has no time: it came after the one before.
        if (type != SimplePacket)
            _lastNs = via.ToNs(((ulong)Number(bytes[4..]) << 32) | Number(bytes[8..]));
        var length = type == SimplePacket ? Math.Min(Number(bytes), (uint)(bytes.Length - header)) : Number(bytes[12..]);
        if (length > bytes.Length - header)
            return Fail($"a packet is said to be {length} bytes long");
        frame = new Frame(_lastNs, via.LinkType, body.Slice(header, (int)length));
        return true;
    }

    // Ticks of a second: a power of ten, or, with the upper bit, of two. Null for what a clock cannot have.
    static ulong? TicksOf(byte resolution)
    {
        var exponent = resolution & 0x7F;
        if ((resolution & 0x80) != 0)
            return exponent < 64 ? 1UL << exponent : null;
        if (exponent > 19)
            return null;
        var ticks = 1UL;
        for (; exponent > 0; exponent--)
            ticks *= 10;
        return ticks;
    }

    ushort Short(ReadOnlySpan<byte> bytes) => _isBigEndian ? BinaryPrimitives.ReadUInt16BigEndian(bytes) : BinaryPrimitives.ReadUInt16LittleEndian(bytes);

    uint Number(ReadOnlySpan<byte> bytes) => _isBigEndian ? BinaryPrimitives.ReadUInt32BigEndian(bytes) : BinaryPrimitives.ReadUInt32LittleEndian(bytes);

    readonly record struct Interface(int LinkType, ulong Ticks, long OffsetSeconds)
    {
        // What no point in time fits is told as the first or last one there is.
        public ulong ToNs(ulong time)
        {
            var ns = ((Int128)time * 1_000_000_000 / Ticks) + ((Int128)OffsetSeconds * 1_000_000_000);
            return (ulong)Int128.Clamp(ns, 0, ulong.MaxValue);
        }
    }
}
