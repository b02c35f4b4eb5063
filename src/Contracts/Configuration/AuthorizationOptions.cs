namespace Contracts.Configuration;

/// <summary>EMQX's root section <c>authorization</c>: what a device may publish and be sent.</summary>
[Doc("What a device may publish and be sent: EMQX's root section, HTTP source.")]
[Open]
public sealed record AuthorizationOptions
{
    [Doc("What happens where no source decides.")]
    [OneOf("allow", "deny")]
    public string NoMatch { get; init; } = "allow";

    [Doc("What happens to a device that is denied something: its events stay on Kafka (`ignore`), or it is turned away (`disconnect`).")]
    [OneOf("ignore", "disconnect")]
    public string DenyAction { get; init; } = "ignore";

    [Doc("How long a verdict stands before the sources are asked again.")]
    [Range("1s", "30d")]
    public TimeSpan RefreshInterval { get; init; } = TimeSpan.FromMinutes(15);

    [Doc("Sources, asked in their order.")]
    public IReadOnlyList<AuthorizationSource> Sources { get; init; } = [];
}
