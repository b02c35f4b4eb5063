namespace Protocol.Dtls;

/// <summary>A key that a peer is to have.</summary>
/// <param name="Key">Its bytes.</param>
/// <param name="Credential">What the host knows it by; it finds it again in the identity of the session.</param>
public sealed record PreSharedKey(byte[] Key, object? Credential = null)
{
    /// <summary>Not what a record prints by itself.</summary>
    public override string ToString() => nameof(PreSharedKey);
}
