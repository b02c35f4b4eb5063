namespace Protocol.Dtls;

/// <summary>What a peer proves that it has.</summary>
public enum DtlsIdentityKind
{
    /// <summary>A key that both sides know, under a name.</summary>
    PreSharedKey,
}
