using System.Buffers;
using System.Buffers.Binary;
using System.Text;
using Protocol.Lwm2m.Values;

namespace Protocol.Lwm2m.Cbor;

/// <summary>Writes CBOR (RFC 8949) with definite lengths and the shortest heads.</summary>
sealed class CborWriter
{
    readonly ArrayBufferWriter<byte> output = new();

    internal ReadOnlySpan<byte> Written => output.WrittenSpan;

    internal void Head(CborMajor major, ulong argument)
    {
        var head = output.GetSpan(9);
        var type = (int)major << 5;
        switch (argument)
        {
            case < 24:
                head[0] = (byte)(type | (int)argument);
                output.Advance(1);
                break;
            case <= byte.MaxValue:
                (head[0], head[1]) = ((byte)(type | 24), (byte)argument);
                output.Advance(2);
                break;
            case <= ushort.MaxValue:
                head[0] = (byte)(type | 25);
                BinaryPrimitives.WriteUInt16BigEndian(head[1..], (ushort)argument);
                output.Advance(3);
                break;
            case <= uint.MaxValue:
                head[0] = (byte)(type | 26);
                BinaryPrimitives.WriteUInt32BigEndian(head[1..], (uint)argument);
                output.Advance(5);
                break;
            default:
                head[0] = (byte)(type | 27);
                BinaryPrimitives.WriteUInt64BigEndian(head[1..], argument);
                output.Advance(9);
                break;
        }
    }

    internal void Integer(long number)
    {
        if (number >= 0)
            Head(CborMajor.Unsigned, (ulong)number);
        else
            Head(CborMajor.Negative, ~(ulong)number);
    }

    internal void Text(ReadOnlySpan<char> text)
    {
        var size = Encoding.UTF8.GetByteCount(text);
        Head(CborMajor.Text, (ulong)size);
        output.Advance(Encoding.UTF8.GetBytes(text, output.GetSpan(size)));
    }

    internal void Bytes(ReadOnlySpan<byte> bytes)
    {
        Head(CborMajor.Bytes, (ulong)bytes.Length);
        output.Write(bytes);
    }

    /// <summary>In 4 bytes where they hold the number exactly, else in 8. Halves are left out: not every device reads them.</summary>
    internal void Real(double number)
    {
        if ((float)number == number)
        {
            var single = output.GetSpan(5);
            single[0] = 0xFA;
            BinaryPrimitives.WriteSingleBigEndian(single[1..], (float)number);
            output.Advance(5);
            return;
        }
        var bytes = output.GetSpan(9);
        bytes[0] = 0xFB;
        BinaryPrimitives.WriteDoubleBigEndian(bytes[1..], number);
        output.Advance(9);
    }

    /// <summary>The value as CBOR and LwM2M CBOR carry it: a time is tagged, an object link is text, no value is null.</summary>
    internal void Value(in Lwm2mValue value)
    {
        if (value.Type == ResourceType.Time)
            Head(CborMajor.Tag, CborTag.Epoch);
        UntaggedValue(value);
    }

    /// <summary>As <see cref="Value"/>, with a time as the plain number that SenML wants.</summary>
    internal void UntaggedValue(in Lwm2mValue value)
    {
        switch (value.Type)
        {
            case ResourceType.Integer or ResourceType.Time:
                Integer(value.Number);
                break;
            case ResourceType.UnsignedInteger:
                Head(CborMajor.Unsigned, value.UnsignedNumber);
                break;
            case ResourceType.Float:
                Real(value.Real);
                break;
            case ResourceType.Boolean:
                Head(CborMajor.Simple, value.Truth ? 21u : 20u);
                break;
            case ResourceType.Opaque:
                Bytes(value.Bytes);
                break;
            case ResourceType.None:
                Head(CborMajor.Simple, 22);
                break;
            default:
                Text(value.ToString());
                break;
        }
    }
}
