namespace Protocol.Lwm2m.Definitions;

/// <summary>A catalog together with the versions of one device and its objects. The default value knows nothing.</summary>
public readonly struct DefinitionView
{
    readonly DefinitionCatalog? catalog;
    readonly IReadOnlyDictionary<ushort, ObjectVersion>? versions;

    readonly Lwm2mVersion lwm2m;

    internal DefinitionView(DefinitionCatalog catalog, IReadOnlyDictionary<ushort, ObjectVersion>? versions, Lwm2mVersion lwm2m)
    {
        this.catalog = catalog;
        this.lwm2m = lwm2m;
        this.versions = versions is { Count: > 0 } ? versions : null;
    }

    public ObjectDefinition? FindObject(ushort objectId) => catalog?.Find(objectId, VersionOf(objectId));

    public ResourceDefinition? FindResource(ushort objectId, ushort resourceId) =>
        catalog?.FindResource(objectId, resourceId, VersionOf(objectId));

    ObjectVersion? VersionOf(ushort objectId) =>
        versions is not null && versions.TryGetValue(objectId, out var version) ? version : CoreObjectVersions.Of(lwm2m, objectId);
}
