namespace Protocol.Dtls;

/// <summary>Who has proven to be at the other end of a session.</summary>
/// <param name="Name">The PSK identity (RFC 4279 section 5.1).</param>
public sealed record DtlsIdentity(string Name)
{
    /// <summary>What the host gave with the key (<see cref="PreSharedKey.Credential"/>).</summary>
    public object? Credential { get; init; }
}
