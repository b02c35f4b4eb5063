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
        format = name switch
        {
            "text" => ContentFormats.Text,
            "opaque" => ContentFormats.Opaque,
            "tlv" => ContentFormats.Tlv,
            "json" => ContentFormats.Json,
            _ => null,
        };
        problem = format is not null ? ""
            : name is "cbor" or "senml_json" or "senml_cbor" or "lwm2m_cbor" ? $"format {name} is not supported yet"
            : $"format {RequestBuilder.Shortened(named.GetRawText())} is not known; there are text, opaque, tlv and json";
        return format is not null;
    }
}
