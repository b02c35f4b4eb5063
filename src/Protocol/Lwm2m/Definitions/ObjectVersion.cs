using System.Diagnostics.CodeAnalysis;
using System.Globalization;

namespace Protocol.Lwm2m.Definitions;

/// <summary>Version of an object. Versions with the same major number are compatible: a higher minor one only adds.</summary>
public readonly record struct ObjectVersion(ushort Major, ushort Minor) : IComparable<ObjectVersion>
{
    /// <summary>The version of an object that names none (LwM2M Core 1.1 section 7.2.2).</summary>
    public static ObjectVersion Initial => new(1, 0);

    /// <summary>Reads "1.1"; "1" is "1.0".</summary>
    public static bool TryParse([NotNullWhen(true)] string? text, out ObjectVersion version)
    {
        version = default;
        if (text is null)
            return false;
        var span = text.AsSpan().Trim();
        var dot = span.IndexOf('.');
        ushort minor = 0;
        if (!TryNumber(dot < 0 ? span : span[..dot], out var major) || dot >= 0 && !TryNumber(span[(dot + 1)..], out minor))
            return false;
        version = new ObjectVersion(major, minor);
        return true;
    }

    static bool TryNumber(ReadOnlySpan<char> text, out ushort number) =>
        ushort.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out number);

    public int CompareTo(ObjectVersion other) => Major != other.Major ? Major.CompareTo(other.Major) : Minor.CompareTo(other.Minor);

    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Major}.{Minor}");

    public static bool operator <(ObjectVersion left, ObjectVersion right) => left.CompareTo(right) < 0;

    public static bool operator >(ObjectVersion left, ObjectVersion right) => left.CompareTo(right) > 0;

    public static bool operator <=(ObjectVersion left, ObjectVersion right) => left.CompareTo(right) <= 0;

    public static bool operator >=(ObjectVersion left, ObjectVersion right) => left.CompareTo(right) >= 0;
}
