using System.Collections;
using Contracts.Configuration;

namespace Hosting.Configuration;

/// <summary>Which keys two configurations differ in.</summary>
internal static class ConfigurationDifference
{
    public static List<(string Path, bool Live)> Between(GatewayConfiguration old, GatewayConfiguration now)
    {
        var (before, after) = (Leaves(old), Leaves(now));
        List<(string, bool)> changes = [];
        foreach (var path in before.Keys.Union(after.Keys).Order(StringComparer.Ordinal))
        {
            before.TryGetValue(path, out var was);
            after.TryGetValue(path, out var isNow);
            if (was.Value != isNow.Value)
                changes.Add((path, was.Live || isNow.Live));
        }

        return changes;
    }

    static Dictionary<string, (string Value, bool Live)> Leaves(GatewayConfiguration configuration)
    {
        Dictionary<string, (string, bool)> leaves = new(StringComparer.Ordinal);
        AddSection(leaves, configuration, "");
        return leaves;
    }

    static void AddSection(Dictionary<string, (string, bool)> leaves, object section, string path)
    {
        foreach (var key in SchemaSection.Of(section.GetType()).Keys)
            Add(leaves, key, key.Property.GetValue(section), key.Kind, path.Length == 0 ? key.Name : $"{path}.{key.Name}");
    }

    static void Add(Dictionary<string, (string, bool)> leaves, SchemaKey key, object? value, SchemaKind kind, string path)
    {
        if (value is null)
            return;
        switch (kind)
        {
            case SchemaKind.Section:
                AddSection(leaves, value, path);
                break;
            case SchemaKind.Map:
                foreach (DictionaryEntry entry in (IDictionary)value)
                    Add(leaves, key, entry.Value, SchemaKey.KindOf(key.ElementType!), $"{path}.{entry.Key}");
                break;
            case SchemaKind.List:
                var index = 0;
                foreach (var item in (IEnumerable)value)
                    Add(leaves, key, item, SchemaKey.KindOf(key.ElementType!), $"{path}.{index++}");
                break;
            default:
                leaves[path] = ($"{SettingText.Print(value)} ", key.Live);
                break;
        }
    }
}
