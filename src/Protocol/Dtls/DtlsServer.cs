namespace Protocol.Dtls;

/// <summary>Limits of every server.</summary>
public static class DtlsServer
{
    /// <summary>Longest message of a handshake, in bytes: a chain of a few certificates.</summary>
    public const int MostMessageBytes = 16 << 10;

    /// <summary>Most records of one datagram.</summary>
    public const int MostRecords = 16;

    /// <summary>Handshakes at once, each of which waits on a thread of its own for the peer.</summary>
    public const int MostHandshakes = 512;

    /// <summary>Sessions that may be taken up again with a short handshake.</summary>
    public const int MostResumptions = 20_000;

    /// <summary>Handshakes that wait for such a thread.</summary>
    public const int MostWaitingHandshakes = 1024;
}
