namespace Protocol.Lwm2m.Formats;

/// <summary>Kind of a TLV record, bits 7 and 6 of its first byte (LwM2M Core 1.1 section 7.4.3).</summary>
public enum TlvKind : byte
{
    ObjectInstance = 0,
    ResourceInstance = 1,
    MultipleResource = 2,
    Resource = 3,
}
