namespace Protocol.Lwm2m.Senml;

/// <summary>What the records of a pack are for.</summary>
enum SenmlUse : byte
{
    /// <summary>Each has a value.</summary>
    Values,

    /// <summary>Each has a value, or null for what is to be removed (RFC 8790 section 3.2).</summary>
    Patch,

    /// <summary>They name what is asked for (RFC 8790 section 3.1).</summary>
    Paths,
}
