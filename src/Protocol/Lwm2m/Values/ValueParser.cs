using System.Buffers;
using System.Buffers.Text;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Unicode;

namespace Protocol.Lwm2m.Values;

/// <summary>From the JSON of a command to a typed value. Numbers and booleans may come as such or as text.</summary>
public static class ValueParser
{
    public static bool TryParse(ResourceType type, JsonElement json, out Lwm2mValue value, [NotNullWhen(false)] out string? reason)
    {
        value = default;
        switch (json.ValueKind)
        {
            case JsonValueKind.String:
                if (JsonText.TryGet(json, out var text))
                    return TryParse(type, text, out value, out reason);
                reason = "not Unicode text";
                return false;
            case JsonValueKind.Number when type is not (ResourceType.String or ResourceType.CoreLink or ResourceType.Opaque
                or ResourceType.ObjectLink or ResourceType.Boolean):
                return TryParse(type, json.GetRawText(), out value, out reason);
            case JsonValueKind.True or JsonValueKind.False when type == ResourceType.Boolean:
                value = Lwm2mValue.Boolean(json.GetBoolean());
                reason = null;
                return true;
            case JsonValueKind.Number when type == ResourceType.Boolean && json.GetRawText() is "1" or "0":
                value = Lwm2mValue.Boolean(json.GetRawText() == "1");
                reason = null;
                return true;
            default:
                reason = $"{Describe(type)} cannot be a JSON {Describe(json.ValueKind)}";
                return false;
        }
    }

    public static bool TryParse(ResourceType type, string text, out Lwm2mValue value, [NotNullWhen(false)] out string? reason)
    {
        Lwm2mValue? parsed = type switch
        {
            ResourceType.String => Lwm2mValue.String(text),
            ResourceType.CoreLink => Lwm2mValue.CoreLink(text),
            ResourceType.Integer => TryInteger(text, out var number) ? Lwm2mValue.Integer(number) : null,
            ResourceType.Time => TryInteger(text, out var seconds) ? Lwm2mValue.Time(seconds) : null,
            ResourceType.UnsignedInteger => TryUnsigned(text, out var number) ? Lwm2mValue.UnsignedInteger(number) : null,
            ResourceType.Float => TryReal(text, out var real) ? Lwm2mValue.Float(real) : null,
            ResourceType.Boolean => text switch
            {
                "true" or "1" => Lwm2mValue.Boolean(true),
                "false" or "0" => Lwm2mValue.Boolean(false),
                _ => null,
            },
            ResourceType.Opaque => TryBase64(text, out var bytes) ? Lwm2mValue.Opaque(bytes) : null,
            ResourceType.ObjectLink => ObjectLinkText.TryParse(text, out var link) ? link : null,
            _ => null,
        };
        value = parsed ?? default;
        reason = parsed is null ? $"not {Describe(type)}" : null;
        return parsed is not null;
    }

    /// <summary>
    /// A value given as hexadecimal digits ("encoding": "hex"); an odd number of digits is taken with a leading zero. For String and Opaque
    /// the bytes are the value (an Opaque where those of a String are not UTF-8), for other types they are the text of it.
    /// </summary>
    public static bool TryParseHex(ResourceType type, string digits, out Lwm2mValue value, [NotNullWhen(false)] out string? reason)
    {
        value = default;
        var bytes = new byte[(digits.Length + 1) / 2];
        if (Convert.FromHexString(digits.Length % 2 == 0 ? digits : "0" + digits, bytes, out _, out _) != OperationStatus.Done)
        {
            reason = "not hexadecimal";
            return false;
        }
        if (type is not ResourceType.Opaque && !(type == ResourceType.String && !Utf8.IsValid(bytes)))
            return TryParse(type, Encoding.UTF8.GetString(bytes), out value, out reason);
        value = Lwm2mValue.Opaque(bytes);
        reason = null;
        return true;
    }

    static bool TryInteger(string text, out long number)
    {
        if (long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out number))
            return true;
        if (!TryWhole(text, out var whole) || whole < long.MinValue || whole > long.MaxValue)
            return false;
        number = (long)whole;
        return true;
    }

    static bool TryUnsigned(string text, out ulong number)
    {
        if (ulong.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out number))
            return true;
        if (!TryWhole(text, out var whole) || whole < 0 || whole > ulong.MaxValue)
            return false;
        number = (ulong)whole;
        return true;
    }

    // "5.0" and "1e3" are whole numbers too. decimal, because a double would round what lies beyond 2^53.
    static bool TryWhole(string text, out decimal whole) =>
        decimal.TryParse(text, NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint | NumberStyles.AllowExponent,
            CultureInfo.InvariantCulture, out whole) && decimal.Truncate(whole) == whole;

    static bool TryReal(string text, out double real) =>
        double.TryParse(text, NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint | NumberStyles.AllowExponent,
            CultureInfo.InvariantCulture, out real) && double.IsFinite(real);

    static bool TryBase64(string text, out byte[] bytes)
    {
        bytes = [];
        // Convert would let blanks pass.
        if (text.AsSpan().IndexOfAny(" \t\r\n") >= 0 || !Base64.IsValid(text, out var length))
            return false;
        bytes = new byte[length];
        return Convert.TryFromBase64String(text, bytes, out _);
    }

    static string Describe(ResourceType type) => type switch
    {
        ResourceType.None => "a value that can be written: the type is missing",
        ResourceType.String => "a String",
        ResourceType.CoreLink => "a link",
        ResourceType.Integer => "a 64-bit Integer",
        ResourceType.UnsignedInteger => "a 64-bit Unsigned Integer",
        ResourceType.Time => "a Time in seconds",
        ResourceType.Float => "a finite Float",
        ResourceType.Boolean => "a Boolean (true, false, 1 or 0)",
        ResourceType.Opaque => "base64",
        _ => "an object link (\"object:instance\", each 0-65535)",
    };

    static string Describe(JsonValueKind kind) => kind switch
    {
        JsonValueKind.Number => "number",
        JsonValueKind.True or JsonValueKind.False => "boolean",
        JsonValueKind.Object => "object",
        JsonValueKind.Array => "array",
        _ => "null",
    };
}
