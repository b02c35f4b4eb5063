namespace Protocol.Dtls;

/// <summary>What the host says of a certificate or raw public key that a peer shows.</summary>
/// <param name="Result"><see cref="HandshakeResult.Established"/>: whoever has its private key may come in. Else why not.</param>
/// <param name="Identity">Who that is.</param>
public readonly record struct PeerVerdict(HandshakeResult Result, DtlsIdentity? Identity)
{
    public static PeerVerdict Of(DtlsIdentity identity) => new(HandshakeResult.Established, identity);

    public static PeerVerdict Refuse(HandshakeResult reason) => new(reason, null);
}
