namespace Contracts.Configuration;

/// <summary>EMQX's block <c>opentelemetry</c>.</summary>
[Doc("OpenTelemetry, with EMQX's names: traces and metrics for a collector. EMQX's `logs` are not sent; keys of it that are not listed here are passed over.")]
[Open]
public sealed record OpenTelemetryOptions
{
    [Doc("Where to.")]
    public CollectorOptions Exporter { get; init; } = new();

    [Doc("Traces.")]
    public TracesOptions Traces { get; init; } = new();

    [Doc("Metrics, beside `/metrics`.")]
    public OtlpMetricsOptions Metrics { get; init; } = new();
}
