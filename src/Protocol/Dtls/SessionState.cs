namespace Protocol.Dtls;

/// <summary>
/// What another process needs to go on with an established session: its keys, and the first numbers that it may use. Of epoch 1, whose
/// records one cipher protects (RFC 5246 section 6.2.3.3).
/// </summary>
public sealed record SessionState
{
    /// <summary>Bytes of a key block: keys of client and server, then what their nonces begin with.</summary>
    public const int KeyBlockLength = AeadProtection.KeyBlockLength;

    /// <summary>Longest content of a record.</summary>
    public const int LargestContent = 1 << 14;

    /// <summary>The connection id that records of the peer bear: 6 bytes, big endian.</summary>
    public required ulong Id { get; init; }

    /// <summary>What records to the peer bear: at most 255 bytes, empty for nothing.</summary>
    public required byte[] PeerId { get; init; }

    /// <summary>Number of the cipher suite.</summary>
    public required int Suite { get; init; }

    public required byte[] KeyBlock { get; init; }

    /// <summary>Longest content of a record that the peer takes, in bytes.</summary>
    public required int MostContent { get; init; }

    /// <summary>The first numbers that were not used, and those before that were not seen.</summary>
    public required RecordNumbers Numbers { get; init; }

    /// <summary>A session can be made of it.</summary>
    public bool IsValid =>
        KeyBlock.Length == KeyBlockLength && PeerId.Length <= byte.MaxValue && MostContent is > 0 and <= LargestContent && Id >> (8 * ConnectionId.Length) == 0
        && CipherSuite.All.Any(s => s.Number == Suite && s.IsAead) && Numbers.IsValid;

    /// <summary>Not what a record prints by itself: the keys.</summary>
    public override string ToString() => $"{nameof(SessionState)} {Id:x}";
}
