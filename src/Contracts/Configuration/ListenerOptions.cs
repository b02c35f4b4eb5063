namespace Contracts.Configuration;

/// <summary>What every listener has, whatever its transport.</summary>
public abstract record ListenerOptions
{
    [Doc("Open this listener.")]
    [Live]
    public bool Enable { get; init; } = true;

    [Doc("Port, or address and port. A port alone listens on every address, IPv4 and IPv6.")]
    [Live]
    public required BindAddress Bind { get; init; }

    [Doc("Most registered devices of this listener, on each replica; a Register beyond is answered 5.03.")]
    [Unit(Unit.CountOrInfinity)]
    [Range("1", "infinity")]
    [Live]
    public int MaxConnections { get; init; } = int.MaxValue;

    [Doc("Most new peers per second; a request beyond is answered 5.03, anything else with silence.")]
    [Unit(Unit.Rate)]
    [Range("0.001", "infinity")]
    [Live]
    public double MaxConnRate { get; init; } = double.PositiveInfinity;

    [Doc("Authenticate the devices of this listener, where `authentication` is configured.")]
    [Live]
    public bool EnableAuthn { get; init; } = true;

    [Doc("Authenticator of this listener, instead of the gateway's.")]
    public AuthenticationOptions? Authentication { get; init; }

    [Doc("Mountpoint of the devices of this listener, instead of the gateway's.")]
    public string? Mountpoint { get; init; }

    [Doc("Who may send: `allow|deny address|network|all`; the first rule that matches decides.")]
    [Live]
    public IReadOnlyList<AccessRule> AccessRules { get; init; } = [];

    [Doc("Datagram that is answered without a session.")]
    public HealthCheckOptions? HealthCheck { get; init; }

    [Doc("Socket of the listener.")]
    public UdpSocketOptions UdpOptions { get; init; } = new();
}
