using Contracts;
using Contracts.Configuration;

namespace Dashboard.Gateways;

/// <summary>What can be wanted of endpoints for a while.</summary>
sealed record WishKind
{
    public static readonly WishKind Capture = new()
    {
        Path = "gateways/lwm2m/capture",
        Key = CaptureWish.Key,
        Service = "ingress",
        ConfiguredBy = "ingress.capture",
        Configured = configuration => configuration.Ingress.Capture,
        Shown = "Whose datagrams are recorded on the topic capture.",
        Wished = "Record datagrams of endpoints, or all, for a while; takes the place of an earlier wish.",
        Ended = "No longer record what was wished.",
    };

    public static readonly WishKind Watch = new()
    {
        Path = "gateways/lwm2m/watch",
        Key = WatchWish.Key,
        Service = null,
        ConfiguredBy = "log.watch",
        Configured = configuration => configuration.Log.Watch,
        Shown = "Whose every step each service logs.",
        Wished = "Log every step of endpoints for a while; takes the place of an earlier wish.",
        Ended = "No longer log what was wished.",
    };

    public required string Path { get; init; }

    /// <summary>Of the record on the config topic.</summary>
    public required string Key { get; init; }

    /// <summary>Who must take it; null = all.</summary>
    public required string? Service { get; init; }

    /// <summary>The key of the configuration that wants the same for good.</summary>
    public required string ConfiguredBy { get; init; }

    public required Func<GatewayConfiguration, IReadOnlyList<string>> Configured { get; init; }

    // What the API document says of the three routes.
    public required string Shown { get; init; }
    public required string Wished { get; init; }
    public required string Ended { get; init; }
}
