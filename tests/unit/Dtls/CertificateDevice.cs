using System.Security.Cryptography.X509Certificates;
using Org.BouncyCastle.Security;
using Org.BouncyCastle.Tls;
using Org.BouncyCastle.Tls.Crypto;
using Org.BouncyCastle.Tls.Crypto.Impl.BC;
using CertificateRequest = Org.BouncyCastle.Tls.CertificateRequest;

namespace Pipeline.Tests.Dtls;

/// <summary>A device with a certificate, or with the key in it alone (RFC 7250), or with neither. Trusts every server.</summary>
sealed class CertificateDevice(X509Certificate2? own, bool isRaw = false, int suite = CipherSuite.TLS_ECDHE_ECDSA_WITH_AES_128_CCM_8)
    : DefaultTlsClient(new BcTlsCrypto(new SecureRandom())), TlsAuthentication
{
    /// <summary>What the server has shown: a certificate, or a SubjectPublicKeyInfo.</summary>
    public byte[] Server { get; private set; } = [];

    /// <summary>What it asks for by name (SNI).</summary>
    public string? ServerName { get; init; }

    /// <summary>A certificate that is not its own.</summary>
    public X509Certificate2? Shows { get; init; }

    public bool OffersId { get; init; }

    /// <summary>A session to be taken up again.</summary>
    public TlsSession? Earlier { get; init; }

    /// <summary>The session that was made.</summary>
    public TlsSession? Made { get; private set; }

    public bool IsResumed { get; private set; }

    public override TlsAuthentication GetAuthentication() => this;

    public void NotifyServerCertificate(TlsServerCertificate serverCertificate) => Server = serverCertificate.Certificate.GetCertificateAt(0).GetEncoded();

    public TlsCredentials? GetClientCredentials(CertificateRequest certificateRequest)
    {
        if (own is null)
            return null;
        var crypto = (BcTlsCrypto)Crypto;
        var chain = isRaw
            ? new Certificate(CertificateType.RawPublicKey, null, [new CertificateEntry(new BcTlsRawKeyCertificate(crypto, TestAuthority.PublicKeyOf(own)), null)])
            : new Certificate([new BcTlsCertificate(crypto, (Shows ?? own).RawData)]);
        using var key = own.GetECDsaPrivateKey()!;
        return new BcDefaultTlsCredentialedSigner(
            new TlsCryptoParameters(m_context),
            crypto,
            PrivateKeyFactory.CreateKey(key.ExportPkcs8PrivateKey()),
            chain,
            SignatureAndHashAlgorithm.GetInstance(HashAlgorithm.sha256, SignatureAlgorithm.ecdsa));
    }

    public override TlsSession? GetSessionToResume() => Earlier;

    public override int GetHandshakeTimeoutMillis() => 30_000;

    public override void NotifyHandshakeComplete()
    {
        base.NotifyHandshakeComplete();
        Made = m_context.Session;
        IsResumed = m_context.SecurityParameters.IsResumedSession;
    }

    protected override IList<ServerName>? GetSniServerNames() =>
        ServerName is null ? null : [new ServerName(NameType.host_name, System.Text.Encoding.ASCII.GetBytes(ServerName))];

    protected override short[]? GetAllowedClientCertificateTypes() => isRaw ? [CertificateType.RawPublicKey] : null;

    protected override short[]? GetAllowedServerCertificateTypes() => isRaw ? [CertificateType.RawPublicKey] : null;

    protected override byte[]? GetNewConnectionID() => OffersId ? [] : null;

    protected override ProtocolVersion[] GetSupportedVersions() => ProtocolVersion.DTLSv12.Only();

    protected override int[] GetSupportedCipherSuites() => [suite];
}
