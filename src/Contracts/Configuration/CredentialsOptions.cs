namespace Contracts.Configuration;

/// <summary>Which keys and certificates let a device in over DTLS.</summary>
[Doc("Which keys and certificates let a device in over DTLS.")]
[Open]
public sealed record CredentialsOptions
{
    [Doc("JSON list of credentials.")]
    [FilePath]
    [Pending("There are no DTLS listeners yet; the file is not read.")]
    public string? File { get; init; }
}
