using System.Text;
using Protocol.Lwm2m;
using Protocol.Lwm2m.Definitions;
using Protocol.Lwm2m.Formats;
using Protocol.Lwm2m.Links;

namespace Tools.Decoding;

/// <summary>A payload down to names and values, as the Translator types it.</summary>
static class PayloadExplanation
{
    /// <summary>False where it cannot be read; the lines then say why.</summary>
    /// <param name="format">CoAP Content-Format; null, where there was none, is text/plain.</param>
    /// <param name="payload">The bytes.</param>
    /// <param name="path">The path that was asked for or is observed.</param>
    /// <param name="definitions">For names and types.</param>
    /// <param name="lines">Where the explanation goes.</param>
    public static bool TryExplain(ushort? format, ReadOnlySpan<byte> payload, Lwm2mPath path, in DefinitionView definitions, List<string> lines)
    {
        lines.Add($"payload, {payload.Length} bytes, {(format is { } number ? OptionText.FormatOf(number) : "no content format")}");
        if (format == ContentFormats.LinkFormat)
            return TryExplainLinks(payload, definitions, lines);
        var decoded = ContentDecoder.Decode(format, payload, new DecodeContext { RequestPath = path, Definitions = definitions });
        foreach (var item in decoded.Items)
        {
            var resource = item.Path.Depth >= 3 ? definitions.FindResource(item.Path.ObjectId, item.Path.ResourceId) : null;
            var time = item.Timestamp is { } ms ? $" at {DateTimeOffset.FromUnixTimeMilliseconds(Math.Clamp(ms, 0, 253_402_300_799_999)):yyyy-MM-ddTHH:mm:ss.fffZ}" : "";
            var note = item.Note is null ? "" : $": {PlainText.Of(item.Note)}";
            lines.Add($"  {item.Path} {definitions.NameOf(item.Path)}".TrimEnd() + $" = {PlainText.Of(item.Value.ToString())} {resource?.Units}".TrimEnd() + $" ({item.Value.Type}){time}{note}");
        }

        if (decoded.Error is { } error)
            lines.Add("  " + PlainText.Of(error));
        if (decoded.UnknownObject is { } unknown)
            lines.Add($"  there is no definition of object {unknown}");
        if (decoded.Error is null && decoded.UnknownObject is null)
            return true;
        lines.Add("  " + Convert.ToHexStringLower(payload));
        return false;
    }

    static bool TryExplainLinks(ReadOnlySpan<byte> payload, in DefinitionView definitions, List<string> lines)
    {
        if (!LinkFormat.TryParse(payload, out var links, out var error))
        {
            lines.Add($"  not link-format: {error}: {PlainText.Of(Encoding.UTF8.GetString(payload))}");
            return false;
        }

        foreach (var link in links)
            lines.Add($"  {PlainText.Of(link.Text),-24}{definitions.NameOf(link.Target)}".TrimEnd());
        return true;
    }
}
