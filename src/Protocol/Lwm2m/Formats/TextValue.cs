using System.Buffers;
using System.Buffers.Text;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text;
using Protocol.Lwm2m.Values;

namespace Protocol.Lwm2m.Formats;

/// <summary>One value as text/plain (LwM2M Core 1.1 section 7.4.1). Blanks around anything but a String do not matter.</summary>
public static class TextValue
{
    const NumberStyles Whole = NumberStyles.AllowLeadingSign;
    const NumberStyles Broken = Whole | NumberStyles.AllowDecimalPoint | NumberStyles.AllowExponent;

    /// <summary>An Integer or Time with a fraction is taken as the Float that it is.</summary>
    public static bool TryDecode(ResourceType type, ReadOnlySpan<byte> utf8, out Lwm2mValue value, [NotNullWhen(false)] out string? reason)
    {
        value = default;
        reason = null;
        var trimmed = utf8.Trim(" \t\r\n\0"u8);
        switch (type)
        {
            case ResourceType.String:
                value = Lwm2mValue.String(Encoding.UTF8.GetString(utf8));
                return true;
            case ResourceType.CoreLink:
                value = Lwm2mValue.CoreLink(Encoding.UTF8.GetString(utf8));
                return true;
            case ResourceType.Integer when long.TryParse(trimmed, Whole, CultureInfo.InvariantCulture, out var number):
                value = Lwm2mValue.Integer(number);
                return true;
            case ResourceType.Time when long.TryParse(trimmed, Whole, CultureInfo.InvariantCulture, out var seconds):
                value = Lwm2mValue.Time(seconds);
                return true;
            case ResourceType.UnsignedInteger
                when ulong.TryParse(trimmed, NumberStyles.None, CultureInfo.InvariantCulture, out var unsigned):
                value = Lwm2mValue.UnsignedInteger(unsigned);
                return true;
            case ResourceType.Float or ResourceType.Integer or ResourceType.Time
                when double.TryParse(trimmed, Broken, CultureInfo.InvariantCulture, out var real) && double.IsFinite(real):
                value = Lwm2mValue.Float(real);
                return true;
            case ResourceType.Boolean when trimmed.SequenceEqual("1"u8) || trimmed.SequenceEqual("true"u8):
                value = Lwm2mValue.Boolean(true);
                return true;
            case ResourceType.Boolean when trimmed.SequenceEqual("0"u8) || trimmed.SequenceEqual("false"u8):
                value = Lwm2mValue.Boolean(false);
                return true;
            case ResourceType.ObjectLink when ObjectLinkText.TryParse(Encoding.UTF8.GetString(trimmed), out value):
                return true;
            case ResourceType.Opaque when TryBase64(trimmed, out var bytes):
                value = Lwm2mValue.Opaque(bytes);
                return true;
            default:
                reason = type switch
                {
                    ResourceType.None => "the definition gives this resource no value",
                    ResourceType.Boolean => "not a Boolean (1, 0, true or false)",
                    ResourceType.ObjectLink => "not an object link (object:instance)",
                    ResourceType.Opaque => "not base64",
                    _ => "not a number",
                };
                return false;
        }
    }

    public static byte[] Encode(Lwm2mValue value) => Encoding.UTF8.GetBytes(value.ToString());

    internal static bool TryBase64(ReadOnlySpan<byte> utf8, out byte[] bytes)
    {
        bytes = [];
        if (!Base64.IsValid(utf8, out var length))
            return false;
        bytes = new byte[length];
        return Base64.DecodeFromUtf8(utf8, bytes, out _, out _) == OperationStatus.Done;
    }
}
