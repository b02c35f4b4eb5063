using System.Text.Json;
using Protocol.Lwm2m;
using Protocol.Lwm2m.Definitions;
using Protocol.Lwm2m.Formats;
using Protocol.Lwm2m.Values;

namespace Translator.Downlink;

/// <summary>Reads the values of a write or create: by the command's own type, or where it names none by the definition's.</summary>
/// <param name="Format">The content format that the command names.</param>
internal readonly record struct ValueReader(CommandJson Json, TranslationRules Rules, DefinitionView Definitions, bool IsCreate, ushort? Format)
{
    /// <summary>A value of null takes away what is there; else it is no value.</summary>
    public bool MayRemove { get; init; }

    /// <summary>The members of content; null where one is wrong.</summary>
    public List<ResourceValue>? ReadAll(JsonElement data, Lwm2mPath basePath, out string problem)
    {
        if (!data.TryGetProperty("content", out var content) || content.ValueKind != JsonValueKind.Array)
        {
            problem = "content is missing";
            return null;
        }

        var count = content.GetArrayLength();
        if (count > ContentEncoder.MaxValues)
        {
            problem = $"more than {ContentEncoder.MaxValues} values";
            return null;
        }

        problem = "";
        var values = new List<ResourceValue>(count);
        foreach (var item in content.EnumerateArray())
        {
            var text = item.ValueKind == JsonValueKind.Object ? CommandJson.TextOf(item, "path") ?? "" : "";
            if (item.ValueKind != JsonValueKind.Object || !TryRelative(text, basePath, count, out var relative))
            {
                problem = $"content item {values.Count}: {RequestBuilder.Shortened(text)} is no path below {basePath}";
                return null;
            }

            if (Read(item, basePath, relative, out problem) is not { } value)
            {
                problem = $"content item {values.Count}: {problem}";
                return null;
            }

            values.Add(new ResourceValue(relative, value));
        }

        return values;
    }

    /// <summary>The value of one item; null where it is wrong.</summary>
    public Lwm2mValue? Read(JsonElement item, Lwm2mPath basePath, Lwm2mPath relative, out string problem)
    {
        var definition = DefinitionOf(basePath, relative);
        if (!item.TryGetProperty("value", out var json))
        {
            problem = "value is missing";
            return null;
        }

        if (MayRemove && json.ValueKind == JsonValueKind.Null)
        {
            problem = "";
            return Lwm2mValue.None;
        }

        if (!TryType(item, definition, out var type, out problem))
        {
            return null;
        }

        Lwm2mValue value;
        string? reason;
        if (!Json.IsHex)
        {
            if (!ValueParser.TryParse(type, json, out value, out reason))
            {
                problem = reason;
                return null;
            }
        }
        else if (json.ValueKind != JsonValueKind.String || !ValueParser.TryParseHex(type, json.GetString()!, out value, out reason))
        {
            problem = "value is not hexadecimal, or not of its type";
            return null;
        }

        if (Rules.Options.StrictWrites && StrictWrite.ReasonAgainst(definition, type, value, IsCreate) is { } objection)
        {
            problem = objection;
            return null;
        }

        return value;
    }

    private bool TryType(JsonElement item, ResourceDefinition? definition, out ResourceType type, out string problem)
    {
        problem = "";
        type = ResourceType.None;
        if (!item.TryGetProperty("type", out var named) || named.ValueKind == JsonValueKind.Null)
        {
            // What is to be written as bytes needs no definition.
            type = definition?.Type ?? (Format == ContentFormats.Opaque ? ResourceType.Opaque : ResourceType.None);
            problem = type == ResourceType.None ? "type is missing, and no definition supplies it" : "";
        }
        else if (named.ValueKind != JsonValueKind.String || !ResourceTypeName.TryParse(named.GetString()!, out type) || type == ResourceType.None)
        {
            problem = $"type {RequestBuilder.Shortened(named.GetRawText())} is not known";
        }

        return problem.Length == 0;
    }

    // One item of a resource stands for the resource, whatever its path says, as with EMQX; the encoder sorts that out.
    private static bool TryRelative(string text, Lwm2mPath basePath, int count, out Lwm2mPath relative) =>
        text.Length == 0 && basePath.Depth == 3 && count == 1
            ? Lwm2mPath.TryParse("/", out relative)
            : Lwm2mPath.TryParse(text, out relative);

    // Below an object an item names its instance, or, where the device is to choose that, only the resource.
    private ResourceDefinition? DefinitionOf(Lwm2mPath basePath, Lwm2mPath relative)
    {
        if (basePath.Depth == 1)
        {
            return relative.Depth switch
            {
                0 => null,
                1 => Definitions.FindResource(basePath.ObjectId, relative[0]),
                _ => Definitions.FindResource(basePath.ObjectId, relative[1]),
            };
        }

        return basePath.TryAppend(relative, out var path) && path.Depth >= 3 ? Definitions.FindResource(path.ObjectId, path.ResourceId) : null;
    }
}
