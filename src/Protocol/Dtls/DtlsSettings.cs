namespace Protocol.Dtls;

/// <summary>What handshakes are made with. A running server takes another one with its next handshake.</summary>
public sealed record DtlsSettings
{
    /// <summary>The key of a PSK identity, null for one that is not known. Called on the thread of a handshake, which may wait; throws <see cref="KeysUnreachableException"/>.</summary>
    public required Func<string, PreSharedKey?> FindKey { get; init; }

    /// <summary>Gives what certificates are handled with; null where there are none. Called on the thread of a handshake, at its beginning.</summary>
    public Func<Certification?> Certification { get; init; } = () => null;

    /// <summary>Sessions that were made with certificates may be taken up again.</summary>
    public bool Resumes { get; init; } = true;

    /// <summary>In the order of preference.</summary>
    public IReadOnlyList<CipherSuite> CipherSuites { get; init; } = CipherSuite.Usual;

    /// <summary>The server's order decides, not the client's.</summary>
    public bool PrefersOwnOrder { get; init; } = true;

    /// <summary>Longest handshake, from its verified ClientHello on.</summary>
    public TimeSpan HandshakeTimeout { get; init; } = TimeSpan.FromSeconds(15);
}
