using System.Buffers;
using System.Globalization;
using System.Text;

namespace Protocol.Lwm2m;

/// <summary>
/// None to four numeric levels: object, object instance, resource, resource instance. Written with a leading slash; the default value is
/// "/". Sorts a parent before its children and ids by number.
/// </summary>
public readonly struct Lwm2mPath : IEquatable<Lwm2mPath>, IComparable<Lwm2mPath>
{
    public const int MaxDepth = 4;

    /// <summary>Length of the longest path, "/65535/65535/65535/65535".</summary>
    public const int MaxLength = 24;

    // The first level stands in the highest 16 bits, unused levels are zero: equality, order and prefix are integer operations.
    readonly ulong ids;
    readonly byte depth;

    Lwm2mPath(ulong ids, int depth)
    {
        this.ids = ids;
        this.depth = (byte)depth;
    }

    public Lwm2mPath(ushort objectId)
        : this((ulong)objectId << 48, 1)
    {
    }

    public Lwm2mPath(ushort objectId, ushort instanceId)
        : this((ulong)objectId << 48 | (ulong)instanceId << 32, 2)
    {
    }

    public Lwm2mPath(ushort objectId, ushort instanceId, ushort resourceId)
        : this((ulong)objectId << 48 | (ulong)instanceId << 32 | (ulong)resourceId << 16, 3)
    {
    }

    public Lwm2mPath(ushort objectId, ushort instanceId, ushort resourceId, ushort resourceInstanceId)
        : this((ulong)objectId << 48 | (ulong)instanceId << 32 | (ulong)resourceId << 16 | resourceInstanceId, 4)
    {
    }

    /// <summary>Number of levels, 0 for the root.</summary>
    public int Depth => depth;

    public bool IsRoot => depth == 0;

    /// <summary>First level; 0 where <see cref="Depth"/> does not reach it, as for the three below.</summary>
    public ushort ObjectId => (ushort)(ids >> 48);

    public ushort InstanceId => (ushort)(ids >> 32);

    public ushort ResourceId => (ushort)(ids >> 16);

    public ushort ResourceInstanceId => (ushort)ids;

    /// <summary>The id at a level, counted from 0.</summary>
    public ushort this[int level]
    {
        get
        {
            ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)level, depth, nameof(level));
            return (ushort)(ids >> (48 - 16 * level));
        }
    }

    /// <summary>The first levels of this path; the path itself where it has no more.</summary>
    public Lwm2mPath Take(int levels) => levels >= depth ? this : new Lwm2mPath(ids & Mask(levels), levels);

    /// <summary>One level deeper. The path must have fewer than four levels.</summary>
    public Lwm2mPath Append(ushort id)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(depth, MaxDepth, nameof(depth));
        return new Lwm2mPath(ids | (ulong)id << (48 - 16 * depth), depth + 1);
    }

    /// <summary>This path followed by the levels of another; false where that is more than four.</summary>
    public bool TryAppend(Lwm2mPath relative, out Lwm2mPath path)
    {
        path = this;
        if (depth + relative.depth > MaxDepth)
            return false;
        path = relative.IsRoot ? this : new Lwm2mPath(ids | relative.ids >> (16 * depth), depth + relative.depth);
        return true;
    }

    /// <summary>True for the path itself and for all that lies below it.</summary>
    public bool IsPrefixOf(Lwm2mPath other) => depth <= other.depth && ((ids ^ other.ids) & Mask(depth)) == 0;

    /// <summary>
    /// Reads "/3/0/0", "3/0" or "/3/0/". False for an empty text, more than four levels, an id above 65535 or with leading zeros, and all
    /// that is not a digit.
    /// </summary>
    public static bool TryParse(ReadOnlySpan<char> text, out Lwm2mPath path)
    {
        path = default;
        Span<byte> ascii = stackalloc byte[MaxLength + 1];
        return Ascii.FromUtf16(text, ascii, out var length) == OperationStatus.Done && TryParse(ascii[..length], out path);
    }

    /// <inheritdoc cref="TryParse(ReadOnlySpan{char}, out Lwm2mPath)"/>
    public static bool TryParse(ReadOnlySpan<byte> utf8, out Lwm2mPath path)
    {
        path = default;
        if (utf8.IsEmpty || utf8.Length > MaxLength + 1)
            return false;
        var at = utf8[0] == '/' ? 1 : 0;
        var end = utf8.Length;
        if (at == end)
            return true;
        if (utf8[end - 1] == '/')
            end--;

        var built = default(Lwm2mPath);
        while (built.depth < MaxDepth && TryParseId(utf8[..end], ref at, out var id))
        {
            built = built.Append(id);
            if (at == end)
            {
                path = built;
                return true;
            }
            at++;
        }
        return false;
    }

    // Up to the next slash or the end.
    static bool TryParseId(ReadOnlySpan<byte> text, ref int at, out ushort id)
    {
        id = 0;
        var start = at;
        var number = 0;
        for (; at < text.Length && text[at] != '/'; at++)
        {
            var digit = text[at] - '0';
            if (digit is < 0 or > 9 || number == 0 && at > start)
                return false;
            number = 10 * number + digit;
            if (number > ushort.MaxValue)
                return false;
        }
        id = (ushort)number;
        return at > start;
    }

    /// <summary>Writes the path with its leading slash; false where the room does not suffice.</summary>
    public bool TryFormat(Span<char> destination, out int written)
    {
        written = 0;
        if (destination.IsEmpty)
            return false;
        if (depth == 0)
            destination[written++] = '/';
        for (var level = 0; level < depth; level++)
        {
            if (written == destination.Length)
                return false;
            destination[written++] = '/';
            if (!this[level].TryFormat(destination[written..], out var digits, default, CultureInfo.InvariantCulture))
                return false;
            written += digits;
        }
        return true;
    }

    public override string ToString()
    {
        Span<char> text = stackalloc char[MaxLength];
        TryFormat(text, out var written);
        return new string(text[..written]);
    }

    public int CompareTo(Lwm2mPath other) => ids != other.ids ? ids.CompareTo(other.ids) : depth.CompareTo(other.depth);

    public bool Equals(Lwm2mPath other) => ids == other.ids && depth == other.depth;

    public override bool Equals(object? obj) => obj is Lwm2mPath other && Equals(other);

    public override int GetHashCode() => HashCode.Combine(ids, depth);

    public static bool operator ==(Lwm2mPath left, Lwm2mPath right) => left.Equals(right);

    public static bool operator !=(Lwm2mPath left, Lwm2mPath right) => !left.Equals(right);

    public static bool operator <(Lwm2mPath left, Lwm2mPath right) => left.CompareTo(right) < 0;

    public static bool operator >(Lwm2mPath left, Lwm2mPath right) => left.CompareTo(right) > 0;

    public static bool operator <=(Lwm2mPath left, Lwm2mPath right) => left.CompareTo(right) <= 0;

    public static bool operator >=(Lwm2mPath left, Lwm2mPath right) => left.CompareTo(right) >= 0;

    static ulong Mask(int levels) => levels == 0 ? 0 : ulong.MaxValue << (64 - 16 * levels);
}
