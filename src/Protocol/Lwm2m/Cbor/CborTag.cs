namespace Protocol.Lwm2m.Cbor;

/// <summary>Tags that matter for values (RFC 8949 section 3.4).</summary>
static class CborTag
{
    /// <summary>Seconds since 1970-01-01 UTC, whole or not.</summary>
    internal const ulong Epoch = 1;
    internal const ulong PositiveBignum = 2;
    internal const ulong NegativeBignum = 3;
    internal const ulong DecimalFraction = 4;
}
