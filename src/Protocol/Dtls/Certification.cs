namespace Protocol.Dtls;

/// <summary>What handshakes with certificates and raw public keys are made with. Immutable; a handshake keeps the one that it has begun with.</summary>
public sealed record Certification
{
    public required ServerKey Key { get; init; }

    /// <summary>Peers must show a certificate or a raw public key that the host lets in. Else they are not asked, and prove nothing.</summary>
    public bool AsksPeers { get; init; }

    /// <summary>Says who has a certificate (DER, followed by those of the authorities that the peer has sent). Called on the thread of a handshake.</summary>
    public Func<IReadOnlyList<byte[]>, PeerVerdict> CheckCertificate { get; init; } = _ => PeerVerdict.Refuse(HandshakeResult.UnknownAuthority);

    /// <summary>Says who has a raw public key (SubjectPublicKeyInfo, DER). Called on the thread of a handshake.</summary>
    public Func<byte[], PeerVerdict> CheckRawPublicKey { get; init; } = _ => PeerVerdict.Refuse(HandshakeResult.UnknownIdentity);

    /// <summary>Names (X.501, DER) of the authorities whose certificates are taken: a hint for peers that have several.</summary>
    public IReadOnlyList<byte[]> Authorities { get; init; } = [];
}
