using System.Text;
using Org.BouncyCastle.Asn1.X509;
using Org.BouncyCastle.Tls;
using Org.BouncyCastle.Tls.Crypto;
using Org.BouncyCastle.Tls.Crypto.Impl.BC;

namespace Protocol.Dtls;

/// <summary>Our side of one handshake: what is offered, and what came out of it.</summary>
sealed class HandshakePeer(BcTlsCrypto crypto, DtlsSettings settings, Resumptions resumptions, Func<ulong> newId, Action<bool, string> alerted)
    : AbstractTlsServer(crypto), TlsPskIdentityManager
{
    /// <summary>First retransmission; each following one waits twice as long (RFC 6347 section 4.2.4.1, in the range of OMA's profile for slow networks).</summary>
    const int FirstResendMillis = 2000;

    /// <summary>A PSK identity is at most 2^16 bytes long; names of devices are not.</summary>
    const int MostIdentityBytes = 256;

    /// <summary>Of a chain: more than anybody has, and bounded by the length of a message too.</summary>
    const int MostCertificates = 16;

    static readonly UTF8Encoding Strict = new(false, true);

    static readonly SignatureAndHashAlgorithm Ecdsa256 = SignatureAndHashAlgorithm.GetInstance(HashAlgorithm.sha256, SignatureAlgorithm.ecdsa);
    static readonly SignatureAndHashAlgorithm Ecdsa384 = SignatureAndHashAlgorithm.GetInstance(HashAlgorithm.sha384, SignatureAlgorithm.ecdsa);
    static readonly SignatureAndHashAlgorithm Rsa256 = SignatureAndHashAlgorithm.GetInstance(HashAlgorithm.sha256, SignatureAlgorithm.rsa);

    readonly Certification? _certification = settings.Certification();
    (int Suite, DtlsIdentity Identity)? _earlier;

    /// <summary>Who the peer is, or says that it is; null before it has said so.</summary>
    public DtlsIdentity? Identity { get; private set; }

    /// <summary>Why the peer is not let in.</summary>
    public HandshakeResult? Problem { get; private set; }

    /// <summary>An earlier session goes on: who its peer is was proven then.</summary>
    public bool IsResumed => m_context.SecurityParameters.IsResumedSession;

    /// <summary>The connection id that the peer's records will bear; null where it has not offered to use any.</summary>
    public ulong? Id { get; private set; }

    /// <summary>Known at the end.</summary>
    public CipherSuite? Suite { get; private set; }

    /// <summary>What protects the records that follow. Known at the end.</summary>
    public RecordProtection? Protection { get; private set; }

    /// <summary>What the keys of <see cref="Protection"/> were taken from; null where the library has them.</summary>
    public byte[]? KeyBlock { get; private set; }

    /// <summary>Longest content of a record: 2^14 bytes, or what the peer has asked for (RFC 6066 section 4).</summary>
    public int MostContent { get; private set; } = 1 << 14;

    /// <summary>The peer has named its key, and it is known: what it sends from now on it must have protected with that.</summary>
    public bool HasKey { get; private set; }

    public override bool IgnoreCorruptDtlsRecords => true;

    public override int GetHandshakeTimeoutMillis() => (int)settings.HandshakeTimeout.TotalMilliseconds;

    public override int GetHandshakeResendTimeMillis() => FirstResendMillis;

    public override int GetMaxHandshakeMessageSize() => DtlsServer.MostMessageBytes;

    public override int GetMaxCertificateChainLength() => MostCertificates;

    public override TlsPskIdentityManager GetPskIdentityManager() => this;

    public byte[]? GetHint() => null;

    public byte[]? GetPsk(byte[] identity)
    {
        Problem = HandshakeResult.UnknownIdentity;
        if (identity.Length > MostIdentityBytes || !TryRead(identity, out var name))
            return null;
        Identity = new DtlsIdentity(name);
        if (Ask(() => settings.FindKey(name)) is not { } found)
            return null;
        Problem = null;
        HasKey = true;
        Identity = Identity with { Credential = found.Credential };
        // A copy: the library wipes what it was given.
        return [.. found.Key];
    }

    public override TlsCredentials? GetCredentials()
    {
        if (UsesPsk || _certification is null || ServerCertificateType() is not { } type)
            return null;
        var key = _certification.Key;
        var chain = type == CertificateType.RawPublicKey
            ? new Certificate(type, null, [new CertificateEntry(new BcTlsRawKeyCertificate(crypto, key.Public), null)])
            : new Certificate([.. key.Certificates.Select(der => new BcTlsCertificate(crypto, der))]);
        return new BcDefaultTlsCredentialedSigner(new TlsCryptoParameters(m_context), crypto, key.Private, chain, SignatureOf(key));
    }

    // RSA may have signed certificates; keys of peers are on elliptic curves.
    public override CertificateRequest? GetCertificateRequest() =>
        _certification is { AsksPeers: true } certification
            ? new CertificateRequest([ClientCertificateType.ecdsa_sign], [Ecdsa256, Ecdsa384, Rsa256], [.. certification.Authorities.Select(X509Name.GetInstance)])
            : null;

    // Whether it has the private key as well is shown by what follows.
    public override void NotifyClientCertificate(Certificate clientCertificate)
    {
        var verdict = Ask(() => clientCertificate switch
        {
            { IsEmpty: true } => PeerVerdict.Refuse(HandshakeResult.NoCertificate),
            { CertificateType: CertificateType.RawPublicKey } => _certification!.CheckRawPublicKey(clientCertificate.GetCertificateAt(0).GetEncoded()),
            _ => _certification!.CheckCertificate([.. clientCertificate.GetCertificateList().Select(c => c.GetEncoded())]),
        });
        Identity = verdict.Identity;
        if (verdict.Result == HandshakeResult.Established)
            return;
        Problem = verdict.Result;
        throw new TlsFatalAlert(verdict.Result switch
        {
            HandshakeResult.NoCertificate => AlertDescription.handshake_failure,
            HandshakeResult.UnknownAuthority => AlertDescription.unknown_ca,
            HandshakeResult.Expired => AlertDescription.certificate_expired,
            HandshakeResult.UnknownIdentity => AlertDescription.certificate_unknown,
            _ => AlertDescription.bad_certificate,
        });
    }

    public override byte[]? GetNewSessionID() => settings.Resumes && OffersCertificates ? Resumptions.NewId() : null;

    public override TlsSession? GetSessionToResume(byte[] sessionID)
    {
        if (!settings.Resumes || resumptions.Find(sessionID) is not { } found || !m_offeredCipherSuites.Contains(found.Suite) || !m_cipherSuites.Contains(found.Suite))
            return null;
        _earlier = (found.Suite, found.Identity);
        return found.Session;
    }

    public override void GetServerExtensionsForConnection(IDictionary<int, byte[]> serverExtensions)
    {
        base.GetServerExtensionsForConnection(serverExtensions);
        // Of a session that is taken up again the library puts the new id where it sends nothing from.
        if (Id is { } id)
            TlsExtensionsUtilities.AddConnectionIDExtension(serverExtensions, ConnectionId.ToBytes(id));
    }

    public override void NotifyAlertRaised(short alertLevel, short alertDescription, string? message, Exception? cause) =>
        alerted(true, AlertDescription.GetName(alertDescription));

    public override void NotifyAlertReceived(short alertLevel, short alertDescription) => alerted(false, AlertDescription.GetName(alertDescription));

    public override void NotifyHandshakeComplete()
    {
        base.NotifyHandshakeComplete();
        Suite = CipherSuite.Of(m_context.SecurityParameters.CipherSuite);
        if (IsResumed)
            Identity = _earlier!.Value.Identity;
        Identity ??= DtlsIdentity.None;
        if (m_context.SecurityParameters.MaxFragmentLength is >= 0 and var code)
            MostContent = 1 << (8 + code);
        Protection = CreateProtection(Suite);
        if (!IsResumed && !Suite.IsPsk && m_context.Session is { IsResumable: true } session)
            resumptions.Add(session.SessionID, session.ExportSessionParameters(), Identity);
    }

    protected override byte[] GetNewConnectionID()
    {
        Id = newId();
        return ConnectionId.ToBytes(Id.Value);
    }

    protected override ProtocolVersion[] GetSupportedVersions() => ProtocolVersion.DTLSv12.Only();

    protected override int[] GetSupportedCipherSuites() => [.. settings.CipherSuites.Where(s => s.IsPsk || _certification is not null).Select(s => s.Number)];

    protected override bool PreferLocalCipherSuites() => settings.PrefersOwnOrder;

    protected override bool IsSelectableCipherSuite(int cipherSuite, int availCurveBits, int availFiniteFieldBits, IList<short> sigAlgs) =>
        base.IsSelectableCipherSuite(cipherSuite, availCurveBits, availFiniteFieldBits, sigAlgs)
        && (IsResumed ? cipherSuite == _earlier!.Value.Suite : CipherSuite.Of(cipherSuite).IsPsk || ServerCertificateType() is not null);

    protected override bool AllowCertificateStatus() => false;

    protected override short[]? GetAllowedClientCertificateTypes() =>
        UsesPsk || _certification is not { AsksPeers: true } ? null : [CertificateType.X509, CertificateType.RawPublicKey];

    RecordProtection CreateProtection(CipherSuite suite)
    {
        var peerId = (Id is null ? null : TlsExtensionsUtilities.GetConnectionIDExtension(m_clientExtensions)) ?? [];
        if (!suite.IsAead)
            return new CbcProtection(crypto.CreateCipher(new TlsCryptoParameters(m_context), EncryptionAlgorithm.AES_128_CBC, MacAlgorithm.hmac_sha256), peerId);
        var security = m_context.SecurityParameters;
        byte[] seed = [.. security.ServerRandom, .. security.ClientRandom];
        KeyBlock = security.MasterSecret.DeriveUsingPrf(security.PrfAlgorithm, "key expansion", seed, AeadProtection.KeyBlockLength).Extract();
        return AeadProtection.Of(suite, KeyBlock, peerId);
    }

    bool UsesPsk => CipherSuite.Of(m_selectedCipherSuite).IsPsk;

    bool OffersCertificates => _certification is not null && m_offeredCipherSuites.Any(number => m_cipherSuites.Contains(number) && !CipherSuite.Of(number).IsPsk);

    // What the peer would rather see; a certificate where it says nothing (RFC 7250 section 4.2).
    short? ServerCertificateType()
    {
        var offered = m_clientExtensions is null ? null : TlsExtensionsUtilities.GetServerCertificateTypeExtensionClient(m_clientExtensions);
        var mine = _certification!.Key.Certificates.Count > 0;
        foreach (var type in offered ?? [CertificateType.X509])
        {
            if (type == CertificateType.RawPublicKey || (type == CertificateType.X509 && mine))
                return type;
        }

        return null;
    }

    SignatureAndHashAlgorithm SignatureOf(ServerKey key)
    {
        var wanted = key.IsP384 ? Ecdsa384 : Ecdsa256;
        var offered = m_context.SecurityParameters.ClientSigAlgs;
        return offered is null || offered.Contains(wanted) ? wanted : throw new TlsFatalAlert(AlertDescription.handshake_failure);
    }

    // No answer is none of the peer's faults, and it must not hear that nobody knows it.
    T Ask<T>(Func<T> host)
    {
        try
        {
            return host();
        }
        catch (KeysUnreachableException e)
        {
            Problem = HandshakeResult.Unreachable;
            throw new TlsFatalAlert(AlertDescription.internal_error, e);
        }
    }

    static bool TryRead(byte[] identity, out string name)
    {
        try
        {
            name = Strict.GetString(identity);
            return name.Length > 0;
        }
        catch (DecoderFallbackException)
        {
            name = "";
            return false;
        }
    }
}
