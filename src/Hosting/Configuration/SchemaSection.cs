using System.Collections.Concurrent;
using System.Reflection;
using Contracts.Configuration;

namespace Hosting.Configuration;

/// <summary>The keys of one section record, read from it once by reflection.</summary>
internal sealed class SchemaSection
{
    static readonly ConcurrentDictionary<Type, SchemaSection> Known = new();

    SchemaSection(Type type)
    {
        Type = type;
        Doc = type.GetCustomAttribute<DocAttribute>()?.Text ?? "";
        Open = type.IsDefined(typeof(OpenAttribute));
        // A base record's keys come first: they are what every listener has.
        Keys = [.. type.GetProperties(BindingFlags.Public | BindingFlags.Instance)
            .Where(p => p.SetMethod is not null && p.Name != nameof(GatewayConfiguration.Given))
            .OrderBy(p => p.DeclaringType == type)
            .Select(p => new SchemaKey(p))];
    }

    public Type Type { get; }

    public string Doc { get; }

    /// <summary>Keys that are not known are passed over, unless they look like a slip of the pen.</summary>
    public bool Open { get; }

    public IReadOnlyList<SchemaKey> Keys { get; }

    public static SchemaSection Root => Of(typeof(GatewayConfiguration));

    public static SchemaSection Of(Type type) => Known.GetOrAdd(type, t => new SchemaSection(t));

    public SchemaKey? Find(string name)
    {
        foreach (var key in Keys)
        {
            if (key.Name.Equals(name, StringComparison.OrdinalIgnoreCase))
                return key;
        }

        return null;
    }

    /// <summary>A copy that can be filled without touching the original; what C# does for <c>with</c>.</summary>
    public static object Copy(object section) => section.GetType().GetMethod("<Clone>$")!.Invoke(section, null)!;

    public object New() => Activator.CreateInstance(Type)!;
}
