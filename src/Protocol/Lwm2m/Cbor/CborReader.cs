using System.Buffers.Binary;
using Protocol.Lwm2m.Values;

namespace Protocol.Lwm2m.Cbor;

/// <summary>
/// Reads CBOR (RFC 8949) front to back. Nothing throws: the first violation makes every further call fail and stands in
/// <see cref="Fault"/>. A length or count is believed only as far as the data reaches, and nothing nests deeper than
/// <see cref="MaxDepth"/>.
/// </summary>
ref struct CborReader(ReadOnlySpan<byte> data)
{
    internal const int MaxDepth = 16;

    const byte Break = 0xFF;

    readonly ReadOnlySpan<byte> data = data;

    /// <summary>Bytes read so far.</summary>
    internal int Position { get; private set; }

    /// <summary>What is wrong with the data, and at which byte; null as long as nothing is.</summary>
    internal string? Fault { get; private set; }

    internal readonly bool IsAtEnd => Position == data.Length;

    /// <summary>True where an item of that type comes next.</summary>
    internal readonly bool IsNext(CborMajor major) => !IsAtEnd && (CborMajor)(data[Position] >> 5) == major;

    readonly int Rest => data.Length - Position;

    /// <summary>The bytes from an earlier position up to here.</summary>
    internal readonly ReadOnlySpan<byte> Since(int start) => data[start..Position];

    internal bool TryHead(out CborHead head)
    {
        head = default;
        if (Fault is not null)
            return false;
        if (IsAtEnd)
            return Fail("cut off");
        var (major, info) = ((CborMajor)(data[Position] >> 5), (byte)(data[Position] & 31));
        var size = info switch { < 24 => 0, 24 => 1, 25 => 2, 26 => 4, 27 => 8, _ => 0 };
        if (info is > 27 and < 31 || info == 31 && major is CborMajor.Unsigned or CborMajor.Negative or CborMajor.Tag)
            return Fail("malformed");
        if (info == 31 && major == CborMajor.Simple)
            return Fail("a break in the wrong place");
        if (Rest < 1 + size)
            return Fail("cut off");
        var argument = data.Slice(Position + 1, size);
        head = new CborHead(major, info, size switch
        {
            0 => info,
            1 => argument[0],
            2 => BinaryPrimitives.ReadUInt16BigEndian(argument),
            4 => BinaryPrimitives.ReadUInt32BigEndian(argument),
            _ => BinaryPrimitives.ReadUInt64BigEndian(argument),
        });
        if (!head.IsIndefinite && LeastSize(head) > (ulong)(Rest - 1 - size))
            return Fail($"claims {head.Argument} {Unit(major)}, {Rest - 1 - size} bytes are there");
        Position += 1 + size;
        return true;
    }

    /// <summary>Opens an array or a map; its items follow.</summary>
    internal bool TryOpen(CborMajor container, out CborCount count)
    {
        count = default;
        var start = Position;
        if (!TryHead(out var head))
            return false;
        if (head.Major != container)
        {
            Position = start;
            return Fail(container == CborMajor.Map ? "not a map" : "not an array");
        }
        count = new CborCount(head);
        return true;
    }

    /// <summary>True where the container has one more item (or pair); takes the break at the end of one of indefinite length.</summary>
    internal bool HasNext(ref CborCount count)
    {
        if (Fault is not null)
            return false;
        if (!count.IsIndefinite)
        {
            if (count.Left == 0)
                return false;
            count.Left--;
            return true;
        }
        if (IsAtEnd || data[Position] != Break)
            return true;
        Position++;
        return false;
    }

    /// <summary>The content of a byte or text string whose head has been read; copied only where it came in chunks.</summary>
    internal bool TryContent(CborHead head, out ReadOnlySpan<byte> content)
    {
        if (!head.IsIndefinite)
        {
            content = data.Slice(Position, (int)head.Argument);
            Position += (int)head.Argument;
            return true;
        }
        content = default;
        var start = Position;
        if (!TryChunks(head.Major, default, out var length))
            return false;
        Position = start;
        var joined = new byte[length];
        content = joined;
        return TryChunks(head.Major, joined, out _);
    }

    /// <summary>A value without parts; an array or a map is passed over and comes as <see cref="WireKind.Other"/>.</summary>
    internal bool TryValue(out WireValue value)
    {
        value = default;
        return TryHead(out var head) && TryValue(head, out value, 0);
    }

    internal bool TrySkip() => TryHead(out var head) && TrySkip(head, 0);

    bool TryValue(CborHead head, out WireValue value, int tags)
    {
        value = default;
        switch (head.Major)
        {
            case CborMajor.Unsigned:
                value = WireValue.OfUnsigned(head.Argument);
                return true;
            case CborMajor.Negative:
                value = WireValue.OfNegative(head.Argument);
                return true;
            case CborMajor.Bytes or CborMajor.Text:
                var kind = head.Major == CborMajor.Text ? WireKind.Text : WireKind.Bytes;
                if (!TryContent(head, out var content))
                    return false;
                value = WireValue.Of(kind, content);
                return true;
            case CborMajor.Simple:
                value = OfSimple(head);
                return true;
            case CborMajor.Tag:
                return tags == MaxDepth ? Fail("tags nested too deep") : TryTagged(head.Argument, out value, tags + 1);
            default:
                value = WireValue.Of(WireKind.Other);
                return TrySkip(head, 0);
        }
    }

    static WireValue OfSimple(CborHead head) => head.Info switch
    {
        20 => WireValue.OfTruth(false),
        21 => WireValue.OfTruth(true),
        22 or 23 => WireValue.Of(WireKind.Null),
        25 => WireValue.OfReal((double)BitConverter.UInt16BitsToHalf((ushort)head.Argument)),
        26 => WireValue.OfReal(BitConverter.UInt32BitsToSingle((uint)head.Argument)),
        27 => WireValue.OfReal(BitConverter.UInt64BitsToDouble(head.Argument)),
        _ => WireValue.Of(WireKind.Other),
    };

    // Tags that say nothing to LwM2M are looked through (RFC 8949 section 3.4).
    bool TryTagged(ulong tag, out WireValue value, int tags)
    {
        value = default;
        if (tag == CborTag.DecimalFraction)
            return TryFraction(out value, tags);
        if (!TryHead(out var head) || !TryValue(head, out value, tags))
            return false;
        switch (tag)
        {
            case CborTag.Epoch:
                value.IsEpoch = true;
                break;
            case CborTag.PositiveBignum or CborTag.NegativeBignum:
                value = value.Kind == WireKind.Bytes ? WireValue.OfBignum(value.Bytes, tag == CborTag.NegativeBignum) : WireValue.Of(WireKind.Other);
                break;
        }
        return true;
    }

    // RFC 8949 section 3.4.4: [exponent, mantissa] to the base of 10, as RFC 8428 section 6 allows for numbers.
    bool TryFraction(out WireValue value, int tags)
    {
        value = WireValue.Of(WireKind.Other);
        if (!TryHead(out var head))
            return false;
        if (head.Major != CborMajor.Array || head.Argument != 2 || head.IsIndefinite)
            return TrySkip(head, tags);
        // The parts count as nested, or a chain of fractions would have no end.
        if (!TryHead(out head) || !TryValue(head, out var exponent, tags) || !TryHead(out head) || !TryValue(head, out var mantissa, tags))
            return false;
        if (exponent.Kind == WireKind.Whole && mantissa.Kind == WireKind.Whole)
            value = WireValue.OfFraction(mantissa.Whole, exponent.Whole);
        return true;
    }

    bool TrySkip(CborHead head, int depth)
    {
        if (depth == MaxDepth)
            return Fail("nested too deep");
        switch (head.Major)
        {
            case CborMajor.Bytes or CborMajor.Text when head.IsIndefinite:
                return TryChunks(head.Major, default, out _);
            case CborMajor.Bytes or CborMajor.Text:
                Position += (int)head.Argument;
                return true;
            case CborMajor.Tag:
                return TryHead(out var tagged) && TrySkip(tagged, depth + 1);
            case CborMajor.Array or CborMajor.Map:
                var count = new CborCount(head);
                while (HasNext(ref count))
                {
                    if (!TryHead(out var item) || !TrySkip(item, depth + 1))
                        return false;
                    if (head.Major == CborMajor.Map && !(TryHead(out item) && TrySkip(item, depth + 1)))
                        return false;
                }
                return Fault is null;
            default:
                return true;
        }
    }

    // Chunks are strings of definite length and of the same kind (RFC 8949 section 3.2.3).
    bool TryChunks(CborMajor major, Span<byte> joined, out int length)
    {
        length = 0;
        var count = new CborCount(new CborHead(major, 31, 0));
        while (HasNext(ref count))
        {
            var start = Position;
            if (!TryHead(out var chunk))
                return false;
            if (chunk.Major != major || chunk.IsIndefinite)
            {
                Position = start;
                return Fail("not a chunk of the string that it stands in");
            }
            if (!joined.IsEmpty)
                data.Slice(Position, (int)chunk.Argument).CopyTo(joined[length..]);
            Position += (int)chunk.Argument;
            length += (int)chunk.Argument;
        }
        return Fault is null;
    }

    // A pair of a map is two bytes at least.
    static ulong LeastSize(CborHead head) => head.Major switch
    {
        CborMajor.Bytes or CborMajor.Text or CborMajor.Array => head.Argument,
        CborMajor.Map => head.Argument > int.MaxValue ? ulong.MaxValue : 2 * head.Argument,
        _ => 0,
    };

    static string Unit(CborMajor major) => major switch { CborMajor.Array => "items", CborMajor.Map => "pairs", _ => "bytes" };

    bool Fail(string reason)
    {
        Fault ??= $"CBOR item at byte {Position}: {reason}";
        return false;
    }
}
