using System.Collections;
using Contracts.Configuration;

namespace Hosting.Configuration;

/// <summary>Which keys two configurations differ in.</summary>
internal static class ConfigurationDifference
{
    public static List<(string Path, bool Live)> Between(GatewayConfiguration old, GatewayConfiguration now)
    {
        var (before, after) = (new Leaves(old), new Leaves(now));
        List<(string, bool)> changes = [];
        foreach (var path in before.Values.Keys.Union(after.Values.Keys).Order(StringComparer.Ordinal))
        {
            var (was, isNow) = (before.Values.GetValueOrDefault(path), after.Values.GetValueOrDefault(path));
            if (was?.Text != isNow?.Text)
                changes.Add((path, was is { Live: true } || isNow is { Live: true } || ComesOrGoes(was?.Entry ?? isNow?.Entry)));
        }

        return changes;

        // An entry of a live map does so as a whole, whatever its keys are.
        bool ComesOrGoes(string? entry) => entry is not null && before.Entries.Contains(entry) != after.Entries.Contains(entry);
    }

    /// <param name="Entry">The entry of a live map that it belongs to.</param>
    sealed record Leaf(string Text, bool Live, string? Entry);

    sealed class Leaves
    {
        public Leaves(GatewayConfiguration configuration) => AddSection(configuration, "", null);

        public Dictionary<string, Leaf> Values { get; } = new(StringComparer.Ordinal);
        public HashSet<string> Entries { get; } = new(StringComparer.Ordinal);

        void AddSection(object section, string path, string? entry)
        {
            foreach (var key in SchemaSection.Of(section.GetType()).Keys)
                Add(key, key.Property.GetValue(section), key.Kind, path.Length == 0 ? key.Name : $"{path}.{key.Name}", entry);
        }

        void Add(SchemaKey key, object? value, SchemaKind kind, string path, string? entry)
        {
            if (value is null)
                return;
            switch (kind)
            {
                case SchemaKind.Section:
                    AddSection(value, path, entry);
                    break;
                case SchemaKind.Map:
                    var elements = SchemaKey.KindOf(key.ElementType!);
                    foreach (DictionaryEntry item in (IDictionary)value)
                        Add(key, item.Value, elements, $"{path}.{item.Key}", elements == SchemaKind.Section && key.Live ? Enter($"{path}.{item.Key}") : entry);
                    break;
                case SchemaKind.List:
                    var index = 0;
                    foreach (var item in (IEnumerable)value)
                        Add(key, item, SchemaKey.KindOf(key.ElementType!), $"{path}.{index++}", entry);
                    break;
                default:
                    Values[path] = new Leaf(SettingText.Print(value), key.Live, entry);
                    break;
            }
        }

        string Enter(string entry)
        {
            Entries.Add(entry);
            return entry;
        }
    }
}
