using System.Text;
using System.Text.Json;
using Protocol.Lwm2m;
using Protocol.Lwm2m.Definitions;

namespace Tools.Decoding;

/// <summary>The JSON of a device event in one line for people: what it is about, how it went, and values with the names of their resources.</summary>
sealed class EventSummary(DefinitionCatalog definitions)
{
    const int MostValues = 8;
    const int LongestValue = 60;

    readonly DefinitionView _definitions = definitions.For(null);

    /// <summary>"not JSON" where it is none.</summary>
    public string Of(ReadOnlyMemory<byte> json)
    {
        try
        {
            using var document = JsonDocument.Parse(json);
            return Of(document.RootElement);
        }
        catch (JsonException)
        {
            return "not JSON";
        }
    }

    string Of(JsonElement root)
    {
        if (root.ValueKind != JsonValueKind.Object || !root.TryGetProperty("data", out var data) || data.ValueKind != JsonValueKind.Object)
            return PlainText.Of(root.GetRawText());
        var parts = new List<string>();
        Add(Text(root, "msgType") is "notify" or "register" or "update" or "lifecycle" or null ? null : Text(root, "msgType"));
        Add(Text(root, "reqID") is { } request ? "#" + request : null);
        Add(Text(data, "reqPath") is { } path ? $"{path} {_definitions.NameOf(path)}".TrimEnd() : null);
        Add(Text(data, "code") is { } code ? $"{code} {Text(data, "codeMsg")}".TrimEnd() : null);
        Add(Text(data, "reason"));
        Add(Text(data, "late") is null ? null : "late");
        Add(Text(data, "lt") is { } lifetime ? $"lt={lifetime}" : null);
        Add(Text(data, "lwm2m") is { } version ? $"LwM2M {version}" : null);
        if (data.TryGetProperty("objectList", out var objects) && objects.ValueKind == JsonValueKind.Array)
            Add(string.Join(", ", objects.EnumerateArray().Select(item => item.ToString()).Select(target => $"{target} {_definitions.NameOf(target)}".TrimEnd())));
        if (data.TryGetProperty("content", out var content))
            Add(Values(content));
        return string.Join("  ", parts);

        void Add(string? part)
        {
            if (!string.IsNullOrEmpty(part))
                parts.Add(part);
        }
    }

    string Values(JsonElement content)
    {
        if (content.ValueKind != JsonValueKind.Array)
            return Short(content);
        var shown = content.EnumerateArray().Take(MostValues).Select(Value);
        var more = content.GetArrayLength() - MostValues;
        return string.Join("; ", shown) + (more > 0 ? $"; and {more} more" : "");
    }

    string Value(JsonElement item)
    {
        if (item.ValueKind != JsonValueKind.Object || Text(item, "path") is not { } path || !item.TryGetProperty("value", out var value))
            return Short(item);
        var resource = Lwm2mPath.TryParse(path, out var parsed) && parsed.Depth >= 3 ? _definitions.FindResource(parsed.ObjectId, parsed.ResourceId) : null;
        var instance = parsed is { IsRoot: false, Depth: 4 } ? $"[{parsed.ResourceInstanceId}]" : "";
        return $"{(resource is null ? path : resource.Name + instance)} {Short(value)} {resource?.Units}".TrimEnd();
    }

    static string Short(JsonElement value)
    {
        var text = PlainText.Of(value.ToString());
        return text.Length > LongestValue ? text[..LongestValue] + "..." : text;
    }

    static string? Text(JsonElement of, string name) =>
        of.TryGetProperty(name, out var value) && value.ValueKind is not (JsonValueKind.Null or JsonValueKind.Object or JsonValueKind.Array) ? PlainText.Of(value.ToString()) : null;
}
