namespace Protocol.Lwm2m.Definitions;

/// <summary>Why a definition file could not be read, and where. Line 0 is the file as a whole.</summary>
public sealed record DefinitionError(string File, int Line, string Reason)
{
    public override string ToString() => Line == 0 ? $"{File}: {Reason}" : $"{File}({Line}): {Reason}";
}
