namespace Contracts.Configuration;

/// <summary>An HTTP server that knows the keys of devices.</summary>
[Doc("An HTTP server that knows the keys of devices: asked for who stands neither in `file` nor on the topic. 200 with an entry as in `file` lets the device in, 204 or 404 says that nobody has this identity; anything else is no answer. "
    + "`${identity}` stands for the PSK identity, or for the SHA-256 of the raw public key or of the certificate in hex; `${kind}` for `psk`, `rpk` or `x509`.")]
[Open]
public sealed record CredentialLookupOptions : HttpBackendOptions
{
    public CredentialLookupOptions() => Method = "get";

    [Doc("How long an answer counts. For who is heard it is renewed in the background after half of it; so who was taken out there is out here within this time.")]
    [Range("1s", "1d")]
    public TimeSpan Ttl { get; init; } = TimeSpan.FromMinutes(5);

    [Doc("How much longer an answer counts for new handshakes while the server gives none. Sessions that live go on in any case.")]
    [Range("0s", "30d")]
    public TimeSpan Grace { get; init; } = TimeSpan.FromDays(1);
}
