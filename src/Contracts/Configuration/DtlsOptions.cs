namespace Contracts.Configuration;

/// <summary>Keys, certificates and handshake of a DTLS listener (EMQX's <c>dtls_options</c>).</summary>
[Doc("Keys, certificates and handshake of a DTLS listener.")]
[Open]
public sealed record DtlsOptions
{
    [Doc("Versions of DTLS.")]
    public IReadOnlyList<string> Versions { get; init; } = ["dtlsv1.2"];

    [Doc("Cipher suites by their names; absent: those that we hold for good.")]
    public IReadOnlyList<string> Ciphers { get; init; } = [];

    [Doc("PEM file of the authorities that clients are checked against.")]
    [FilePath]
    public string? Cacertfile { get; init; }

    [Doc("PEM file of the server's certificate chain.")]
    [FilePath]
    public string? Certfile { get; init; }

    [Doc("PEM file of the server's private key; also the raw public key.")]
    [FilePath]
    public string? Keyfile { get; init; }

    [Doc("Password of `keyfile`.")]
    [Secret]
    public string? Password { get; init; }

    [Doc("Ask clients for a certificate and check it.")]
    [OneOf("verify_none", "verify_peer")]
    public string Verify { get; init; } = "verify_none";

    [Doc("Turn away clients without a certificate.")]
    public bool FailIfNoPeerCert { get; init; }

    [Doc("Longest certificate chain.")]
    [Range("0", "255")]
    public int Depth { get; init; } = 10;

    [Doc("Resume sessions.")]
    public bool ReuseSessions { get; init; } = true;

    [Doc("Longest handshake.")]
    [Range("1s", "10m")]
    public TimeSpan HandshakeTimeout { get; init; } = TimeSpan.FromSeconds(15);

    [Doc("The server's order of cipher suites decides.")]
    public bool HonorCipherOrder { get; init; } = true;
}
