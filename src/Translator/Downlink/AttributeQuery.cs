using System.Globalization;
using System.Text.Json;

namespace Translator.Downlink;

/// <summary>Notification attributes of a command as Uri-Query options (LwM2M Core 1.2 section 7.3.2).</summary>
internal static class AttributeQuery
{
    // Ascending, as EMQX sends them.
    private static readonly string[] Names = ["con", "edge", "epmax", "epmin", "gt", "hqmax", "lt", "pmax", "pmin", "st"];

    /// <summary>Numbers or decimal strings; null is left out, an empty string takes the attribute back. Other keys do not matter.</summary>
    public static bool TryRead(JsonElement data, out List<string> query, out string problem)
    {
        query = [];
        problem = "";
        foreach (var name in Names)
        {
            if (!data.TryGetProperty(name, out var value) || value.ValueKind == JsonValueKind.Null)
            {
                continue;
            }

            var text = value.ValueKind switch
            {
                JsonValueKind.String => value.GetString()!,
                JsonValueKind.Number => value.GetRawText(),
                _ => null,
            };
            if (text is null || text.Length > 0 && !IsNumber(text, whole: name is not ("gt" or "lt" or "st")))
            {
                problem = $"{name} is not a number that this attribute can have";
                return false;
            }

            query.Add(text.Length > 0 ? $"{name}={text}" : name);
        }

        return true;
    }

    private static bool IsNumber(string text, bool whole) =>
        text.Length <= 32 && (whole
            ? uint.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out _)
            : decimal.TryParse(text, NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out _));
}
