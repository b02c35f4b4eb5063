using System.CommandLine;
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

    /// <summary>An option that takes a duration; <see cref="Get"/> reads it.</summary>
    public static Option<string> Option(string name, string description, string? usual = null)
    {
        var option = new Option<string>(name) { Description = description };
        if (usual is not null)
            option.DefaultValueFactory = _ => usual;
        option.Validators.Add(result =>
        {
            if (result.GetValueOrDefault<string>() is { } text && !TryParse(text, out _))
                result.AddError($"{name} must be a duration such as 500ms, 5s, 2m or 1h.");
        });
        return option;
    }

    /// <summary>Null where the option is not given and has no usual value.</summary>
    public static TimeSpan? Get(ParseResult arguments, Option<string> option) =>
        arguments.GetValue(option) is { } text && TryParse(text, out var duration) ? duration : null;
}
