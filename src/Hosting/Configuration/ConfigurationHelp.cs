using System.Text;
using Contracts.Configuration;

namespace Hosting.Configuration;

/// <summary>The schema as text: for <c>--help</c>, and as the page docs/configuration.md.</summary>
internal static class ConfigurationHelp
{
    /// <summary>A key with its whole path; NAME and N stand for the name of a map's entry and the number of a list's.</summary>
    public sealed record Entry(string Path, SchemaKey Key, object? Value, string Doc, string? Pending);

    /// <summary>All keys that hold a value, in order; a listener's authenticator is like the gateway's and left out.</summary>
    public static IEnumerable<Entry> AllKeys() => KeysOf(new GatewayConfiguration(), "", "", null)
        .Where(e => !e.Path.Contains(".NAME.authentication.", StringComparison.Ordinal));

    public static string Text()
    {
        var text = new StringBuilder();
        foreach (var entry in AllKeys())
        {
            var value = Value(entry);
            text.Append("  ").Append(entry.Path.PadRight(58)).Append(' ').Append(TypeOf(entry.Key));
            text.Append(value.Length > 0 ? $" = {value}" : entry.Key.Required ? ", required" : "").Append('\n');
        }

        return text.ToString();
    }

    public static string Markdown()
    {
        var page = new StringBuilder(ConfigurationPage.Preamble);
        foreach (var section in AllKeys().GroupBy(SectionOf))
        {
            page.Append("\n## `").Append(section.Key).Append("`\n\n").Append(ConfigurationPage.DocOf(section.Key)).Append("\n\n");
            // What holds for the whole section is said once.
            var waits = section.Select(e => e.Pending).Distinct().ToList() is [{ } one] ? one : null;
            if (waits is not null)
                page.Append("**Not in force yet.** ").Append(waits).Append("\n\n");
            page.Append("| Key | Type | Default | Meaning |\n|---|---|---|---|\n");
            foreach (var entry in section)
                AppendRow(page, entry, entry.Path[(section.Key.Length + 1)..], waits is null ? entry.Pending : null);
        }

        return page.ToString();
    }

    static void AppendRow(StringBuilder page, Entry entry, string name, string? pending)
    {
        var value = Value(entry);
        page.Append("| `").Append(name).Append("` | ").Append(Cell(TypeOf(entry.Key))).Append(" | ");
        page.Append(value.Length > 0 ? $"`{Cell(value)}`" : entry.Key.Required ? "required" : "").Append(" | ");
        page.Append(Cell(entry.Doc));
        if (entry.Key.Live)
            page.Append(" *Live.*");
        if (pending is not null)
            page.Append(" **Not in force yet.** ").Append(Cell(pending));
        page.Append(" |\n");
    }

    // Small sections (topics, block-wise, sockets) are rows of the one that holds them.
    static string SectionOf(Entry entry) =>
        Array.Find(ConfigurationPage.Sections, s => entry.Path.StartsWith(s + ".", StringComparison.Ordinal))
        ?? entry.Path[..^(entry.Key.Name.Length + 1)];

    static IEnumerable<Entry> KeysOf(object section, string path, string doc, string? pending)
    {
        foreach (var key in SchemaSection.Of(section.GetType()).Keys)
        {
            var full = path.Length == 0 ? key.Name : $"{path}.{key.Name}";
            var waits = pending ?? key.Pending;
            var inner = key.Kind switch
            {
                SchemaKind.Section => key.Property.GetValue(section) ?? SchemaSection.Of(key.Type).New(),
                SchemaKind.Map or SchemaKind.List when SchemaKey.KindOf(key.ElementType!) == SchemaKind.Section =>
                    SchemaSection.Of(key.ElementType!).New(),
                _ => null,
            };
            if (inner is null)
            {
                // What a small section is for is said with its first key.
                yield return new Entry(full, key, key.Property.GetValue(section), doc + key.Doc, waits);
                doc = "";
                continue;
            }

            var suffix = key.Kind switch { SchemaKind.Map => ".NAME", SchemaKind.List => ".N", _ => "" };
            foreach (var entry in KeysOf(inner, full + suffix, IsTable(full + suffix) ? "" : key.Doc + " ", waits))
                yield return entry;
        }
    }

    static bool IsTable(string path) => ConfigurationPage.Sections.Contains(path);

    static string Value(Entry entry) => SettingText.Print(entry.Value, entry.Key.Unit);

    static string TypeOf(SchemaKey key)
    {
        var range = key.Range is null ? "" : $" {key.Range.Least} to {key.Range.Largest}";
        if (key.OneOf is { } allowed)
            return string.Join(" or ", allowed);
        return key.Kind switch
        {
            SchemaKind.Flag => "true or false",
            SchemaKind.Duration => "duration" + range,
            SchemaKind.Choice => string.Join(" or ", Enum.GetValues(key.Type).Cast<Enum>().Select(SettingText.ChoiceName)),
            SchemaKind.Address => "port or address:port",
            SchemaKind.Observations => "true, false, path or list of paths",
            SchemaKind.Map => "texts by name",
            SchemaKind.List => key.ElementType == typeof(AccessRule) ? "list of rules" : "list of texts",
            SchemaKind.Real => (key.Unit == Unit.Ratio ? "part of all" : "rate") + range,
            SchemaKind.Whole when key.Unit == Unit.Bytes => "size" + range,
            SchemaKind.Whole => "number" + range,
            _ => key.FilePath ? "path" : key.Secret ? "text, secret" : "text",
        };
    }

    static string Cell(string text) => text.Replace("|", "\\|", StringComparison.Ordinal);
}
