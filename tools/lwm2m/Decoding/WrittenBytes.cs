using System.Buffers;
using System.Text;

namespace Tools.Decoding;

/// <summary>Bytes as people write them: hexadecimal (blanks, colons and 0x do not matter), else base64, else a JSON object as it stands.</summary>
static class WrittenBytes
{
    public static bool TryParse(string text, out byte[] bytes)
    {
        var digits = string.Concat(text.Where(character => !char.IsWhiteSpace(character)));
        return TryParseHex(digits.Replace(":", "", StringComparison.Ordinal), out bytes) || TryParseBase64(digits, out bytes) || TryTakeJson(text, out bytes);
    }

    /// <summary>Of a file, which may also hold the bytes themselves.</summary>
    public static byte[] Of(byte[] content) =>
        content.Length > 0 && System.Text.Unicode.Utf8.IsValid(content) && TryParse(Encoding.UTF8.GetString(content), out var bytes) && bytes.Length > 0 ? bytes : content;

    static bool TryParseHex(string digits, out byte[] bytes)
    {
        if (digits.StartsWith("0x", StringComparison.OrdinalIgnoreCase))
            digits = digits[2..];
        bytes = new byte[digits.Length / 2];
        return digits.Length % 2 == 0 && Convert.FromHexString(digits, bytes, out _, out _) == OperationStatus.Done;
    }

    static bool TryParseBase64(string text, out byte[] bytes)
    {
        bytes = new byte[text.Length];
        if (!Convert.TryFromBase64String(text, bytes, out var length))
            return false;
        bytes = bytes[..length];
        return true;
    }

    static bool TryTakeJson(string text, out byte[] bytes)
    {
        bytes = Encoding.UTF8.GetBytes(text.Trim());
        return bytes is [(byte)'{', ..];
    }
}
