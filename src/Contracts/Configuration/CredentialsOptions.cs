namespace Contracts.Configuration;

/// <summary>Which keys and certificates let a device in over DTLS.</summary>
[Doc("Which keys and certificates let a device in over DTLS.")]
[Open]
public sealed record CredentialsOptions
{
    [Doc("JSON list of credentials, read again when it changes. Absent: nobody comes in over DTLS but with a certificate of an authority, or where nobody is asked.")]
    [FilePath]
    [Live]
    public string? File { get; init; }

    [Doc("For which endpoints a certificate counts that an authority of `cacertfile` has issued: a name, `${identity}` in it stands for the common name of the certificate, else for its first "
        + "DNS name, a `*` at the end for any rest. Absent: `${identity}`.")]
    [Live]
    public string? X509Endpoint { get; init; }
}
