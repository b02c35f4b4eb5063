using System.Collections.Frozen;

namespace Protocol.Lwm2m.Definitions;

/// <summary>
/// All known object definitions; immutable. For a version that is asked for, the choice is: that version; the nearest higher minor one,
/// which describes all of it and more; the nearest lower minor one. Another major version is another object and never taken.
/// </summary>
public sealed class DefinitionCatalog
{
    readonly FrozenDictionary<ushort, ObjectDefinition[]> versions;

    /// <summary>Of two definitions with the same id and version the later one counts.</summary>
    public DefinitionCatalog(IEnumerable<ObjectDefinition> definitions)
    {
        versions = definitions
            .GroupBy(definition => definition.Id)
            .ToFrozenDictionary(
                group => group.Key,
                group => group
                    .GroupBy(definition => definition.Version)
                    .Select(same => same.Last())
                    .OrderBy(definition => definition.Version)
                    .ToArray());
    }

    public static DefinitionCatalog Empty { get; } = new([]);

    /// <summary>Number of definitions, each version counted.</summary>
    public int Count => versions.Values.Sum(known => known.Length);

    /// <summary>All definitions by id and version.</summary>
    public IEnumerable<ObjectDefinition> All => versions.OrderBy(known => known.Key).SelectMany(known => known.Value);

    /// <summary>
    /// The definition for a version that the device names. A device that names none means 1.0; where no 1.x is known it gets the highest
    /// known, since a device that leaves its version out is more common than one that speaks an unknown 1.x.
    /// </summary>
    public ObjectDefinition? Find(ushort objectId, ObjectVersion? version = null)
    {
        if (!versions.TryGetValue(objectId, out var known))
            return null;
        return Nearest(known, version ?? ObjectVersion.Initial) ?? (version is null ? known[^1] : null);
    }

    /// <summary>
    /// As <see cref="Find"/>, and where the chosen definition lacks the resource, from a higher minor version: a device of LwM2M 1.1 may
    /// leave out the version of a core object although it has grown since 1.0.
    /// </summary>
    public ResourceDefinition? FindResource(ushort objectId, ushort resourceId, ObjectVersion? version = null)
    {
        if (Find(objectId, version) is not { } chosen)
            return null;
        if (chosen.Resources.TryGetValue(resourceId, out var resource))
            return resource;
        foreach (var other in versions[objectId])
        {
            if (other.Version.Major == chosen.Version.Major && other.Resources.TryGetValue(resourceId, out resource))
                return resource;
        }
        return null;
    }

    /// <summary>
    /// The definitions as one device sees them: with the object versions of its registration, by object id, and for core objects that it does
    /// not name there those of its LwM2M version.
    /// </summary>
    public DefinitionView For(IReadOnlyDictionary<ushort, ObjectVersion>? objectVersions, Lwm2mVersion lwm2m = Lwm2mVersion.V10) =>
        new(this, objectVersions, lwm2m);

    /// <summary>The same, with the versions as a registration writes them; what cannot be read is left out.</summary>
    public DefinitionView For(IEnumerable<(uint ObjectId, string Version)> objectVersions, string lwm2m)
    {
        Dictionary<ushort, ObjectVersion>? named = null;
        foreach (var (id, text) in objectVersions)
        {
            if (id <= ushort.MaxValue && ObjectVersion.TryParse(text, out var version))
                (named ??= [])[(ushort)id] = version;
        }
        return For(named, NegotiatedVersion.Of(lwm2m).Version);
    }

    // The array is in ascending order.
    static ObjectDefinition? Nearest(ObjectDefinition[] known, ObjectVersion wanted)
    {
        ObjectDefinition? lower = null;
        foreach (var definition in known)
        {
            if (definition.Version.Major != wanted.Major)
                continue;
            if (definition.Version.Minor >= wanted.Minor)
                return definition;
            lower = definition;
        }
        return lower;
    }
}
