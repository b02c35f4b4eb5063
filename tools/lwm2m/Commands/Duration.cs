using System.CommandLine.Parsing;
using System.Globalization;

namespace Tools.Commands;

/// <summary>Durations as configuration files write them: 500ms, 5s, 2m, 1h; a bare number is seconds.</summary>
static class Duration
{
    static readonly (string Suffix, double Seconds)[] Units = [("ms", 0.001), ("s", 1), ("m", 60), ("h", 3600), ("d", 86400), ("", 1)];

    public static bool TryParse(string text, out TimeSpan duration)
    {
        duration = default;
        foreach (var (suffix, seconds) in Units)
        {
            if (!text.EndsWith(suffix, StringComparison.Ordinal))
                continue;
            if (!double.TryParse(text.AsSpan(0, text.Length - suffix.Length), NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var number)
                || number * seconds > TimeSpan.MaxValue.TotalSeconds / 2)
                return false;
            duration = TimeSpan.FromSeconds(number * seconds);
            return true;
        }
        return false;
    }

    internal static TimeSpan Parse(ArgumentResult result)
    {
        if (!TryParse(result.Tokens[0].Value, out var duration))
            result.AddError($"{result.Tokens[0].Value} is not a duration such as 500ms, 5s, 2m or 1h.");
        return duration;
    }
}
