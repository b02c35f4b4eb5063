using System.Text.Json;
using System.Text.Json.Serialization;

namespace Tools.Output;

/// <summary>How all commands write JSON: members in snake case, one line or indented.</summary>
static class OutputJson
{
    public static readonly JsonSerializerOptions Line = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        RespectNullableAnnotations = true,
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.SnakeCaseLower) },
    };

    public static readonly JsonSerializerOptions Indented = new(Line) { WriteIndented = true };
}
