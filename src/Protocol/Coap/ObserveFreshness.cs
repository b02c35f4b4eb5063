namespace Protocol.Coap;

/// <summary>
/// The freshest notification so far: its Observe value and when it came, in milliseconds of a monotonic clock.
/// Tells whether another one is fresher (RFC 7641 section 3.4).
/// </summary>
public readonly record struct ObserveFreshness(uint Sequence, long ReceivedAt)
{
    const uint HalfRange = 1 << 23;
    const long ReorderingLimit = 128_000;

    /// <summary>Serial number arithmetic over 24 bits; after 128 s anything is fresher. An equal value is not.</summary>
    public bool IsSupersededBy(uint sequence, long now) =>
        (Sequence < sequence && sequence - Sequence < HalfRange)
        || (Sequence > sequence && Sequence - sequence > HalfRange)
        || now > ReceivedAt + ReorderingLimit;
}
