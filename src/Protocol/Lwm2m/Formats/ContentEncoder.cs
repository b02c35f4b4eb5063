using System.Diagnostics.CodeAnalysis;
using System.Text;
using Protocol.Lwm2m.Definitions;
using Protocol.Lwm2m.Values;

namespace Protocol.Lwm2m.Formats;

/// <summary>From values to the payload of a write, create, or answer to a read.</summary>
public static class ContentEncoder
{
    /// <summary>More values in one payload are refused.</summary>
    public const int MaxValues = 4096;

    /// <summary>
    /// The paths of the values are relative to <paramref name="basePath"/>, the path of the request. Below an object: "i/r", "i/r/ri", or
    /// only "r" and "r/ri" where the device is to choose the instance. Below an instance: "r", "r/ri". Below a resource: the root for the
    /// resource itself, "ri" for its instances. One value "ri" is written as a multiple resource where the definition says that it is one,
    /// else as the resource itself.
    /// </summary>
    /// <param name="contentFormat">One of <see cref="ContentFormats"/>. Text and opaque take one value of a resource.</param>
    public static bool TryEncode(
        ushort contentFormat,
        Lwm2mPath basePath,
        IReadOnlyList<ResourceValue> values,
        DefinitionView definitions,
        out byte[] payload,
        [NotNullWhen(false)] out string? reason)
    {
        payload = [];
        if (values.Count > MaxValues)
        {
            reason = $"more than {MaxValues} values";
            return false;
        }
        switch (contentFormat)
        {
            case ContentFormats.Tlv:
                var multiple = basePath.Depth == 3
                    && definitions.FindResource(basePath.ObjectId, basePath.ResourceId) is { Multiple: true };
                return TlvEncoder.TryEncode(basePath, values, multiple, out payload, out reason);
            case ContentFormats.Json:
                return TryEncodeJson(basePath, values, out payload, out reason);
            case ContentFormats.Text or ContentFormats.Opaque when basePath.Depth < 3 || values.Count != 1 || !values[0].Path.IsRoot:
                reason = "text and opaque take exactly one value of a resource";
                return false;
            case ContentFormats.Text:
                payload = TextValue.Encode(values[0].Value);
                reason = null;
                return true;
            case ContentFormats.Opaque:
                return TryEncodeOpaque(values[0].Value, out payload, out reason);
            default:
                reason = $"content format {contentFormat} cannot be written";
                return false;
        }
    }

    static bool TryEncodeJson(
        Lwm2mPath basePath, IReadOnlyList<ResourceValue> values, out byte[] payload, [NotNullWhen(false)] out string? reason)
    {
        payload = [];
        foreach (var (path, value) in values)
        {
            if (!basePath.TryAppend(path, out var full) || full.Depth < 3 || value.Type == ResourceType.None)
            {
                reason = $"the path {path} of the content does not name a value below {basePath}";
                return false;
            }
        }
        payload = JsonEncoder.Encode(basePath, values);
        reason = null;
        return true;
    }

    static bool TryEncodeOpaque(Lwm2mValue value, out byte[] payload, [NotNullWhen(false)] out string? reason)
    {
        payload = value.Type switch
        {
            ResourceType.Opaque => value.Bytes,
            ResourceType.String => Encoding.UTF8.GetBytes(value.Text),
            _ => [],
        };
        reason = value.Type is ResourceType.Opaque or ResourceType.String ? null : "only Opaque and String values can be written as opaque";
        return reason is null;
    }
}
