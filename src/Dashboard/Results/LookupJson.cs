using System.Text.Json;
using Dashboard.Commands;
using Protocol.Lwm2m;
using Protocol.Lwm2m.Definitions;
using Protocol.Lwm2m.Links;
using Protocol.Lwm2m.Values;

namespace Dashboard.Results;

/// <summary>A result as <c>lookup</c> answers it, with EMQX's names.</summary>
static class LookupJson
{
    /// <param name="path">As it was asked for.</param>
    /// <param name="outcome">Null: not answered, or never asked.</param>
    public static void Write(Utf8JsonWriter json, string clientId, string path, string action, OutcomeEvent? outcome, DefinitionView definitions)
    {
        json.WriteStartObject();
        json.WriteString("clientid", clientId);
        json.WriteString("path", path);
        json.WriteString("action", action);
        json.WriteString("code", outcome?.Code ?? "6.01");
        json.WriteString("codeMsg", outcome?.CodeMsg ?? "reply_not_received");
        if (outcome is not null && outcome.Data.TryGetProperty("content", out var content) && content.ValueKind == JsonValueKind.Array)
        {
            json.WritePropertyName("content");
            if (action == "discover")
                WriteLinks(json, content, definitions);
            else
                content.WriteTo(json);
        }

        if (outcome is not null && outcome.Data.TryGetProperty("location", out var location))
        {
            json.WritePropertyName("location");
            location.WriteTo(json);
        }

        if (outcome?.Reason is { } reason)
            json.WriteString("reason", reason);
        json.WriteEndObject();
    }

    static void WriteLinks(Utf8JsonWriter json, JsonElement content, DefinitionView definitions)
    {
        json.WriteStartArray();
        foreach (var item in content.EnumerateArray())
        {
            if (item.ValueKind != JsonValueKind.String || !LinkFormat.TryParse(item.GetString()!, out var links, out _))
                continue;
            foreach (var link in links)
                WriteLink(json, link, definitions);
        }

        json.WriteEndArray();
    }

    static void WriteLink(Utf8JsonWriter json, CoreLink link, DefinitionView definitions)
    {
        json.WriteStartObject();
        json.WriteString("path", link.Target);
        if (Lwm2mPath.TryParse(link.Target, out var path) && path.Depth > 0)
        {
            if (path.Depth < 3 && definitions.FindObject(path.ObjectId) is { } known)
                json.WriteString("name", known.Name);
            else if (path.Depth >= 3 && definitions.FindResource(path.ObjectId, path.ResourceId) is { } resource)
                WriteResource(json, resource);
        }

        if (link.Attributes.Count > 0)
        {
            json.WriteStartObject("attributes");
            // Of two with one name the first counts, as for whoever asks the link for it.
            foreach (var attribute in link.Attributes.DistinctBy(a => a.Name))
            {
                if (attribute.Value is { } value)
                    json.WriteString(attribute.Name, value);
                else
                    json.WriteBoolean(attribute.Name, true);
            }

            json.WriteEndObject();
        }

        json.WriteEndObject();
    }

    static void WriteResource(Utf8JsonWriter json, ResourceDefinition resource)
    {
        json.WriteString("name", resource.Name);
        var operations = resource.Operations;
        json.WriteString(
            "operations",
            (operations.HasFlag(ResourceOperations.Read) ? "R" : "") + (operations.HasFlag(ResourceOperations.Write) ? "W" : "")
            + (operations.HasFlag(ResourceOperations.Execute) ? "E" : ""));
        if (resource.Type != ResourceType.None)
            json.WriteString("dataType", ResourceTypeName.Of(resource.Type));
    }
}
