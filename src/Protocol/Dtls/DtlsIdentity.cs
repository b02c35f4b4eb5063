namespace Protocol.Dtls;

/// <summary>Who has proven to be at the other end of a session.</summary>
/// <param name="Name">The PSK identity (RFC 4279 section 5.1), or what the host calls a certificate or key.</param>
public sealed record DtlsIdentity(string Name)
{
    /// <summary>Nobody: the peer was not asked.</summary>
    public static readonly DtlsIdentity None = new("");

    /// <summary>What the host gave with it (<see cref="PreSharedKey.Credential"/>).</summary>
    public object? Credential { get; init; }
}
