using System.Globalization;
using System.Text.RegularExpressions;
using Contracts.Configuration;

namespace Hosting.Configuration;

/// <summary>Reads one value as its key demands; what cannot be read becomes a problem, and null.</summary>
internal sealed class ValueReader(ConfigurationReport report, ConfigurationFolders folders)
{
    const string AccessRuleForm =
        "must be \"allow ADDRESS\" or \"deny ADDRESS\", the address a single one, a network such as 10.0.0.0/8, or all";

    public object? Read(SchemaKey key, SettingNode node, string path)
    {
        if (key.Kind == SchemaKind.Observations)
            return ObservationReader.Read(node, path, report);
        if (key.Kind == SchemaKind.List)
            return ReadList(key, node, path);
        if (node.Text is not { } text)
            return Refuse(key, path, node, "must be one value, not a section or list");
        return key.Kind switch
        {
            SchemaKind.Text => ReadText(key, node, path, text),
            SchemaKind.Flag => SettingText.TryFlag(text, out var flag) ? flag : Refuse(key, path, node, "must be true or false"),
            SchemaKind.Whole => ReadWhole(key, node, path, text),
            SchemaKind.Real => ReadReal(key, node, path, text),
            SchemaKind.Duration => ReadDuration(key, node, path, text),
            SchemaKind.Choice => ReadChoice(key, node, path, text),
            SchemaKind.Address => BindAddress.TryParse(text, out var bind) ? bind : Refuse(key, path, node,
                "must be a port or address:port, such as 5783, \"127.0.0.1:5783\" or \"[::]:5783\", the port at most 65535"),
            _ => throw new InvalidOperationException($"{path} has a type that configuration does not know."),
        };
    }

    /// <summary>Flattens a section into names with dots.</summary>
    public void ReadTexts(SchemaKey key, SettingNode node, string path, string prefix, Dictionary<string, string> map)
    {
        foreach (var (name, value) in node.Members!)
        {
            var full = prefix + (key.DottedKeys ? name.Replace('_', '.') : name);
            if (value.Members is not null)
                ReadTexts(key, value, path, full + ".", map);
            else if (value.Text is not null)
                map[full] = value.Text;
            else if (value.Items is not null)
                Refuse(key, $"{path}.{full}", value, "must be one value, not a list");
        }
    }

    public static bool NameAllowed(SchemaKey key, string name) => key.Pattern is null || Matches(key.Pattern, name);

    object? ReadText(SchemaKey key, SettingNode node, string path, string text)
    {
        // An empty environment variable is how charts say "nothing".
        if (text.Length == 0 && !key.Required && key.Optional)
            return null;
        if (key.OneOf is { } allowed)
            return allowed.FirstOrDefault(a => a.Equals(text, StringComparison.OrdinalIgnoreCase)) ?? RefuseChoice(key, path, node, text, allowed);
        if (key.Pattern is not null && !Matches(key.Pattern, text))
            return Refuse(key, path, node, $"must match {key.Pattern}");
        // Whether a folder or file must exist is for the checks to say.
        return key.FilePath ? folders.Resolve(text) ?? text : text;
    }

    object? ReadWhole(SchemaKey key, SettingNode node, string path, string text)
    {
        if (key.OneOf is { } allowed && !allowed.Contains(text.Trim()))
            return Refuse(key, path, node, $"must be one of {string.Join(", ", allowed)}");
        if (key.Unit == Unit.CountOrInfinity && text.Trim().Equals("infinity", StringComparison.OrdinalIgnoreCase))
            return int.MaxValue;
        var understood = key.Unit == Unit.Bytes ? SettingText.TryBytes(text, out var value) : SettingText.TryWhole(text, out value);
        if (!understood)
        {
            return Refuse(key, path, node, key.Unit switch
            {
                Unit.Bytes => "must be a size, such as 1024, 512KB or 4MB",
                Unit.CountOrInfinity => "must be a whole number or infinity",
                _ => $"must be a whole number{Between(key)}",
            });
        }

        var least = key.Range is null ? 0 : WholeLimit(key.Range.Least);
        var largest = key.Range is null ? int.MaxValue : WholeLimit(key.Range.Largest);
        return value >= least && value <= largest ? (int)value : Refuse(key, path, node, $"must be{Between(key)}");
    }

    object? ReadReal(SchemaKey key, SettingNode node, string path, string text)
    {
        if (!TryReal(key.Unit, text, out var value))
        {
            return Refuse(key, path, node, key.Unit switch
            {
                Unit.Rate => "must be a rate, such as 1000/s, 60/1m or infinity",
                Unit.Ratio => "must be a part of all, such as 10% or 0.1",
                _ => "must be a number",
            });
        }

        if (key.Range is null)
            return value;
        TryReal(key.Unit ?? Unit.Rate, key.Range.Least, out var least);
        TryReal(key.Unit ?? Unit.Rate, key.Range.Largest, out var largest);
        return value >= least && value <= largest ? value : Refuse(key, path, node, $"must be{Between(key)}");
    }

    static bool TryReal(Unit? unit, string text, out double value) => unit switch
    {
        Unit.Rate => SettingText.TryRate(text, out value),
        Unit.Ratio => SettingText.TryRatio(text, out value),
        _ => SettingText.TryReal(text, out value),
    };

    object? ReadDuration(SchemaKey key, SettingNode node, string path, string text)
    {
        var seconds = key.Unit == Unit.Seconds && SettingText.TryReal(text, out _);
        if (!SettingText.TryDuration(seconds ? text + "s" : text, out var value))
            return Refuse(key, path, node, "must be a duration, such as 100ms, 30s, 15m, 2h or 1d");
        if (!seconds && value > TimeSpan.Zero && SettingText.TryReal(text, out _))
        {
            report.Warnings.Add($"{path} = {text} ({node.Origin}) has no unit and was taken as milliseconds, as EMQX does: "
                + $"{SettingText.Print(value)}. Write {text}s if seconds were meant");
        }

        if (key.Range is null)
            return value;
        SettingText.TryDuration(key.Range.Least, out var least);
        SettingText.TryDuration(key.Range.Largest, out var largest);
        return value >= least && value <= largest ? value : Refuse(key, path, node, $"must be{Between(key)}");
    }

    object? ReadChoice(SchemaKey key, SettingNode node, string path, string text)
    {
        var choices = Enum.GetValues(key.Type).Cast<Enum>().ToList();
        return (object?)choices.Find(c => SettingText.ChoiceName(c).Equals(text.Trim(), StringComparison.OrdinalIgnoreCase))
            ?? RefuseChoice(key, path, node, text, choices.Select(SettingText.ChoiceName));
    }

    object? ReadList(SchemaKey key, SettingNode node, string path)
    {
        var nodes = node.Items ?? node.Members?.Values.ToList()
            ?? node.Text!.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)
                .Select(text => new SettingNode(node.Origin) { Text = text }).ToList();
        List<string> texts = [];
        List<AccessRule> rules = [];
        foreach (var item in nodes)
        {
            if (item.Text is null)
                Refuse(key, path, item, "must be a list of single values");
            else if (key.ElementType == typeof(string))
                texts.Add(item.Text);
            else if (AccessRule.TryParse(item.Text, out var rule))
                rules.Add(rule!);
            else
                Refuse(key, path, item, AccessRuleForm);
        }

        return key.ElementType == typeof(string) ? texts : rules;
    }

    object? RefuseChoice(SchemaKey key, string path, SettingNode node, string text, IEnumerable<string> allowed)
    {
        var near = Nearest.Of(text, allowed);
        return Refuse(key, path, node, $"must be one of {string.Join(", ", allowed)}{(near is null ? "" : $"; did you mean '{near}'?")}");
    }

    object? Refuse(SchemaKey key, string path, SettingNode node, string allowed)
    {
        report.Problems.Add(new ConfigurationProblem(path, key.Secret ? null : node.Text, allowed, node.Origin));
        return null;
    }

    static long WholeLimit(string limit)
    {
        if (limit == "infinity")
            return int.MaxValue;
        SettingText.TryBytes(limit, out var value);
        return value;
    }

    static string Between(SchemaKey key) => key.Range is null ? "" : $" from {key.Range.Least} to {key.Range.Largest}";

    static bool Matches(string expression, string text) =>
        Regex.IsMatch(text, $"^(?:{expression})$", RegexOptions.CultureInvariant | RegexOptions.NonBacktracking) && !text.EndsWith('\n');
}
