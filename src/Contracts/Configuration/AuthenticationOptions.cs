namespace Contracts.Configuration;

/// <summary>An authenticator, as in EMQX: who may register.</summary>
[Doc("An authenticator, as in EMQX: who may register.")]
[Open]
public sealed record AuthenticationOptions : HttpBackendOptions
{
    [Doc("Mechanism: `password_based`. Any other turns every device away.")]
    public string Mechanism { get; init; } = "password_based";

    [Doc("Backend: `http` or `built_in_database`. Any other turns every device away.")]
    public string Backend { get; init; } = "http";

    [Doc("Users of `built_in_database`: a JSON list of `{\"user_id\", \"password_hash\", \"salt\", \"is_superuser\", \"client_attrs\"}`, read again when it changes.")]
    [FilePath]
    public string? File { get; init; }

    [Doc("What `user_id` in `file` is compared with.")]
    [OneOf("username", "clientid")]
    public string UserIdType { get; init; } = "username";

    [Doc("How the passwords in `file` are hashed.")]
    public PasswordHashOptions PasswordHashAlgorithm { get; init; } = new();

    [Doc("Template of the only endpoint name that an identity may register, for example `${username}`. "
        + "The attribute `endpoint_name` that an authenticator gives binds without this.")]
    public string? BindEndpoint { get; init; }
}
