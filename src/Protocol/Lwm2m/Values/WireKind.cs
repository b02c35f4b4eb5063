namespace Protocol.Lwm2m.Values;

/// <summary>What a self-describing format (SenML, CBOR, LwM2M CBOR) says of a value before a definition has given it its type.</summary>
enum WireKind : byte
{
    /// <summary>There is none.</summary>
    Absent,

    /// <summary>An explicit null; in a patch it removes (RFC 8790 section 3.2).</summary>
    Null,
    Whole,
    Real,
    Boolean,

    /// <summary>UTF-8, not checked yet.</summary>
    Text,
    Bytes,

    /// <summary>Bytes as base64 or base64url.</summary>
    Base64,

    /// <summary>An object link as text.</summary>
    Link,

    /// <summary>Something that no value can be.</summary>
    Other,
}
