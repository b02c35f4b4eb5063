using System.Globalization;

namespace Protocol.Lwm2m.Values;

/// <summary>A value as a self-describing format carries it. Its bytes belong to the payload, so it costs nothing until it is typed.</summary>
ref struct WireValue
{
    // Beyond this no double is finite, or all are zero.
    const int LargestExponent = 700;

    // A whole number, or -1 minus it, as CBOR has it; the bits of a Real.
    readonly ulong bits;
    readonly bool flag;

    WireValue(WireKind kind, ReadOnlySpan<byte> bytes, ulong bits = 0, bool flag = false)
    {
        Kind = kind;
        Bytes = bytes;
        this.bits = bits;
        this.flag = flag;
    }

    internal WireKind Kind { get; }

    /// <summary>Content of Text, Bytes, Base64 and Link.</summary>
    internal ReadOnlySpan<byte> Bytes { get; }

    /// <summary>The number is marked as a time since 1970.</summary>
    internal bool IsEpoch { get; set; }

    /// <summary>The number of <see cref="WireKind.Whole"/>, from -2^64 to 2^64 - 1.</summary>
    internal readonly Int128 Whole => flag ? -1 - (Int128)bits : bits;

    /// <summary>The number of <see cref="WireKind.Real"/>, not necessarily finite.</summary>
    internal readonly double Real => BitConverter.UInt64BitsToDouble(bits);

    internal readonly bool Truth => flag;

    internal readonly bool IsNumber => Kind is WireKind.Whole or WireKind.Real;

    internal readonly double Number => Kind == WireKind.Whole ? (flag ? -1 - (double)bits : bits) : Real;

    internal static WireValue Of(WireKind kind) => new(kind, default);

    internal static WireValue Of(WireKind kind, ReadOnlySpan<byte> bytes) => new(kind, bytes);

    internal static WireValue OfUnsigned(ulong number) => new(WireKind.Whole, default, number);

    /// <summary>-1 minus the number.</summary>
    internal static WireValue OfNegative(ulong number) => new(WireKind.Whole, default, number, flag: true);

    /// <summary>A whole number; one beyond 65 bits is rounded.</summary>
    internal static WireValue OfWhole(Int128 number) =>
        number >= 0 && number <= ulong.MaxValue ? OfUnsigned((ulong)number)
        : number < 0 && -1 - number <= ulong.MaxValue ? OfNegative((ulong)(-1 - number))
        : OfReal((double)number);

    internal static WireValue OfReal(double number) => new(WireKind.Real, default, BitConverter.DoubleToUInt64Bits(number));

    internal static WireValue OfTruth(bool truth) => new(WireKind.Boolean, default, 0, truth);

    internal readonly bool TryInteger(out long number)
    {
        number = flag ? ~(long)bits : (long)bits;
        return Kind == WireKind.Whole && bits <= long.MaxValue;
    }

    internal readonly bool TryUnsigned(out ulong number)
    {
        number = bits;
        return Kind == WireKind.Whole && !flag;
    }

    /// <summary>A number of any length, big-endian. What 64 bits do not hold is rounded.</summary>
    internal static WireValue OfBignum(ReadOnlySpan<byte> bytes, bool negative)
    {
        bytes = bytes.TrimStart((byte)0);
        if (bytes.Length > sizeof(ulong))
        {
            double rounded = 0;
            foreach (var part in bytes)
                rounded = rounded * 256 + part;
            return OfReal(negative ? -1 - rounded : rounded);
        }
        var whole = 0ul;
        foreach (var part in bytes)
            whole = whole << 8 | part;
        return negative ? OfNegative(whole) : OfUnsigned(whole);
    }

    /// <summary>A mantissa times a power of ten.</summary>
    internal static WireValue OfFraction(Int128 mantissa, Int128 exponent)
    {
        if (exponent < -LargestExponent || exponent > LargestExponent)
            return OfReal(mantissa == 0 || exponent < 0 ? 0 : double.PositiveInfinity);
        if (exponent >= 0 && exponent <= 18 && Int128.Abs(mantissa) <= ulong.MaxValue)
        {
            for (; exponent > 0; exponent--)
                mantissa *= 10;
            return OfWhole(mantissa);
        }
        // Only the parser rounds once.
        Span<char> text = stackalloc char[64];
        text.TryWrite(CultureInfo.InvariantCulture, $"{mantissa}e{exponent}", out var written);
        return OfReal(double.Parse(text[..written], CultureInfo.InvariantCulture));
    }

    /// <summary>The sum of two numbers, exact where both are whole.</summary>
    internal static WireValue Sum(in WireValue left, in WireValue right) =>
        left.Kind == WireKind.Whole && right.Kind == WireKind.Whole
            ? OfWhole(left.Whole + right.Whole)
            : OfReal(left.Number + right.Number);
}
