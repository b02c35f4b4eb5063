using System.Diagnostics.CodeAnalysis;
using System.Text;
using Protocol.Lwm2m.Cbor;
using Protocol.Lwm2m.Definitions;
using Protocol.Lwm2m.Senml;
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
    /// <param name="contentFormat">
    /// One of <see cref="ContentFormats"/>. Text, opaque and CBOR take one value of a resource. SenML and LwM2M CBOR name the instance, and
    /// work at the root too, for composite operations; their ETCH forms and LwM2M CBOR write a value of None as null: it removes.
    /// </param>
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
        var multiple = basePath.Depth == 3 && definitions.FindResource(basePath.ObjectId, basePath.ResourceId) is { Multiple: true };
        switch (contentFormat)
        {
            case ContentFormats.Tlv:
                return TlvEncoder.TryEncode(basePath, values, multiple, out payload, out reason);
            case ContentFormats.Json:
                return TryEncodeJson(basePath, values, out payload, out reason);
            case ContentFormats.SenmlJson or ContentFormats.SenmlCbor:
                return PlacedValues.TryPlace(basePath, values, multiple, removes: false, out var placed, out reason)
                    && TryEncodePlaced(contentFormat, basePath, placed, out payload, out reason);
            case ContentFormats.SenmlEtchJson or ContentFormats.SenmlEtchCbor or ContentFormats.Lwm2mCbor:
                return PlacedValues.TryPlace(basePath, values, multiple, removes: true, out var patch, out reason)
                    && TryEncodePlaced(contentFormat, basePath, patch, out payload, out reason);
            case ContentFormats.Text or ContentFormats.Opaque or ContentFormats.Cbor
                when basePath.Depth < 3 || values.Count != 1 || !values[0].Path.IsRoot:
                reason = "text, opaque and cbor take exactly one value of a resource";
                return false;
            case ContentFormats.Text:
                payload = TextValue.Encode(values[0].Value);
                reason = null;
                return true;
            case ContentFormats.Cbor:
                return TryEncodeCbor(values[0].Value, out payload, out reason);
            case ContentFormats.Opaque:
                return TryEncodeOpaque(values[0].Value, out payload, out reason);
            default:
                reason = $"content format {contentFormat} cannot be written";
                return false;
        }
    }

    /// <summary>
    /// What a device has to tell: values at their whole paths, with times where there are any, for the answer to a read, a notification or a
    /// Send. The formats are those that name paths: SenML and LwM2M CBOR, of which only SenML has times.
    /// </summary>
    /// <param name="basePath">The path that was asked for, at or below which all values lie; the root for a composite operation and Send.</param>
    public static bool TryEncodeReadings(
        ushort contentFormat,
        Lwm2mPath basePath,
        IReadOnlyList<TimedValue> values,
        out byte[] payload,
        [NotNullWhen(false)] out string? reason)
    {
        payload = [];
        reason = null;
        var placed = new List<TimedValue>(values.Count);
        foreach (var value in values)
        {
            if (value.Path.Depth < 3 || !basePath.IsPrefixOf(value.Path) || value.Value.Type == ResourceType.None)
                reason ??= $"the path {value.Path} does not name a value below {basePath}";
            if (value.Timestamp < SenmlTime.FirstAbsolute * 1000)
                reason ??= "SenML takes a time before July 1978 for a relative one";
            placed.Add(value);
        }
        reason ??= values.Count > MaxValues ? $"more than {MaxValues} values" : null;
        return reason is null
            && PlacedValues.TrySettle(ref placed, out reason)
            && TryEncodePlaced(contentFormat, basePath, placed, out payload, out reason);
    }

    static bool TryEncodePlaced(
        ushort contentFormat, Lwm2mPath basePath, List<TimedValue> values, out byte[] payload, [NotNullWhen(false)] out string? reason)
    {
        payload = [];
        reason = null;
        switch (contentFormat)
        {
            case ContentFormats.SenmlJson or ContentFormats.SenmlEtchJson:
                payload = SenmlJsonEncoder.Encode(basePath, values);
                return true;
            case ContentFormats.SenmlCbor or ContentFormats.SenmlEtchCbor:
                payload = SenmlCborEncoder.Encode(basePath, values);
                return true;
            case ContentFormats.Lwm2mCbor:
                return Lwm2mCborEncoder.TryEncode(values, out payload, out reason);
            default:
                reason = $"content format {contentFormat} does not name paths";
                return false;
        }
    }

    static bool TryEncodeCbor(Lwm2mValue value, out byte[] payload, [NotNullWhen(false)] out string? reason)
    {
        var writer = new CborWriter();
        writer.Value(value);
        payload = value.Type == ResourceType.None ? [] : writer.Written.ToArray();
        reason = value.Type == ResourceType.None ? "there is no value to write" : null;
        return reason is null;
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
