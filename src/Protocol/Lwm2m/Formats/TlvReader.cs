using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;

namespace Protocol.Lwm2m.Formats;

/// <summary>
/// Walks the TLV records of one level (LwM2M Core 1.1 section 7.4.3). All lengths of the level are checked when it is opened, so reading
/// cannot fail; a record that holds records is opened by a reader of its own.
/// </summary>
public ref struct TlvReader
{
    ReadOnlySpan<byte> rest;

    TlvReader(ReadOnlySpan<byte> data, int count)
    {
        rest = data;
        Count = count;
    }

    /// <summary>Number of records of the level.</summary>
    public int Count { get; }

    public TlvKind Kind { get; private set; }

    public ushort Id { get; private set; }

    public ReadOnlySpan<byte> Value { get; private set; }

    /// <summary>False where a header is cut off or a length goes beyond the data. No data is a level without records.</summary>
    public static bool TryOpen(ReadOnlySpan<byte> data, out TlvReader reader, [NotNullWhen(false)] out string? reason)
    {
        reader = default;
        var count = 0;
        for (var rest = data; !rest.IsEmpty; count++)
        {
            if (!TryHeader(rest, out _, out _, out var start, out var length))
            {
                reason = $"TLV header cut off at byte {data.Length - rest.Length}";
                return false;
            }
            if (length > rest.Length - start)
            {
                reason = $"TLV record at byte {data.Length - rest.Length} claims {length} bytes, {rest.Length - start} are there";
                return false;
            }
            rest = rest[(start + length)..];
        }
        reader = new TlvReader(data, count);
        reason = null;
        return true;
    }

    /// <summary>Goes to the next record; false after the last.</summary>
    public bool Read()
    {
        if (rest.IsEmpty)
            return false;
        TryHeader(rest, out var kind, out var id, out var start, out var length);
        Kind = kind;
        Id = id;
        Value = rest.Slice(start, length);
        rest = rest[(start + length)..];
        return true;
    }

    static bool TryHeader(ReadOnlySpan<byte> data, out TlvKind kind, out ushort id, out int start, out int length)
    {
        var type = data[0];
        kind = (TlvKind)(type >> 6);
        var idSize = (type & 0x20) == 0 ? 1 : 2;
        var lengthSize = type >> 3 & 3;
        start = 1 + idSize + lengthSize;
        id = 0;
        length = type & 7;
        if (data.Length < start)
            return false;
        id = idSize == 1 ? data[1] : BinaryPrimitives.ReadUInt16BigEndian(data[1..]);
        var lengthBytes = data.Slice(1 + idSize, lengthSize);
        if (lengthSize > 0)
            length = 0;
        foreach (var part in lengthBytes)
            length = length << 8 | part;
        return true;
    }
}
