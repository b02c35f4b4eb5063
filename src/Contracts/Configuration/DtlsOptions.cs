namespace Contracts.Configuration;

/// <summary>Keys, certificates and handshake of a DTLS listener (EMQX's <c>dtls_options</c>).</summary>
[Doc("Keys, certificates and handshake of a DTLS listener.")]
[Open]
public sealed record DtlsOptions
{
    private const string NoCertificates = "There are pre-shared keys only; certificates and raw public keys are not taken yet.";

    [Doc("Versions of DTLS; there is 1.2 only.")]
    public IReadOnlyList<string> Versions { get; init; } = ["dtlsv1.2"];

    [Doc("Cipher suites in the order of preference, by IANA's or OpenSSL's names: TLS_PSK_WITH_AES_128_CCM_8, TLS_PSK_WITH_AES_128_GCM_SHA256, "
        + "TLS_PSK_WITH_AES_128_CBC_SHA256. Others are passed over. Absent: the first two.")]
    [Live]
    public IReadOnlyList<string> Ciphers { get; init; } = [];

    [Doc("PEM file of the authorities that clients are checked against.")]
    [FilePath]
    [Pending(NoCertificates)]
    public string? Cacertfile { get; init; }

    [Doc("PEM file of the server's certificate chain.")]
    [FilePath]
    [Pending(NoCertificates)]
    public string? Certfile { get; init; }

    [Doc("PEM file of the server's private key; also the raw public key.")]
    [FilePath]
    [Pending(NoCertificates)]
    public string? Keyfile { get; init; }

    [Doc("Password of `keyfile`.")]
    [Secret]
    [Pending(NoCertificates)]
    public string? Password { get; init; }

    [Doc("Ask clients for a certificate and check it.")]
    [OneOf("verify_none", "verify_peer")]
    [Pending(NoCertificates)]
    public string Verify { get; init; } = "verify_none";

    [Doc("Turn away clients without a certificate.")]
    [Pending(NoCertificates)]
    public bool FailIfNoPeerCert { get; init; }

    [Doc("Longest certificate chain.")]
    [Range("0", "255")]
    [Pending(NoCertificates)]
    public int Depth { get; init; } = 10;

    [Doc("Resume sessions.")]
    [Pending("Sessions are not resumed yet: each handshake is a full one.")]
    public bool ReuseSessions { get; init; } = true;

    [Doc("Longest handshake.")]
    [Range("1s", "10m")]
    [Live]
    public TimeSpan HandshakeTimeout { get; init; } = TimeSpan.FromSeconds(15);

    [Doc("The server's order of cipher suites decides.")]
    [Live]
    public bool HonorCipherOrder { get; init; } = true;
}
