namespace Contracts.Configuration;

/// <summary>EMQX's root section <c>authorization</c>.</summary>
[Doc("Who may publish and subscribe: EMQX's root section, HTTP source.")]
[Open]
public sealed record AuthorizationOptions
{
    [Doc("What happens where no source decides.")]
    [OneOf("allow", "deny")]
    [Pending("Nothing is checked: every command and every event is allowed.")]
    public string NoMatch { get; init; } = "allow";

    [Doc("What happens to a client that is denied.")]
    [OneOf("ignore", "disconnect")]
    [Pending("Nothing is checked: no client is denied.")]
    public string DenyAction { get; init; } = "ignore";

    [Doc("Sources, asked in their order.")]
    [Pending("Nothing is checked: every command and every event is allowed.")]
    public IReadOnlyList<AuthorizationSource> Sources { get; init; } = [];
}
