namespace Contracts.Configuration;

/// <summary>What every listener has, whatever its transport.</summary>
public abstract record ListenerOptions
{
    [Doc("Open this listener.")]
    public bool Enable { get; init; } = true;

    [Doc("Port, or address and port. A port alone listens on every address, IPv4 and IPv6.")]
    public required BindAddress Bind { get; init; }

    [Doc("Most peers of this listener.")]
    [Unit(Unit.CountOrInfinity)]
    [Range("1", "infinity")]
    [Pending("The number of peers is bounded by `ingress.max_sessions` alone.")]
    public int MaxConnections { get; init; } = 1024;

    [Doc("Most new peers per second.")]
    [Unit(Unit.Rate)]
    [Range("0.001", "infinity")]
    [Pending("New peers are not limited in rate.")]
    public double MaxConnRate { get; init; } = 1000;

    [Doc("Authenticate the devices of this listener, where `authentication` is configured.")]
    public bool EnableAuthn { get; init; } = true;

    [Doc("Authenticator of this listener, instead of the gateway's.")]
    [Pending("Devices are not authenticated: every device that reaches the listener may register.")]
    public AuthenticationOptions? Authentication { get; init; }

    [Doc("Mountpoint of the devices of this listener, instead of the gateway's.")]
    public string? Mountpoint { get; init; }

    [Doc("Who may send: `allow|deny address|network|all`; the first rule that matches decides.")]
    [Pending("Nobody is turned away by address; use a firewall.")]
    public IReadOnlyList<AccessRule> AccessRules { get; init; } = [];

    [Doc("Datagram that is answered without a session.")]
    [Pending("Health check datagrams are not answered.")]
    public HealthCheckOptions? HealthCheck { get; init; }

    [Doc("Socket of the listener.")]
    public UdpSocketOptions UdpOptions { get; init; } = new();
}
