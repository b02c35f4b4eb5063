using System.Text;
using System.Text.Json;
using Translator.Uplink;

namespace Translator.Downlink;

/// <summary>The JSON object of a command as its outcome will repeat it: keys sorted, no blanks, bounded.</summary>
internal static class CommandEcho
{
    /// <summary>Bytes.</summary>
    public const int MaxSize = 4096;

    /// <summary>False where the keys beside data alone are too long: then the echo holds those that fit.</summary>
    public static bool TryWrite(JsonElement command, out byte[] echo, out bool truncated)
    {
        var json = JsonOutput.Fresh();
        Write(json, command);
        echo = json.ToArray();
        truncated = echo.Length > MaxSize;
        if (!truncated)
        {
            return true;
        }

        var written = EchoedJson.Of(echo);
        json = JsonOutput.Fresh();
        json.Raw("{"u8);
        var (complete, first, size) = (true, true, 2);
        for (var i = 0; i < written.Count; i++)
        {
            var value = written.Name(i).SequenceEqual("data"u8)
                ? Encoding.ASCII.GetBytes($$"""{"truncated":{{written.Value(i).Length}}}""")
                : written.Value(i);
            if (size + written.Name(i).Length + value.Length + 4 > MaxSize)
            {
                complete = false;
                continue;
            }

            size += written.Name(i).Length + value.Length + 4;
            EventJson.Key(json, written.Name(i), ref first);
            json.Raw(value);
        }

        json.Raw("}"u8);
        echo = json.ToArray();
        return complete;
    }

    private static void Write(JsonOutput json, JsonElement element)
    {
        switch (element.ValueKind)
        {
            case JsonValueKind.Object:
                WriteObject(json, element);
                break;
            case JsonValueKind.Array:
                json.Raw("["u8);
                var index = 0;
                foreach (var item in element.EnumerateArray())
                {
                    json.Raw(index++ > 0 ? ","u8 : default);
                    Write(json, item);
                }

                json.Raw("]"u8);
                break;
            case JsonValueKind.String:
                json.Text(element.GetString());
                break;
            default:
                json.Raw(Encoding.UTF8.GetBytes(element.GetRawText()));
                break;
        }
    }

    private static void WriteObject(JsonOutput json, JsonElement element)
    {
        // Of two members with one name the later one counts.
        var members = new SortedDictionary<byte[], JsonElement>(ByteOrder.Instance);
        foreach (var member in element.EnumerateObject())
        {
            members[Encoding.UTF8.GetBytes(member.Name)] = member.Value;
        }

        json.Raw("{"u8);
        var index = 0;
        foreach (var (name, value) in members)
        {
            json.Raw(index++ > 0 ? ","u8 : default);
            json.Utf8Text(name);
            json.Raw(":"u8);
            Write(json, value);
        }

        json.Raw("}"u8);
    }
}
