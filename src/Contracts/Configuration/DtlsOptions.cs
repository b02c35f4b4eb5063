namespace Contracts.Configuration;

/// <summary>Keys, certificates and handshake of a DTLS listener (EMQX's <c>dtls_options</c>).</summary>
[Doc("Keys, certificates and handshake of a DTLS listener.")]
[Open]
public sealed record DtlsOptions
{
    [Doc("Versions of DTLS; there is 1.2 only.")]
    public IReadOnlyList<string> Versions { get; init; } = ["dtlsv1.2"];

    [Doc("Cipher suites in the order of preference, by IANA's or OpenSSL's names: TLS_PSK_WITH_AES_128_CCM_8, TLS_PSK_WITH_AES_128_GCM_SHA256, "
        + "TLS_ECDHE_ECDSA_WITH_AES_128_CCM_8, TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256, TLS_PSK_WITH_AES_128_CBC_SHA256. Others are passed over. Absent: all but the last.")]
    [Live]
    public IReadOnlyList<string> Ciphers { get; init; } = [];

    [Doc("PEM file of the authorities that the certificates of devices are checked against; read again when it changes, as are `certfile` and `keyfile`.")]
    [FilePath]
    [Live]
    public string? Cacertfile { get; init; }

    [Doc("PEM file of the server's certificate, followed by those of who has issued it.")]
    [FilePath]
    [Live]
    public string? Certfile { get; init; }

    [Doc("PEM file of the server's private key, on P-256 or P-384; also the raw public key. Absent: it is in `certfile`.")]
    [FilePath]
    [Live]
    public string? Keyfile { get; init; }

    [Doc("Password of `keyfile`.")]
    [Secret]
    [Live]
    public string? Password { get; init; }

    [Doc("`verify_peer`: devices that do not come with a pre-shared key must show a certificate or raw public key that counts. `verify_none`: they are not asked, and prove nothing.")]
    [OneOf("verify_none", "verify_peer")]
    [Live]
    public string Verify { get; init; } = "verify_none";

    [Doc("`verify_peer` turns away devices without a certificate, whatever this says.")]
    [Live]
    public bool FailIfNoPeerCert { get; init; }

    [Doc("Most certificates between an authority and a device.")]
    [Range("0", "255")]
    [Live]
    public int Depth { get; init; } = 10;

    [Doc("Sessions that were made with certificates may be taken up again within 24 h, with a short handshake.")]
    [Live]
    public bool ReuseSessions { get; init; } = true;

    [Doc("Longest handshake.")]
    [Range("1s", "10m")]
    [Live]
    public TimeSpan HandshakeTimeout { get; init; } = TimeSpan.FromSeconds(15);

    [Doc("The server's order of cipher suites decides.")]
    [Live]
    public bool HonorCipherOrder { get; init; } = true;
}
