using System.Collections;
using System.Globalization;
using System.Reflection;
using System.Text.Json;
using Contracts.Configuration;

namespace Hosting.Configuration;

/// <summary>Values as they are written in configuration: read and printed.</summary>
internal static class SettingText
{
    static readonly (string Suffix, double Milliseconds)[] Durations =
        [("ms", 1), ("s", 1000), ("m", 60_000), ("h", 3_600_000), ("d", 86_400_000), ("w", 604_800_000)];

    static readonly (string Suffix, long Bytes)[] Sizes =
        [("kb", 1L << 10), ("mb", 1L << 20), ("gb", 1L << 30), ("b", 1), ("", 1)];

    public static bool TryFlag(string text, out bool value)
    {
        value = text.ToLowerInvariant() is "true" or "on" or "yes";
        return value || text.ToLowerInvariant() is "false" or "off" or "no";
    }

    /// <summary>"30s", "1h30m", "0.5s"; a plain number is milliseconds, as EMQX takes it.</summary>
    public static bool TryDuration(string text, out TimeSpan value)
    {
        value = TimeSpan.Zero;
        var rest = text.AsSpan().Trim();
        if (rest.IsEmpty)
            return false;
        var sum = 0.0;
        while (!rest.IsEmpty)
        {
            if (!TakeNumber(ref rest, out var number))
                return false;
            var letters = 0;
            while (letters < rest.Length && char.IsAsciiLetter(rest[letters]))
                letters++;
            var unit = rest[..letters];
            rest = rest[letters..].TrimStart();
            var factor = unit.IsEmpty && sum == 0 && rest.IsEmpty ? 1 : 0.0;
            foreach (var (suffix, milliseconds) in Durations)
            {
                if (unit.Equals(suffix, StringComparison.OrdinalIgnoreCase))
                    factor = milliseconds;
            }

            if (factor == 0)
                return false;
            sum += number * factor;
        }

        // Ten thousand years is within TimeSpan, and no setting is meant to be longer.
        if (sum > 3.2e14)
            return false;
        value = TimeSpan.FromMilliseconds(sum);
        return true;
    }

    public static bool TryBytes(string text, out long value)
    {
        value = 0;
        var rest = text.AsSpan().Trim();
        if (!TakeNumber(ref rest, out var number))
            return false;
        foreach (var (suffix, bytes) in Sizes)
        {
            if (!rest.Trim().Equals(suffix, StringComparison.OrdinalIgnoreCase))
                continue;
            if (number * bytes > long.MaxValue / 2)
                return false;
            value = (long)(number * bytes);
            return true;
        }

        return false;
    }

    /// <summary>"1000/s", "60/1m", "1000", "infinity"; the result is per second.</summary>
    public static bool TryRate(string text, out double value)
    {
        value = double.PositiveInfinity;
        if (text.Trim().Equals("infinity", StringComparison.OrdinalIgnoreCase))
            return true;
        var slash = text.IndexOf('/', StringComparison.Ordinal);
        if (!TryReal(slash < 0 ? text : text[..slash], out value))
            return false;
        if (slash < 0)
            return true;
        var period = text[(slash + 1)..].Trim();
        if (period.Length > 0 && !char.IsAsciiDigit(period[0]))
            period = "1" + period;
        if (!TryDuration(period, out var time) || time <= TimeSpan.Zero)
            return false;
        value /= time.TotalSeconds;
        return true;
    }

    /// <summary>"10%" or "0.1".</summary>
    public static bool TryRatio(string text, out double value)
    {
        var trimmed = text.Trim();
        var isPercent = trimmed.EndsWith('%');
        var understood = TryReal(isPercent ? trimmed[..^1] : trimmed, out value);
        // Through decimal, so that 10% is what is written as 0.1.
        value = understood && isPercent && Math.Abs(value) <= 1e9 ? (double)((decimal)value / 100) : value;
        return understood;
    }

    public static bool TryWhole(string text, out long value) =>
        long.TryParse(text.Trim(), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out value);

    public static bool TryReal(string text, out double value) =>
        double.TryParse(text.Trim(), NumberStyles.Float, CultureInfo.InvariantCulture, out value) && double.IsFinite(value);

    public static string Print(object? value, Unit? unit = null) => value switch
    {
        null => "",
        string text => text,
        bool flag => flag ? "true" : "false",
        TimeSpan time => PrintDuration(time),
        double.PositiveInfinity => "infinity",
        double ratio when unit == Unit.Ratio => ((decimal)ratio * 100).ToString("0.##########", CultureInfo.InvariantCulture) + "%",
        double rate => rate.ToString(CultureInfo.InvariantCulture) + (unit == Unit.Rate ? "/s" : ""),
        int.MaxValue when unit == Unit.CountOrInfinity => "infinity",
        int bytes when unit == Unit.Bytes => PrintBytes(bytes),
        int number => number.ToString(CultureInfo.InvariantCulture),
        Enum choice => ChoiceName(choice),
        IDictionary { Count: 0 } or ICollection { Count: 0 } => "",
        IDictionary map => string.Join(", ", map.Keys.Cast<object>()),
        IEnumerable list => string.Join(", ", list.Cast<object>().Select(o => Print(o))),
        _ => value.ToString() ?? "",
    };

    public static string ChoiceName(Enum choice)
    {
        var field = choice.GetType().GetField(choice.ToString());
        return field?.GetCustomAttribute<KeyAttribute>()?.Name ?? JsonNamingPolicy.SnakeCaseLower.ConvertName(choice.ToString());
    }

    static string PrintDuration(TimeSpan time)
    {
        for (var i = Durations.Length - 2; i >= 0; i--)
        {
            var (suffix, milliseconds) = Durations[i];
            if (time.TotalMilliseconds >= milliseconds && time.TotalMilliseconds % milliseconds == 0)
                return $"{(time.TotalMilliseconds / milliseconds).ToString(CultureInfo.InvariantCulture)}{suffix}";
        }

        return "0s";
    }

    static string PrintBytes(long bytes)
    {
        foreach (var (suffix, size) in Sizes.Reverse().Where(s => s.Suffix.Length == 2))
        {
            if (bytes >= size && bytes % size == 0)
                return $"{(bytes / size).ToString(CultureInfo.InvariantCulture)}{suffix.ToUpperInvariant()}";
        }

        return bytes.ToString(CultureInfo.InvariantCulture);
    }

    static bool TakeNumber(ref ReadOnlySpan<char> rest, out double number)
    {
        var digits = 0;
        while (digits < rest.Length && (char.IsAsciiDigit(rest[digits]) || rest[digits] == '.'))
            digits++;
        var found = double.TryParse(rest[..digits], NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out number);
        rest = rest[digits..].TrimStart();
        return found;
    }
}
