using System.Security.Cryptography;
using Org.BouncyCastle.Crypto;
using Org.BouncyCastle.Security;

namespace Protocol.Dtls;

/// <summary>The key of the server, and what shows to others that it is its own. Immutable.</summary>
public sealed class ServerKey
{
    /// <param name="key">On P-256 or P-384. Not kept.</param>
    /// <param name="certificates">DER, its own first, then of those that have issued it; none: there is the raw public key only.</param>
    /// <exception cref="CryptographicException">The key is public only.</exception>
    public ServerKey(ECDsa key, IReadOnlyList<byte[]> certificates)
    {
        Private = PrivateKeyFactory.CreateKey(key.ExportPkcs8PrivateKey());
        Public = key.ExportSubjectPublicKeyInfo();
        Certificates = certificates;
        IsP384 = key.KeySize > 256;
    }

    /// <summary>SubjectPublicKeyInfo, DER: what devices that use raw public keys (RFC 7250) are told beforehand.</summary>
    public byte[] Public { get; }

    public IReadOnlyList<byte[]> Certificates { get; }

    internal AsymmetricKeyParameter Private { get; }

    internal bool IsP384 { get; }
}
