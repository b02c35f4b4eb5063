namespace Contracts.Configuration;

/// <summary>Which keys and certificates let a device in over DTLS.</summary>
[Doc("Which keys and certificates let a device in over DTLS.")]
[Open]
public sealed record CredentialsOptions
{
    [Doc("JSON list of credentials, read again when it changes. Absent: nobody comes in over DTLS.")]
    [FilePath]
    [Live]
    public string? File { get; init; }
}
