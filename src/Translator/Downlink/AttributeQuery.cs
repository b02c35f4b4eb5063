using System.Text.Json;
using Protocol.Lwm2m.Attributes;

namespace Translator.Downlink;

/// <summary>Notification attributes of a command as Uri-Query options, ascending by name, as EMQX sends them (LwM2M Core 1.2 section 7.3.2).</summary>
internal static class AttributeQuery
{
    /// <summary>Numbers or decimal strings; null is left out, an empty string takes the attribute back. Other keys do not matter.</summary>
    public static bool TryRead(JsonElement data, out IReadOnlyList<string> query, out string problem)
    {
        var said = new List<string>();
        query = said;
        problem = "";
        foreach (var name in NotificationAttributes.Names)
        {
            if (!data.TryGetProperty(name, out var value) || value.ValueKind == JsonValueKind.Null)
            {
                continue;
            }

            var text = value.ValueKind == JsonValueKind.String ? value.GetString()! : value.GetRawText();
            said.Add(text.Length > 0 ? $"{name}={text}" : name);
        }

        if (!NotificationAttributes.TryParse(said, out var attributes, out var reason))
        {
            problem = reason;
            return false;
        }

        query = attributes.ToQuery();
        return true;
    }
}
