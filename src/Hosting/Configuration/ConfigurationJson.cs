using System.Collections;
using System.Globalization;
using System.Text.Json.Nodes;
using Contracts.Configuration;

namespace Hosting.Configuration;

/// <summary>A section of the configuration as JSON, with the names and spellings of the file. Secrets are covered.</summary>
public static class ConfigurationJson
{
    /// <summary>What stands for a secret.</summary>
    public const string Covered = "******";

    /// <param name="section">A record of <see cref="Contracts.Configuration"/>.</param>
    public static JsonObject Of(object section)
    {
        ArgumentNullException.ThrowIfNull(section);
        var json = new JsonObject();
        foreach (var key in SchemaSection.Of(section.GetType()).Keys)
        {
            if (key.Property.GetValue(section) is { } value)
                json[key.Name] = Of(key, key.Kind, value);
        }

        return json;
    }

    static JsonNode? Of(SchemaKey key, SchemaKind kind, object value)
    {
        switch (kind)
        {
            case SchemaKind.Section:
                return Of(value);
            case SchemaKind.Map:
                var map = new JsonObject();
                foreach (DictionaryEntry entry in (IDictionary)value)
                    map[(string)entry.Key] = Of(key, SchemaKey.KindOf(key.ElementType!), entry.Value!);
                return map;
            case SchemaKind.List:
                return new JsonArray([.. ((IEnumerable)value).Cast<object>().Select(item => Of(key, SchemaKey.KindOf(key.ElementType!), item))]);
            default:
                return key.Secret ? Covered : Leaf(key, value);
        }
    }

    static JsonNode? Leaf(SchemaKey key, object value) => value switch
    {
        bool flag => flag,
        int number when key.Unit is null || (key.Unit == Unit.CountOrInfinity && number != int.MaxValue) => number,
        AutoObserve { Mode: AutoObserveMode.Off } => false,
        AutoObserve { Mode: AutoObserveMode.All } => true,
        AutoObserve observed => new JsonArray([.. observed.Paths.Select(path => JsonValue.Create(path))]),
        IFormattable and double real when key.Unit is null => JsonValue.Create(real.ToString(CultureInfo.InvariantCulture)),
        _ => SettingText.Print(value, key.Unit),
    };
}
