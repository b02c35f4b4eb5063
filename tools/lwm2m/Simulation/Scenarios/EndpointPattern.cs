using System.Globalization;
using System.Text.RegularExpressions;

namespace Tools.Simulation.Scenarios;

/// <summary>Endpoint names such as "meter-{n:6}".</summary>
static partial class EndpointPattern
{
    public const string Allowed = "{group}, {n}, or {n:DIGITS} with 1 to 9 digits, and no other braces";

    public static bool IsValid(string pattern) => !Known().Replace(pattern, "").AsSpan().ContainsAny('{', '}');

    /// <summary>The number is part of it.</summary>
    public static bool HasNumber(string pattern) => pattern.Contains("{n", StringComparison.Ordinal);

    public static string Render(string pattern, string group, int number) => Known().Replace(pattern, match => match.Value switch
    {
        "{group}" => group,
        "{n}" => number.ToString(CultureInfo.InvariantCulture),
        var padded => number.ToString(CultureInfo.InvariantCulture).PadLeft(padded[3] - '0', '0'),
    });

    [GeneratedRegex(@"\{group\}|\{n(:[1-9])?\}")]
    private static partial Regex Known();
}
