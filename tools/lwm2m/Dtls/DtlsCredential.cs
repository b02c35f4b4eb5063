namespace Tools.Dtls;

/// <summary>With what a device makes its handshakes.</summary>
/// <param name="Identity">At most 256 bytes in UTF-8.</param>
/// <param name="Key">The pre-shared key: 1 to 64 bytes.</param>
/// <param name="UsesConnectionId">Its records bear an id where the server has given it one (RFC 9146).</param>
sealed record DtlsCredential(string Identity, byte[] Key, bool UsesConnectionId)
{
    /// <summary>Not what a record prints by itself: the key.</summary>
    public override string ToString() => $"{nameof(DtlsCredential)} {Identity}";
}
