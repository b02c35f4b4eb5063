using System.Collections.Frozen;

namespace Contracts.Configuration;

/// <summary>Everything that can be configured; the same for every service. Immutable: a reload makes a new one.</summary>
public sealed record GatewayConfiguration
{
    [Key("gateway.lwm2m")]
    public Lwm2mOptions Lwm2m { get; init; } = new();

    public AuthorizationOptions Authorization { get; init; } = new();

    public KafkaOptions Kafka { get; init; } = new();

    public MqttOptions Mqtt { get; init; } = new();

    public HttpOptions Http { get; init; } = new();

    public IngressOptions Ingress { get; init; } = new();

    public TranslatorOptions Translator { get; init; } = new();

    public EgressOptions Egress { get; init; } = new();

    public CredentialsOptions Credentials { get; init; } = new();

    [Key("opentelemetry")]
    public OpenTelemetryOptions OpenTelemetry { get; init; } = new();

    public LogOptions Log { get; init; } = new();

    /// <summary>The keys that some source gives, as in "mqtt.server"; all others have their defaults.</summary>
    public IReadOnlySet<string> Given { get; init; } = FrozenSet<string>.Empty;
}
