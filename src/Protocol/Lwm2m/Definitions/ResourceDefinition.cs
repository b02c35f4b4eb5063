using Protocol.Lwm2m.Values;

namespace Protocol.Lwm2m.Definitions;

/// <summary>A resource as a definition file describes it. Range and units are the file's words, empty where it has none.</summary>
public sealed record ResourceDefinition
{
    public required ushort Id { get; init; }
    public required string Name { get; init; }
    public required ResourceType Type { get; init; }
    public required ResourceOperations Operations { get; init; }
    public required bool Multiple { get; init; }
    public required bool Mandatory { get; init; }
    public string Range { get; init; } = "";
    public string Units { get; init; } = "";
}
