namespace Protocol.Lwm2m.Definitions;

/// <summary>What a server may do with a resource; none where only the bootstrap server may.</summary>
[Flags]
public enum ResourceOperations : byte
{
    None = 0,
    Read = 1,
    Write = 2,
    Execute = 4,
}
