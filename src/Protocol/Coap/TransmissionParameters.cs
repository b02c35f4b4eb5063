namespace Protocol.Coap;

/// <summary>
/// Transmission parameters and what follows from them (RFC 7252 section 4.8), in milliseconds. Change the settable ones only where
/// both ends agree, as section 4.8.1 demands.
/// </summary>
public sealed record TransmissionParameters
{
    /// <summary>MAX_LATENCY: the longest that a datagram is expected to travel.</summary>
    public const long MaxLatency = 100_000;

    /// <summary>The values of RFC 7252.</summary>
    public static readonly TransmissionParameters Standard = new();

    public long AckTimeout { get; init; } = 2_000;

    public double AckRandomFactor { get; init; } = 1.5;

    public int MaxRetransmit { get; init; } = 4;

    /// <summary>First transmission to last retransmission: 45 s.</summary>
    public long MaxTransmitSpan => Spread((1 << MaxRetransmit) - 1);

    /// <summary>First transmission to giving up: 93 s.</summary>
    public long MaxTransmitWait => Spread((2 << MaxRetransmit) - 1);

    /// <summary>Until a confirmable message gets its acknowledgement from a node that is at work: PROCESSING_DELAY, 2 s.</summary>
    public long ProcessingDelay => AckTimeout;

    /// <summary>202 s.</summary>
    public long MaxRtt => (2 * MaxLatency) + ProcessingDelay;

    /// <summary>How long the message id of a confirmable message stays taken: 247 s.</summary>
    public long ExchangeLifetime => MaxTransmitSpan + MaxRtt;

    /// <summary>How long the message id of a non-confirmable message stays taken: 145 s.</summary>
    public long NonLifetime => MaxTransmitSpan + MaxLatency;

    long Spread(int timeouts) => (long)(AckTimeout * timeouts * AckRandomFactor);
}
