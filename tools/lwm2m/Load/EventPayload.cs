using System.Buffers.Text;

namespace Tools.Load;

/// <summary>Finds what the load generator needs in the JSON of an event without reading all of it.</summary>
static class EventPayload
{
    /// <summary>Members of the event are compared as the gateway writes them, without blanks.</summary>
    public static bool IsOfType(ReadOnlySpan<byte> json, ReadOnlySpan<byte> msgType)
    {
        var at = After(json, "\"msgType\":\""u8);
        return at >= 0 && json[at..].StartsWith(msgType) && json.Length > at + msgType.Length && json[at + msgType.Length] == '"';
    }

    /// <summary>The first value of the content.</summary>
    public static bool TryGetValue(ReadOnlySpan<byte> json, out double value) => TryGetNumber(json, "\"value\":"u8, out value);

    public static bool TryGetRequestId(ReadOnlySpan<byte> json, out double id) => TryGetNumber(json, "\"reqID\":"u8, out id);

    /// <summary>The code of an answer, such as "2.05"; empty where there is none.</summary>
    public static ReadOnlySpan<byte> CodeOf(ReadOnlySpan<byte> json)
    {
        var at = After(json, "\"code\":\""u8);
        if (at < 0)
            return default;
        var rest = json[at..];
        var end = rest.IndexOf((byte)'"');
        return end < 0 ? default : rest[..end];
    }

    static bool TryGetNumber(ReadOnlySpan<byte> json, ReadOnlySpan<byte> name, out double number)
    {
        number = 0;
        var at = After(json, name);
        return at >= 0 && Utf8Parser.TryParse(json[at..], out number, out _);
    }

    static int After(ReadOnlySpan<byte> json, ReadOnlySpan<byte> text)
    {
        var at = json.IndexOf(text);
        return at < 0 ? -1 : at + text.Length;
    }
}
