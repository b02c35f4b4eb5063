using Contracts.Configuration;

namespace Tools.Simulation.Scenarios;

/// <summary>Something that goes wrong with a resource of some devices of a group.</summary>
[Doc("A fault.")]
sealed record FaultOptions
{
    [Doc("value: holds `value`; scale: times `factor` plus `offset`; type: encoded as `type`; stuck: moves no more; silent: is reported no more.")]
    public FaultKind Kind { get; init; }

    [Doc("The resource.")]
    [Pattern("/[0-9]{1,5}/[0-9]{1,5}/[0-9]{1,5}(/[0-9]{1,5})?")]
    public required string Path { get; init; } = "";

    [Doc("When it begins.")]
    [Range("0s", "365d")]
    public TimeSpan After { get; init; }

    [Doc("How long it lasts; without it for good.")]
    [Range("1s", "365d")]
    public TimeSpan? For { get; init; }

    [Doc("Share of the devices of the group that have it.")]
    [Range("0", "1")]
    public double Share { get; init; } = 1;

    [Doc("value: what the resource holds.")]
    public string Value { get; init; } = "";

    [Doc("scale: what the number is multiplied with.")]
    public double Factor { get; init; } = 1;

    [Doc("scale: what is added then.")]
    public double Offset { get; init; }

    [Doc("type: the data type.")]
    [OneOf("String", "Integer", "Unsigned Integer", "Float", "Boolean", "Opaque", "Time")]
    public string Type { get; init; } = "";
}
