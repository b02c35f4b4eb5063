using System.Diagnostics.CodeAnalysis;
using System.Text.Json;

namespace Protocol.Lwm2m.Values;

static class JsonText
{
    /// <summary>The text of a JSON string; false for another kind, and for a lone surrogate, over which GetString throws.</summary>
    internal static bool TryGet(JsonElement json, [NotNullWhen(true)] out string? text)
    {
        text = null;
        if (json.ValueKind != JsonValueKind.String)
            return false;
        try
        {
            text = json.GetString()!;
            return true;
        }
        catch (InvalidOperationException)
        {
            return false;
        }
    }
}
