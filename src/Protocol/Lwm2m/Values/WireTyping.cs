using System.Buffers;
using System.Buffers.Text;
using System.Diagnostics.CodeAnalysis;
using System.Text;
using System.Text.Unicode;

namespace Protocol.Lwm2m.Values;

/// <summary>From what a self-describing format says of a value to the type that the definition gives it (LwM2M Core 1.1 appendix C).</summary>
static class WireTyping
{
    // The first doubles that 64 bits do not hold.
    const double BeyondInteger = 9223372036854775808.0;
    const double BeyondUnsigned = 18446744073709551616.0;

    const int LongestLink = 11;

    /// <param name="type">Null, where there is no definition: the value says itself what it is.</param>
    internal static bool TryType(ResourceType? type, in WireValue wire, out Lwm2mValue value, [NotNullWhen(false)] out string? reason)
    {
        value = default;
        switch (type ?? TypeOf(wire))
        {
            case ResourceType.None when type is null:
                reason = wire.Kind is WireKind.Absent or WireKind.Null ? "there is no value" : "not a value that LwM2M has";
                return false;
            case ResourceType.None:
                reason = "the definition gives this resource no value";
                return false;
            case ResourceType.Integer:
                return TryInteger(wire, out value, out reason);
            case ResourceType.Time:
                return TryTime(wire, out value, out reason);
            case ResourceType.UnsignedInteger:
                return TryUnsigned(wire, out value, out reason);
            case ResourceType.Float:
                value = wire.IsNumber ? Lwm2mValue.Float(wire.Number) : default;
                reason = !wire.IsNumber ? NotOf("Float", wire) : double.IsFinite(wire.Number) ? null : "not a finite Float";
                return reason is null;
            case ResourceType.Boolean:
                value = Lwm2mValue.Boolean(wire.Truth);
                reason = wire.Kind == WireKind.Boolean ? null : NotOf("Boolean", wire);
                return reason is null;
            case ResourceType.Opaque:
                return TryOpaque(wire, out value, out reason);
            case ResourceType.ObjectLink:
                return TryLink(wire, out value, out reason);
            case var text:
                return TryText(text, wire, out value, out reason);
        }
    }

    static ResourceType TypeOf(in WireValue wire) => wire.Kind switch
    {
        WireKind.Whole when wire.IsEpoch => ResourceType.Time,
        WireKind.Whole when wire.TryInteger(out _) => ResourceType.Integer,
        WireKind.Whole when wire.TryUnsigned(out _) => ResourceType.UnsignedInteger,
        WireKind.Whole or WireKind.Real => ResourceType.Float,
        WireKind.Boolean => ResourceType.Boolean,
        WireKind.Text => ResourceType.String,
        WireKind.Bytes or WireKind.Base64 => ResourceType.Opaque,
        WireKind.Link => ResourceType.ObjectLink,
        _ => ResourceType.None,
    };

    static bool TryInteger(in WireValue wire, out Lwm2mValue value, [NotNullWhen(false)] out string? reason)
    {
        value = default;
        reason = null;
        if (wire.TryInteger(out var number))
            value = Lwm2mValue.Integer(number);
        else if (wire.Kind == WireKind.Real && double.IsInteger(wire.Real) && wire.Real is >= -BeyondInteger and < BeyondInteger)
            value = Lwm2mValue.Integer((long)wire.Real);
        else
            reason = wire.IsNumber ? "not an Integer of 64 bits" : NotOf("Integer", wire);
        return reason is null;
    }

    // A time may have a fraction, which the whole seconds of our Time do not hold: it stays the number that it is.
    static bool TryTime(in WireValue wire, out Lwm2mValue value, [NotNullWhen(false)] out string? reason)
    {
        if (wire.Kind == WireKind.Real && double.IsFinite(wire.Real) && !double.IsInteger(wire.Real))
        {
            value = Lwm2mValue.Float(wire.Real);
            reason = null;
            return true;
        }
        if (TryInteger(wire, out value, out _))
        {
            value = Lwm2mValue.Time(value.Number);
            reason = null;
            return true;
        }
        reason = wire.IsNumber ? "not a Time in seconds of 64 bits" : NotOf("Time", wire);
        return false;
    }

    static bool TryUnsigned(in WireValue wire, out Lwm2mValue value, [NotNullWhen(false)] out string? reason)
    {
        value = default;
        reason = null;
        if (wire.TryUnsigned(out var number))
            value = Lwm2mValue.UnsignedInteger(number);
        else if (wire.Kind == WireKind.Real && double.IsInteger(wire.Real) && wire.Real is >= 0 and < BeyondUnsigned)
            value = Lwm2mValue.UnsignedInteger((ulong)wire.Real);
        else
            reason = wire.IsNumber ? "not an Unsigned Integer of 64 bits" : NotOf("Unsigned Integer", wire);
        return reason is null;
    }

    static bool TryOpaque(in WireValue wire, out Lwm2mValue value, [NotNullWhen(false)] out string? reason)
    {
        value = default;
        reason = null;
        if (wire.Kind == WireKind.Bytes)
            value = Lwm2mValue.Opaque(wire.Bytes.ToArray());
        else if (wire.Kind == WireKind.Base64 && TryBase64(wire.Bytes, out var bytes))
            value = Lwm2mValue.Opaque(bytes);
        else
            reason = wire.Kind == WireKind.Base64 ? "not base64url" : NotOf("Opaque", wire);
        return reason is null;
    }

    // RFC 8428 wants base64url without padding; the other alphabet and padding do no harm.
    static bool TryBase64(ReadOnlySpan<byte> utf8, out byte[] bytes)
    {
        bytes = [];
        if (utf8.IndexOfAny((byte)'+', (byte)'/') >= 0)
        {
            if (!Base64.IsValid(utf8, out var size))
                return false;
            bytes = new byte[size];
            return Base64.DecodeFromUtf8(utf8, bytes, out _, out _) == OperationStatus.Done;
        }
        if (!Base64Url.IsValid(utf8, out var length))
            return false;
        bytes = new byte[length];
        return Base64Url.DecodeFromUtf8(utf8, bytes, out _, out _) == OperationStatus.Done;
    }

    static bool TryLink(in WireValue wire, out Lwm2mValue value, [NotNullWhen(false)] out string? reason)
    {
        value = default;
        reason = "not an object link (object:instance)";
        if (wire.Kind is not (WireKind.Link or WireKind.Text))
        {
            reason = NotOf("Objlnk", wire);
            return false;
        }
        Span<char> text = stackalloc char[LongestLink];
        if (wire.Bytes.Length > LongestLink || !Ascii.IsValid(wire.Bytes)
            || !ObjectLinkText.TryParse(text[..Encoding.ASCII.GetChars(wire.Bytes, text)], out value))
            return false;
        reason = null;
        return true;
    }

    static bool TryText(ResourceType type, in WireValue wire, out Lwm2mValue value, [NotNullWhen(false)] out string? reason)
    {
        value = default;
        reason = wire.Kind != WireKind.Text ? NotOf(ResourceTypeName.Of(type), wire) : Utf8.IsValid(wire.Bytes) ? null : "not UTF-8";
        if (reason is not null)
            return false;
        var text = Encoding.UTF8.GetString(wire.Bytes);
        value = type == ResourceType.CoreLink ? Lwm2mValue.CoreLink(text) : Lwm2mValue.String(text);
        return true;
    }

    static string NotOf(string type, in WireValue wire) => wire.Kind switch
    {
        WireKind.Absent or WireKind.Null => "there is no value",
        WireKind.Whole or WireKind.Real => $"a number, where the definition says {type}",
        WireKind.Boolean => $"a boolean, where the definition says {type}",
        WireKind.Text => $"a text, where the definition says {type}",
        WireKind.Bytes or WireKind.Base64 => $"bytes, where the definition says {type}",
        WireKind.Link => $"an object link, where the definition says {type}",
        _ => "not a value that LwM2M has",
    };
}
