using System.Diagnostics.CodeAnalysis;
using Protocol.Lwm2m.Senml;

namespace Protocol.Lwm2m.Formats;

/// <summary>The payload of Read-Composite and Observe-Composite: SenML records that have names alone (LwM2M Core 1.1 section 6.3.8).</summary>
public static class CompositePaths
{
    public const int MaxPaths = 4096;

    /// <param name="contentFormat">SenML JSON or CBOR, or their ETCH forms, which look the same here.</param>
    public static bool TryEncode(
        ushort contentFormat, IReadOnlyList<Lwm2mPath> paths, out byte[] payload, [NotNullWhen(false)] out string? reason)
    {
        payload = [];
        reason = paths.Count switch { 0 => "no path is given", > MaxPaths => $"more than {MaxPaths} paths", _ => null };
        if (reason is not null)
            return false;
        switch (contentFormat)
        {
            case ContentFormats.SenmlJson or ContentFormats.SenmlEtchJson:
                payload = SenmlJsonEncoder.Encode(paths);
                return true;
            case ContentFormats.SenmlCbor or ContentFormats.SenmlEtchCbor:
                payload = SenmlCborEncoder.Encode(paths);
                return true;
            default:
                reason = $"content format {contentFormat} cannot carry paths alone";
                return false;
        }
    }

    /// <summary>Never throws. Values that stand beside the names do not matter.</summary>
    /// <param name="alternatePath">Prefix of the device's names; null is "/".</param>
    public static bool TryDecode(
        ushort contentFormat, ReadOnlySpan<byte> payload, string? alternatePath,
        out IReadOnlyList<Lwm2mPath> paths, [NotNullWhen(false)] out string? reason)
    {
        paths = [];
        var context = new DecodeContext { RequestPath = default, Definitions = default, AlternatePath = alternatePath };
        var content = contentFormat switch
        {
            ContentFormats.SenmlJson or ContentFormats.SenmlEtchJson => SenmlJsonDecoder.Decode(payload, context, SenmlUse.Paths),
            ContentFormats.SenmlCbor or ContentFormats.SenmlEtchCbor => SenmlCborDecoder.Decode(payload, context, SenmlUse.Paths),
            _ => DecodedContent.Failed($"content format {contentFormat} cannot carry paths alone"),
        };
        reason = content.Error ?? (content.Items.Count is 0 or > MaxPaths ? $"not 1 to {MaxPaths} paths" : null);
        var found = new List<Lwm2mPath>(content.Items.Count);
        foreach (var item in content.Items)
        {
            reason ??= item.Note;
            found.Add(item.Path);
        }
        paths = reason is null ? found : [];
        return reason is null;
    }
}
