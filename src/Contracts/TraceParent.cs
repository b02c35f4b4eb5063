using System.Buffers;
using System.Diagnostics;
using System.Text;

namespace Contracts;

/// <summary>
/// W3C Trace Context, section 3.2: <c>00-TRACE-SPAN-FLAGS</c> in lower-case hexadecimal digits. What is not such a value counts as absent, as
/// the recommendation demands; a later version is read as far as this one knows it.
/// </summary>
public static class TraceParent
{
    /// <summary>Characters, and bytes.</summary>
    public const int Length = 55;

    /// <summary>Longest value that is looked at: a later version may add fields.</summary>
    public const int Longest = 256;

    private const int SpanAt = 36;
    private const int FlagsAt = 53;

    private static readonly SearchValues<byte> s_digits = SearchValues.Create("0123456789abcdef"u8);

    /// <summary>False for anything that is not such a value.</summary>
    public static bool TryParse(ReadOnlySpan<byte> value, out ActivityContext context)
    {
        context = default;
        if (!IsWellFormed(value))
        {
            return false;
        }

        var flags = Digit(value[FlagsAt + 1]) & 1;
        context = new ActivityContext(
            ActivityTraceId.CreateFromUtf8String(value.Slice(3, 32)),
            ActivitySpanId.CreateFromUtf8String(value.Slice(SpanAt, 16)),
            (ActivityTraceFlags)flags,
            traceState: null,
            isRemote: true);
        return true;
    }

    /// <summary>False for anything that is not such a value, an empty one among them.</summary>
    public static bool TryParse(string value, out ActivityContext context)
    {
        ArgumentNullException.ThrowIfNull(value);
        Span<byte> bytes = stackalloc byte[Longest];
        if (value.Length is >= Length and <= Longest && Ascii.FromUtf16(value, bytes, out var written) == OperationStatus.Done)
        {
            return TryParse(bytes[..written], out context);
        }

        context = default;
        return false;
    }

    /// <summary>The value itself where it is one, as this version writes it; null where it is none.</summary>
    public static string? TextOf(ReadOnlySpan<byte> value) =>
        !IsWellFormed(value) ? null
        : value[0] == '0' && value[1] == '0' ? Encoding.ASCII.GetString(value)
        : "00" + Encoding.ASCII.GetString(value[2..(FlagsAt - 1)]) + ((Digit(value[FlagsAt + 1]) & 1) == 1 ? "-01" : "-00");

    /// <summary>A trace that nobody records: whoever comes later does not begin one either.</summary>
    public static string Unrecorded() => $"00-{ActivityTraceId.CreateRandom()}-{ActivitySpanId.CreateRandom()}-00";

    private static bool IsWellFormed(ReadOnlySpan<byte> value) =>
        value.Length is >= Length and <= Longest
        && value[2] == '-' && value[SpanAt - 1] == '-' && value[FlagsAt - 1] == '-'
        && IsHex(value[..2]) && IsHex(value.Slice(3, 32)) && IsHex(value.Slice(SpanAt, 16)) && IsHex(value.Slice(FlagsAt, 2))
        && !value[..2].SequenceEqual("ff"u8)
        && value.Slice(3, 32).ContainsAnyExcept((byte)'0') && value.Slice(SpanAt, 16).ContainsAnyExcept((byte)'0')
        && (value.Length == Length || (!value[..2].SequenceEqual("00"u8) && value[Length] == '-'));

    private static bool IsHex(ReadOnlySpan<byte> digits) => !digits.ContainsAnyExcept(s_digits);

    private static int Digit(byte digit) => digit <= '9' ? digit - '0' : digit - 'a' + 10;
}
