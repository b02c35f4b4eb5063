using System.Buffers;
using System.Text.Unicode;

namespace Egress.Mqtt;

/// <summary>What may stand in an MQTT string (MQTT 5 section 1.5.4), as strictly as the strictest broker: a violation costs the connection.</summary>
internal static class MqttText
{
    private const int MaxLength = ushort.MaxValue;

    private static readonly SearchValues<byte> s_controls = SearchValues.Create([.. Enumerable.Range(0, 0x20).Append(0x7f).Select(b => (byte)b)]);

    /// <summary>Well-formed UTF-8 without control characters that fits a string field.</summary>
    public static bool IsText(ReadOnlySpan<byte> text) =>
        text.Length <= MaxLength && !text.ContainsAny(s_controls) && Utf8.IsValid(text) && !HasUpperControl(text);

    /// <summary>A topic that can be published to (MQTT 5 section 4.7).</summary>
    public static bool IsTopicName(ReadOnlySpan<byte> text) => !text.IsEmpty && !text.ContainsAny((byte)'+', (byte)'#') && IsText(text);

    // U+0080 to U+009F are C2 80 to C2 9F.
    private static bool HasUpperControl(ReadOnlySpan<byte> text)
    {
        for (int at; (at = text.IndexOf((byte)0xc2)) >= 0 && at + 1 < text.Length; text = text[(at + 2)..])
        {
            if (text[at + 1] < 0xa0)
            {
                return true;
            }
        }

        return false;
    }
}
