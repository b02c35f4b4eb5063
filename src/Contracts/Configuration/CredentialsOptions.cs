namespace Contracts.Configuration;

/// <summary>Which keys and certificates let a device in over DTLS.</summary>
[Doc("Which keys and certificates let a device in over DTLS.")]
[Open]
public sealed record CredentialsOptions
{
    [Doc("JSON list of credentials, read again when it changes. Without it, `kafka` and `http` nobody comes in over DTLS but with a certificate of an authority, or where nobody is asked.")]
    [FilePath]
    [Live]
    public string? File { get; init; }

    [Doc("Take credentials from the topic `credentials`, too, which `lwm2m credentials` writes. An identity that also stands in `file` is that of the file.")]
    public bool Kafka { get; init; }

    [Doc("Keys that the values on the topic `credentials` are encrypted with, each as `name:key` with 32 bytes in hex. The first encrypts, all decrypt. Needed by Ingress and by `lwm2m credentials` alone.")]
    [Secret]
    public IReadOnlyList<string> Keys { get; init; } = [];

    [Doc("An HTTP server that knows the keys of devices.")]
    public CredentialLookupOptions? Http { get; init; }

    [Doc("For which endpoints a certificate counts that an authority of `cacertfile` has issued: a name, `${identity}` in it stands for the common name of the certificate, else for its first "
        + "DNS name, a `*` at the end for any rest. Absent: `${identity}`.")]
    [Live]
    public string? X509Endpoint { get; init; }
}
