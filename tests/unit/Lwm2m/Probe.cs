using System.Collections.Frozen;
using Protocol.Lwm2m.Definitions;
using Protocol.Lwm2m.Values;

namespace Pipeline.Tests.Lwm2m;

/// <summary>An object that has a resource of each type.</summary>
static class Probe
{
    public const ushort Id = 4711;

    /// <summary>Resource ids are types, so that any value has a resource that can hold it.</summary>
    public static readonly DefinitionCatalog Definitions = new([new ObjectDefinition
    {
        Id = Id,
        Name = "Probe",
        Version = ObjectVersion.Initial,
        Lwm2mVersion = ObjectVersion.Initial,
        Multiple = true,
        Mandatory = false,
        Resources = Enum.GetValues<ResourceType>().ToFrozenDictionary(type => (ushort)type, type => new ResourceDefinition
        {
            Id = (ushort)type,
            Name = type.ToString(),
            Type = type,
            Operations = ResourceOperations.Read | ResourceOperations.Write,
            Multiple = true,
            Mandatory = false,
        }),
    }]);
}
