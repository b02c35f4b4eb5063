namespace Contracts.Configuration;

/// <summary>TLS towards an HTTP server (EMQX's <c>ssl</c>). Whether it is used says the scheme of the URL.</summary>
[Doc("TLS towards an HTTP server.")]
[Open]
public sealed record HttpTlsOptions
{
    [Doc("EMQX's switch; has no meaning here: the URL says `https` or `http`.")]
    public bool Enable { get; init; }

    [Doc("Check the server's certificate (`verify_peer`) or not (`verify_none`).")]
    [OneOf("verify_peer", "verify_none")]
    public string Verify { get; init; } = "verify_peer";

    [Doc("Who may issue the server's certificate, PEM. Absent: whom the system trusts.")]
    [FilePath]
    public string? Cacertfile { get; init; }

    [Doc("Own certificate, PEM, where the server asks for one.")]
    [FilePath]
    public string? Certfile { get; init; }

    [Doc("Key of the own certificate, PEM.")]
    [FilePath]
    public string? Keyfile { get; init; }
}
