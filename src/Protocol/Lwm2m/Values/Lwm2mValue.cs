using System.Globalization;
using System.Text.Json;

namespace Protocol.Lwm2m.Values;

/// <summary>One value with its type. Reading it as another type than <see cref="Type"/> is a bug and throws.</summary>
public readonly struct Lwm2mValue : IEquatable<Lwm2mValue>
{
    readonly object? reference;
    readonly long bits;

    Lwm2mValue(ResourceType type, long bits, object? reference = null)
    {
        Type = type;
        this.bits = bits;
        this.reference = reference;
    }

    public ResourceType Type { get; }

    public static Lwm2mValue None => default;

    public static Lwm2mValue String(string value) => new(ResourceType.String, 0, value);

    public static Lwm2mValue Integer(long value) => new(ResourceType.Integer, value);

    public static Lwm2mValue UnsignedInteger(ulong value) => new(ResourceType.UnsignedInteger, (long)value);

    public static Lwm2mValue Float(double value) => new(ResourceType.Float, BitConverter.DoubleToInt64Bits(value));

    public static Lwm2mValue Boolean(bool value) => new(ResourceType.Boolean, value ? 1 : 0);

    /// <summary>Keeps the array; do not change it afterwards.</summary>
    public static Lwm2mValue Opaque(byte[] value) => new(ResourceType.Opaque, 0, value);

    /// <summary>Seconds since 1970-01-01 UTC.</summary>
    public static Lwm2mValue Time(long seconds) => new(ResourceType.Time, seconds);

    public static Lwm2mValue ObjectLink(ushort objectId, ushort instanceId) =>
        new(ResourceType.ObjectLink, (long)objectId << 16 | instanceId);

    public static Lwm2mValue CoreLink(string value) => new(ResourceType.CoreLink, 0, value);

    /// <summary>The text of a String or CoreLink.</summary>
    public string Text => Type is ResourceType.String or ResourceType.CoreLink ? (string)reference! : throw Mismatch(nameof(Text));

    /// <summary>The number of an Integer, or the seconds of a Time.</summary>
    public long Number => Type is ResourceType.Integer or ResourceType.Time ? bits : throw Mismatch(nameof(Number));

    public ulong UnsignedNumber => Type == ResourceType.UnsignedInteger ? (ulong)bits : throw Mismatch(nameof(UnsignedNumber));

    public double Real => Type == ResourceType.Float ? BitConverter.Int64BitsToDouble(bits) : throw Mismatch(nameof(Real));

    public bool Truth => Type == ResourceType.Boolean ? bits != 0 : throw Mismatch(nameof(Truth));

    public byte[] Bytes => Type == ResourceType.Opaque ? (byte[])reference! : throw Mismatch(nameof(Bytes));

    /// <summary>Object id and object instance id of an ObjectLink.</summary>
    public (ushort ObjectId, ushort InstanceId) Link =>
        Type == ResourceType.ObjectLink ? ((ushort)(bits >> 16), (ushort)bits) : throw Mismatch(nameof(Link));

    /// <summary>
    /// The JSON of this value in events: numbers and booleans as such, Opaque as base64, ObjectLink as "object:instance", None as null.
    /// A Float keeps its fraction ("5.0"), so that a consumer sees one type.
    /// </summary>
    public void WriteTo(Utf8JsonWriter json)
    {
        switch (Type)
        {
            case ResourceType.String or ResourceType.CoreLink:
                json.WriteStringValue(Text);
                break;
            case ResourceType.Integer or ResourceType.Time:
                json.WriteNumberValue(Number);
                break;
            case ResourceType.UnsignedInteger:
                json.WriteNumberValue(UnsignedNumber);
                break;
            case ResourceType.Float:
                WriteReal(json, Real);
                break;
            case ResourceType.Boolean:
                json.WriteBooleanValue(Truth);
                break;
            case ResourceType.Opaque:
                json.WriteBase64StringValue(Bytes);
                break;
            case ResourceType.ObjectLink:
                json.WriteStringValue(ToString());
                break;
            default:
                json.WriteNullValue();
                break;
        }
    }

    static void WriteReal(Utf8JsonWriter json, double value)
    {
        Span<byte> text = stackalloc byte[40];
        if (!double.IsFinite(value) || !value.TryFormat(text, out var written, default, CultureInfo.InvariantCulture))
        {
            json.WriteNullValue();
            return;
        }
        if (text[..written].IndexOfAny((byte)'.', (byte)'E') < 0)
        {
            text[written++] = (byte)'.';
            text[written++] = (byte)'0';
        }
        json.WriteRawValue(text[..written], skipInputValidation: true);
    }

    /// <summary>The value as text/plain carries it (LwM2M Core 1.1 section 7.4.2 and appendix C).</summary>
    public override string ToString() => Type switch
    {
        ResourceType.String or ResourceType.CoreLink => Text,
        ResourceType.Integer or ResourceType.Time => Number.ToString(CultureInfo.InvariantCulture),
        ResourceType.UnsignedInteger => UnsignedNumber.ToString(CultureInfo.InvariantCulture),
        ResourceType.Float => Real.ToString(CultureInfo.InvariantCulture),
        ResourceType.Boolean => Truth ? "1" : "0",
        ResourceType.Opaque => Convert.ToBase64String(Bytes),
        ResourceType.ObjectLink => string.Create(CultureInfo.InvariantCulture, $"{Link.ObjectId}:{Link.InstanceId}"),
        _ => "",
    };

    public bool Equals(Lwm2mValue other) => Type == other.Type && bits == other.bits
        && (reference is byte[] bytes
            ? other.reference is byte[] others && bytes.AsSpan().SequenceEqual(others)
            : Equals(reference, other.reference));

    public override bool Equals(object? obj) => obj is Lwm2mValue other && Equals(other);

    public override int GetHashCode()
    {
        var hash = new HashCode();
        hash.Add(Type);
        hash.Add(bits);
        if (reference is byte[] bytes)
            hash.AddBytes(bytes);
        else
            hash.Add(reference);
        return hash.ToHashCode();
    }

    public static bool operator ==(Lwm2mValue left, Lwm2mValue right) => left.Equals(right);

    public static bool operator !=(Lwm2mValue left, Lwm2mValue right) => !left.Equals(right);

    InvalidOperationException Mismatch(string asked) => new($"{asked} of a value of type {Type}");
}
