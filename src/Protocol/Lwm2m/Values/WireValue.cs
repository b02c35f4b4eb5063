using System.Globalization;

namespace Protocol.Lwm2m.Values;

/// <summary>A value as a self-describing format carries it. Its bytes belong to the payload, so it costs nothing until it is typed.</summary>
ref struct WireValue
{
    // Beyond this no double is finite, or all are zero.
    const int LargestExponent = 700;

    internal WireKind Kind { get; private init; }

    /// <summary>The number of <see cref="WireKind.Whole"/>; it may lie beyond 64 bits.</summary>
    internal Int128 Whole { get; private init; }

    /// <summary>The number of <see cref="WireKind.Real"/>, not necessarily finite.</summary>
    internal double Real { get; private init; }

    internal bool Truth { get; private init; }

    /// <summary>Content of Text, Bytes, Base64 and Link.</summary>
    internal ReadOnlySpan<byte> Bytes { get; private init; }

    /// <summary>The number is marked as a time since 1970.</summary>
    internal bool IsEpoch { get; set; }

    internal readonly bool IsNumber => Kind is WireKind.Whole or WireKind.Real;

    internal readonly double Number => Kind == WireKind.Whole ? (double)Whole : Real;

    internal static WireValue Of(WireKind kind) => new() { Kind = kind };

    internal static WireValue Of(WireKind kind, ReadOnlySpan<byte> bytes) => new() { Kind = kind, Bytes = bytes };

    internal static WireValue OfWhole(Int128 number) => new() { Kind = WireKind.Whole, Whole = number };

    internal static WireValue OfReal(double number) => new() { Kind = WireKind.Real, Real = number };

    internal static WireValue OfTruth(bool truth) => new() { Kind = WireKind.Boolean, Truth = truth };

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
        Int128 whole = 0;
        foreach (var part in bytes)
            whole = whole << 8 | part;
        return OfWhole(negative ? -1 - whole : whole);
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
