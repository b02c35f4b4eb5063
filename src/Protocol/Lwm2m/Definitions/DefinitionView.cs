namespace Protocol.Lwm2m.Definitions;

/// <summary>A catalog together with the object versions of one device. The default value knows nothing.</summary>
public readonly struct DefinitionView
{
    readonly DefinitionCatalog? catalog;
    readonly IReadOnlyDictionary<ushort, ObjectVersion>? versions;

    internal DefinitionView(DefinitionCatalog catalog, IReadOnlyDictionary<ushort, ObjectVersion>? versions)
    {
        this.catalog = catalog;
        this.versions = versions is { Count: > 0 } ? versions : null;
    }

    public ObjectDefinition? FindObject(ushort objectId) => catalog?.Find(objectId, VersionOf(objectId));

    public ResourceDefinition? FindResource(ushort objectId, ushort resourceId) =>
        catalog?.FindResource(objectId, resourceId, VersionOf(objectId));

    ObjectVersion? VersionOf(ushort objectId) => versions is not null && versions.TryGetValue(objectId, out var version) ? version : null;
}
