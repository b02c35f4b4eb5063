using System.Collections;
using Contracts.Configuration;

namespace Hosting.Configuration;

/// <summary>Keys that take effect while running: those marked <see cref="LiveAttribute"/>.</summary>
internal static class LiveKeys
{
    /// <summary>The old configuration with the live keys of the new one, and no others.</summary>
    public static GatewayConfiguration Take(GatewayConfiguration old, GatewayConfiguration now) =>
        (GatewayConfiguration)Merge(old, now) with { Given = now.Given };

    static object Merge(object old, object now)
    {
        var merged = SchemaSection.Copy(old);
        foreach (var key in SchemaSection.Of(old.GetType()).Keys)
        {
            var (before, after) = (key.Property.GetValue(old), key.Property.GetValue(now));
            var isMap = key.Kind == SchemaKind.Map && SchemaKey.KindOf(key.ElementType!) == SchemaKind.Section;
            if (key.Live && !isMap)
                key.Property.SetValue(merged, after);
            else if (key.Kind == SchemaKind.Section)
                key.Property.SetValue(merged, before is null || after is null ? Whole(key.Type) ? after : before : Merge(before, after));
            else if (isMap && before is not null && after is not null)
                key.Property.SetValue(merged, MergeEntries(key, (IDictionary)before, (IDictionary)after));
        }

        return merged;
    }

    // Of a live map entries come and go, as they are; of any other that waits for the next start.
    static IDictionary MergeEntries(SchemaKey key, IDictionary before, IDictionary after)
    {
        var merged = (IDictionary)Activator.CreateInstance(typeof(Dictionary<,>).MakeGenericType(typeof(string), key.ElementType!))!;
        foreach (DictionaryEntry entry in before)
        {
            if (after[entry.Key] is { } now)
                merged[entry.Key] = Merge(entry.Value!, now);
            else if (!key.Live)
                merged[entry.Key] = entry.Value;
        }

        foreach (DictionaryEntry entry in after)
        {
            if (key.Live && !before.Contains(entry.Key))
                merged[entry.Key] = entry.Value;
        }

        return merged;
    }

    // A section that may be absent comes and goes as a whole.
    static bool Whole(Type type) => SchemaSection.Of(type).Keys.All(key => key.Live);
}
