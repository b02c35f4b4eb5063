namespace Protocol.Lwm2m.Cbor;

/// <summary>Major type of a CBOR data item, the upper three bits of its first byte (RFC 8949 section 3.1).</summary>
enum CborMajor : byte
{
    Unsigned = 0,
    Negative = 1,
    Bytes = 2,
    Text = 3,
    Array = 4,
    Map = 5,
    Tag = 6,
    Simple = 7,
}
