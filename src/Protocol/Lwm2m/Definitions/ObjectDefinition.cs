using System.Collections.Frozen;

namespace Protocol.Lwm2m.Definitions;

/// <summary>One version of an object as a definition file describes it.</summary>
public sealed record ObjectDefinition
{
    public required ushort Id { get; init; }
    public required string Name { get; init; }
    public required ObjectVersion Version { get; init; }

    /// <summary>The lowest version of LwM2M that knows this object, 1.0 where the file names none.</summary>
    public required ObjectVersion Lwm2mVersion { get; init; }

    public string Urn { get; init; } = "";
    public required bool Multiple { get; init; }
    public required bool Mandatory { get; init; }
    public required FrozenDictionary<ushort, ResourceDefinition> Resources { get; init; }
}
