using System.Text;
using System.Text.Json;
using Protocol.Lwm2m.Definitions;
using Protocol.Lwm2m.Senml;
using Protocol.Lwm2m.Values;

namespace Protocol.Lwm2m.Formats;

/// <summary>
/// LwM2M JSON (LwM2M 1.0 section 6.4.4): {"bn", "bt", "e": [{"n", "t", "v" | "bv" | "ov" | "sv"}]}. It says of which kind a value is; a
/// definition, where there is one, makes it exact.
/// </summary>
static class JsonDecoder
{
    internal static DecodedContent Decode(ReadOnlySpan<byte> payload, in DecodeContext context)
    {
        var reader = new Utf8JsonReader(payload, new JsonReaderOptions { MaxDepth = 8 });
        try
        {
            using var document = JsonDocument.ParseValue(ref reader);
            if (reader.Read())
                return DecodedContent.Failed("more than one JSON value");
            return Decode(document.RootElement, context);
        }
        // Utf8JsonReader has no face that does not throw; InvalidOperationException is a lone surrogate in a property name.
        catch (Exception exception) when (exception is JsonException or InvalidOperationException)
        {
            return DecodedContent.Failed($"not JSON, from byte {reader.BytesConsumed}");
        }
    }

    static DecodedContent Decode(JsonElement root, in DecodeContext context)
    {
        if (root.ValueKind != JsonValueKind.Object
            || !root.TryGetProperty("e", out var entries)
            || entries.ValueKind != JsonValueKind.Array)
            return DecodedContent.Failed("not LwM2M JSON: the array \"e\" is missing");
        if (entries.GetArrayLength() > ContentDecoder.MaxItems)
            return DecodedContent.Failed(ContentDecoder.TooManyItems);
        if (!TryText(root, "bn", out var baseName) || !TryNumber(root, "bt", out var baseTime))
            return DecodedContent.Failed("not LwM2M JSON: \"bn\" is not a text or \"bt\" is not a number");

        var items = new List<DecodedItem>(entries.GetArrayLength());
        foreach (var entry in entries.EnumerateArray())
        {
            if (entry.ValueKind != JsonValueKind.Object || !TryText(entry, "n", out var name) || !TryNumber(entry, "t", out var time))
                items.Add(Raw(context.RequestPath, entry, "not an entry of LwM2M JSON"));
            else if (!TryPath(context, baseName, name, out var path))
                items.Add(Raw(context.RequestPath, entry, "the name is not a path"));
            else if (!TryValue(entry, TypeOf(context.Definitions, path), out var value))
                items.Add(Raw(path, entry, "the entry has no value that can be read"));
            else
                items.Add(new DecodedItem(path, value, Timestamp(baseTime, time, context.ReceivedAt)));
        }
        return DecodedContent.Of(items);
    }

    /// <summary>
    /// Base name and name joined. Without a base name the name is relative to the request, unless it begins with a slash or is the whole
    /// path without one.
    /// </summary>
    static bool TryPath(in DecodeContext context, string baseName, string name, out Lwm2mPath path)
    {
        path = context.RequestPath;
        if (baseName.Length > 0)
        {
            var full = name.Length == 0 ? baseName : $"{baseName.TrimEnd('/')}/{name.TrimStart('/')}";
            return Lwm2mPath.TryParse(WithoutPrefix(full, context.AlternatePath), out path);
        }
        if (name.Length == 0)
            return true;
        if (!Lwm2mPath.TryParse(WithoutPrefix(name, context.AlternatePath), out var parsed))
            return false;
        if (name[0] != '/' && context.RequestPath.TryAppend(parsed, out path))
            return true;
        path = parsed;
        return name[0] == '/' || context.RequestPath.IsPrefixOf(parsed);
    }

    static ReadOnlySpan<char> WithoutPrefix(string path, string? prefix) =>
        prefix is { Length: > 1 } && path.Length > prefix.Length
        && path[prefix.Length] == '/' && path.StartsWith(prefix, StringComparison.Ordinal)
            ? path.AsSpan(prefix.Length)
            : path;

    static ResourceType? TypeOf(DefinitionView definitions, Lwm2mPath path) =>
        path.Depth > 2 ? definitions.FindResource(path.ObjectId, path.ResourceId)?.Type : null;

    static bool TryValue(JsonElement entry, ResourceType? type, out Lwm2mValue value)
    {
        value = default;
        if (entry.TryGetProperty("v", out var number))
            return TryNumberValue(number, type, out value);
        if (entry.TryGetProperty("bv", out var truth))
        {
            value = Lwm2mValue.Boolean(truth.ValueKind == JsonValueKind.True);
            return truth.ValueKind is JsonValueKind.True or JsonValueKind.False;
        }
        if (entry.TryGetProperty("ov", out var link))
            return JsonText.TryGet(link, out var linkText) && ObjectLinkText.TryParse(linkText, out value);
        if (!entry.TryGetProperty("sv", out var json) || !JsonText.TryGet(json, out var text))
            return false;
        if (type == ResourceType.Opaque)
            return ValueParser.TryParse(ResourceType.Opaque, text, out value, out _);
        value = type == ResourceType.CoreLink ? Lwm2mValue.CoreLink(text) : Lwm2mValue.String(text);
        return true;
    }

    static bool TryNumberValue(JsonElement json, ResourceType? type, out Lwm2mValue value)
    {
        value = default;
        if (json.ValueKind != JsonValueKind.Number)
            return false;
        if (type != ResourceType.Float && json.TryGetInt64(out var number) && (number >= 0 || type != ResourceType.UnsignedInteger))
        {
            value = type switch
            {
                ResourceType.Time => Lwm2mValue.Time(number),
                ResourceType.UnsignedInteger => Lwm2mValue.UnsignedInteger((ulong)number),
                _ => Lwm2mValue.Integer(number),
            };
            return true;
        }
        if (type == ResourceType.UnsignedInteger && json.TryGetUInt64(out var unsigned))
        {
            value = Lwm2mValue.UnsignedInteger(unsigned);
            return true;
        }
        if (!json.TryGetDouble(out var real) || !double.IsFinite(real))
            return false;
        value = Lwm2mValue.Float(real);
        return true;
    }

    /// <summary>Unix milliseconds; null where the device gave no time, or one that no date has.</summary>
    static long? Timestamp(double? baseTime, double? time, long receivedAt)
    {
        if (baseTime is null && time is null)
            return null;
        return SenmlTime.TryResolve((baseTime ?? 0) + (time ?? 0), receivedAt, out var timestamp) ? timestamp : null;
    }

    static bool TryText(JsonElement json, string name, out string text)
    {
        text = "";
        if (!json.TryGetProperty(name, out var property))
            return true;
        if (!JsonText.TryGet(property, out var found))
            return false;
        text = found;
        return true;
    }

    static bool TryNumber(JsonElement json, string name, out double? number)
    {
        number = null;
        if (!json.TryGetProperty(name, out var property))
            return true;
        if (property.ValueKind != JsonValueKind.Number || !property.TryGetDouble(out var found))
            return false;
        number = found;
        return true;
    }

    static DecodedItem Raw(Lwm2mPath path, JsonElement entry, string note) =>
        new(path, Lwm2mValue.Opaque(Encoding.UTF8.GetBytes(entry.GetRawText())), Note: note);
}
