using System.Buffers.Binary;

namespace Protocol.Coap;

/// <summary>Delta and length of one option, with their extended forms (RFC 7252 section 3.1).</summary>
static class OptionHeader
{
    const int OneByteForm = 13;
    const int TwoByteForm = 14;
    const int TwoByteBias = 269;

    /// <summary>Longest header: one byte, two extended forms of two bytes.</summary>
    public const int MaxLength = 5;

    /// <summary>
    /// Reads the header at <paramref name="offset"/> and moves to the value, which is checked to lie within the datagram.
    /// <paramref name="number"/> goes from the number of the option before to that of this one.
    /// </summary>
    public static CoapParseError Read(ReadOnlySpan<byte> datagram, ref int offset, ref int number, out int length)
    {
        var first = datagram[offset++];
        var delta = first >> 4;
        length = first & 0x0F;
        if (delta > 12 || length > 12)
        {
            var error = ReadExtended(datagram, ref offset, ref delta);
            if (error == CoapParseError.None)
                error = ReadExtended(datagram, ref offset, ref length);
            if (error != CoapParseError.None)
                return error;
        }

        number += delta;
        if (number > ushort.MaxValue)
            return CoapParseError.OptionNumberOverflow;
        return length > datagram.Length - offset ? CoapParseError.TruncatedOption : CoapParseError.None;
    }

    /// <summary>Writes a header; the destination has room for <see cref="MaxLength"/> bytes.</summary>
    public static int Write(Span<byte> destination, int delta, int length)
    {
        var written = 1;
        var first = WriteExtended(destination, delta, ref written) << 4;
        first |= WriteExtended(destination, length, ref written);
        destination[0] = (byte)first;
        return written;
    }

    static CoapParseError ReadExtended(ReadOnlySpan<byte> datagram, ref int offset, ref int value)
    {
        switch (value)
        {
            case < OneByteForm:
                return CoapParseError.None;
            case OneByteForm:
                if (offset >= datagram.Length)
                    return CoapParseError.TruncatedOption;
                value = datagram[offset++] + OneByteForm;
                return CoapParseError.None;
            case TwoByteForm:
                if (datagram.Length - offset < 2)
                    return CoapParseError.TruncatedOption;
                value = BinaryPrimitives.ReadUInt16BigEndian(datagram[offset..]) + TwoByteBias;
                offset += 2;
                return CoapParseError.None;
            default:
                return CoapParseError.ReservedOptionHeader;
        }
    }

    static int WriteExtended(Span<byte> destination, int value, ref int written)
    {
        switch (value)
        {
            case < OneByteForm:
                return value;
            case < TwoByteBias:
                destination[written++] = (byte)(value - OneByteForm);
                return OneByteForm;
            default:
                BinaryPrimitives.WriteUInt16BigEndian(destination[written..], (ushort)(value - TwoByteBias));
                written += 2;
                return TwoByteForm;
        }
    }
}
