namespace Tools.Dtls;

/// <summary>What a server has chosen (RFC 5246 section 7.4.1.3).</summary>
readonly ref struct ServerHello(ReadOnlySpan<byte> random, int suite, bool isExtended, ReadOnlySpan<byte> connectionId)
{
    public ReadOnlySpan<byte> Random { get; } = random;

    public int Suite { get; } = suite;

    /// <summary>The master secret is made of the whole handshake (RFC 7627).</summary>
    public bool IsExtended { get; } = isExtended;

    /// <summary>What the records of the client are to bear; empty for nothing.</summary>
    public ReadOnlySpan<byte> ConnectionId { get; } = connectionId;
}
