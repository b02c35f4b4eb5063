namespace Contracts.Configuration;

/// <summary>One source of EMQX's <c>authorization.sources</c>.</summary>
[Doc("One source that is asked whether a client may publish or subscribe.")]
[Open]
public sealed record AuthorizationSource : HttpBackendOptions
{
    public AuthorizationSource() => RequestTimeout = TimeSpan.FromSeconds(30);

    [Doc("Kind of source: `http`. Others are not taken, with a warning.")]
    public required string Type { get; init; }
}
