using System.Text.Json;
using Protocol.Lwm2m.Formats;

namespace Translator.Downlink;

/// <summary>The optional "format" of a command: in which content format values are written, or asked for.</summary>
internal static class FormatName
{
    /// <summary>The CoAP Content-Format number; null where the command names none. False and one sentence for a name that cannot be used.</summary>
    public static bool TryRead(JsonElement data, out ushort? format, out string problem)
    {
        format = null;
        problem = "";
        if (!data.TryGetProperty("format", out var named) || named.ValueKind == JsonValueKind.Null)
        {
            return true;
        }

        var name = named.ValueKind == JsonValueKind.String ? named.GetString() : null;
        format = ContentFormatName.Parse(name);
        problem = format is not null ? "" : $"format {RequestBuilder.Shortened(named.GetRawText())} is not known; there are {ContentFormatName.All}";
        return format is not null;
    }
}
