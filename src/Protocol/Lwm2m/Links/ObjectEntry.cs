using Protocol.Lwm2m.Definitions;

namespace Protocol.Lwm2m.Links;

/// <summary>An object or object instance that a device announces.</summary>
public readonly record struct ObjectEntry(Lwm2mPath Path, ObjectVersion? Version);
