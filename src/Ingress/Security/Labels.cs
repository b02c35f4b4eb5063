using System.Text.Json;

namespace Ingress.Security;

/// <summary>The values of an enumeration as labels of metrics: "no_session".</summary>
static class Labels<T>
    where T : struct, Enum
{
    static readonly Dictionary<T, string> Names = Enum.GetValues<T>().ToDictionary(value => value, value => JsonNamingPolicy.SnakeCaseLower.ConvertName(value.ToString()));

    public static string Of(T value) => Names[value];
}
