using System.Text.Json;
using Protocol.Lwm2m.Attributes;

namespace Translator.Downlink;

/// <summary>Notification attributes of a command (LwM2M Core 1.2 section 7.3.2).</summary>
internal static class AttributeQuery
{
    /// <summary>Numbers or decimal strings; null is left out, an empty string takes the attribute back. Other keys do not matter.</summary>
    public static bool TryRead(JsonElement data, out NotificationAttributes attributes, out string problem)
    {
        var said = new List<string>();
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

        var isRead = NotificationAttributes.TryParse(said, out attributes, out var reason);
        problem = reason ?? "";
        return isRead;
    }
}
