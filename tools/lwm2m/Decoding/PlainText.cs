using System.Globalization;
using System.Text;

namespace Tools.Decoding;

/// <summary>Text from outside made fit for a terminal.</summary>
static class PlainText
{
    /// <summary>Control characters, which could steer the terminal, become escapes.</summary>
    public static string Of(string text)
    {
        if (!text.Any(char.IsControl))
            return text;
        var plain = new StringBuilder(text.Length + 8);
        foreach (var character in text)
        {
            if (char.IsControl(character))
                plain.Append(CultureInfo.InvariantCulture, $"\\u{(int)character:x4}");
            else
                plain.Append(character);
        }
        return plain.ToString();
    }
}
