using System.CommandLine;
using System.Globalization;

namespace Tools.Commands;

/// <summary>Points in time: ISO 8601 (local where no zone is named), or Unix time in seconds.</summary>
static class PointInTime
{
    public static bool TryParse(string text, out DateTimeOffset time)
    {
        if (long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var seconds) && seconds <= 253402300799)
        {
            time = DateTimeOffset.FromUnixTimeSeconds(seconds);
            return true;
        }

        return DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeLocal, out time);
    }

    public static Option<string?> Option(string name, string description)
    {
        var option = new Option<string?>(name) { Description = description };
        option.Validators.Add(result =>
        {
            if (result.GetValueOrDefault<string?>() is { } text && !TryParse(text, out _))
                result.AddError($"{name} must be a time such as 2026-11-22T03:00:00Z.");
        });
        return option;
    }

    public static DateTimeOffset? Get(ParseResult arguments, Option<string?> option) =>
        arguments.GetValue(option) is { } text && TryParse(text, out var time) ? time : null;
}
