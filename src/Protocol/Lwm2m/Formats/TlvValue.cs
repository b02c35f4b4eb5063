using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;
using System.Text;
using Protocol.Lwm2m.Values;

namespace Protocol.Lwm2m.Formats;

/// <summary>
/// The value part of a TLV record (LwM2M Core 1.1 appendix C). Written as the specification wants it: integers of 1, 2, 4 or 8 bytes, the
/// fewest that hold the number with its sign. Read more kindly: any number of bytes up to 8 (none is 0), and floats of 2 bytes.
/// </summary>
public static class TlvValue
{
    public static bool TryDecode(ResourceType type, ReadOnlySpan<byte> bytes, out Lwm2mValue value, [NotNullWhen(false)] out string? reason)
    {
        value = default;
        reason = null;
        switch (type)
        {
            case ResourceType.String:
                value = Lwm2mValue.String(Encoding.UTF8.GetString(bytes));
                return true;
            case ResourceType.CoreLink:
                value = Lwm2mValue.CoreLink(Encoding.UTF8.GetString(bytes));
                return true;
            case ResourceType.Opaque:
                value = Lwm2mValue.Opaque(bytes.ToArray());
                return true;
            case ResourceType.Integer when bytes.Length <= 8:
                value = Lwm2mValue.Integer(ReadSigned(bytes));
                return true;
            case ResourceType.Time when bytes.Length <= 8:
                value = Lwm2mValue.Time(ReadSigned(bytes));
                return true;
            case ResourceType.UnsignedInteger when bytes.Length <= 8:
                value = Lwm2mValue.UnsignedInteger(ReadUnsigned(bytes));
                return true;
            case ResourceType.Float when TryReadReal(bytes, out var real):
                value = Lwm2mValue.Float(real);
                return true;
            case ResourceType.Boolean when bytes.Length == 1 && bytes[0] <= 1:
                value = Lwm2mValue.Boolean(bytes[0] == 1);
                return true;
            case ResourceType.ObjectLink when bytes.Length == 4:
                var objectId = BinaryPrimitives.ReadUInt16BigEndian(bytes);
                value = Lwm2mValue.ObjectLink(objectId, BinaryPrimitives.ReadUInt16BigEndian(bytes[2..]));
                return true;
            default:
                reason = type switch
                {
                    ResourceType.None => "the definition gives this resource no value",
                    ResourceType.Float => "not a finite Float of 4 or 8 bytes",
                    ResourceType.Boolean => "not a Boolean of one byte, 0 or 1",
                    ResourceType.ObjectLink => "not an object link of 4 bytes",
                    _ => "not an integer of up to 8 bytes",
                };
                return false;
        }
    }

    /// <summary>The bytes of a value; none for <see cref="ResourceType.None"/>.</summary>
    public static byte[] Encode(Lwm2mValue value)
    {
        switch (value.Type)
        {
            case ResourceType.String or ResourceType.CoreLink:
                return Encoding.UTF8.GetBytes(value.Text);
            case ResourceType.Opaque:
                return value.Bytes;
            case ResourceType.Integer or ResourceType.Time:
                var number = value.Number;
                var size = number switch
                {
                    >= sbyte.MinValue and <= sbyte.MaxValue => 1,
                    >= short.MinValue and <= short.MaxValue => 2,
                    >= int.MinValue and <= int.MaxValue => 4,
                    _ => 8,
                };
                return LowBytes((ulong)number, size);
            case ResourceType.UnsignedInteger:
                var unsigned = value.UnsignedNumber;
                var unsignedSize = unsigned switch { <= byte.MaxValue => 1, <= ushort.MaxValue => 2, <= uint.MaxValue => 4, _ => 8 };
                return LowBytes(unsigned, unsignedSize);
            case ResourceType.Float:
                return LowBytes(BitConverter.DoubleToUInt64Bits(value.Real), 8);
            case ResourceType.Boolean:
                return [value.Truth ? (byte)1 : (byte)0];
            case ResourceType.ObjectLink:
                return LowBytes((ulong)value.Link.ObjectId << 16 | value.Link.InstanceId, 4);
            default:
                return [];
        }
    }

    static byte[] LowBytes(ulong bits, int size)
    {
        Span<byte> all = stackalloc byte[8];
        BinaryPrimitives.WriteUInt64BigEndian(all, bits);
        return all[(8 - size)..].ToArray();
    }

    static ulong ReadUnsigned(ReadOnlySpan<byte> bytes)
    {
        ulong number = 0;
        foreach (var part in bytes)
            number = number << 8 | part;
        return number;
    }

    static long ReadSigned(ReadOnlySpan<byte> bytes)
    {
        if (bytes.IsEmpty)
            return 0;
        var unused = 64 - 8 * bytes.Length;
        return (long)(ReadUnsigned(bytes) << unused) >> unused;
    }

    static bool TryReadReal(ReadOnlySpan<byte> bytes, out double real)
    {
        real = bytes.Length switch
        {
            2 => (double)BinaryPrimitives.ReadHalfBigEndian(bytes),
            4 => BinaryPrimitives.ReadSingleBigEndian(bytes),
            8 => BinaryPrimitives.ReadDoubleBigEndian(bytes),
            _ => double.NaN,
        };
        return double.IsFinite(real);
    }
}
