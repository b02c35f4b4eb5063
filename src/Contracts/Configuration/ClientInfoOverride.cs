namespace Contracts.Configuration;

/// <summary>Templates that replace what a device says of itself.</summary>
[Doc("Templates that replace what a device says of itself.")]
public sealed record ClientInfoOverride
{
    [Doc("Template of the user name.")]
    public string? Username { get; init; }

    [Doc("Template of the password.")]
    [Secret]
    public string? Password { get; init; }

    [Doc("Template of the client id.")]
    public string? Clientid { get; init; }
}
