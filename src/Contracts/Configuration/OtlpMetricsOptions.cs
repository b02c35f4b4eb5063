namespace Contracts.Configuration;

/// <summary>Metrics for a collector.</summary>
[Doc("Metrics for a collector.")]
[Open]
public sealed record OtlpMetricsOptions
{
    [Doc("Send the metrics of metrics.md to the collector, under the same names with dots.")]
    public bool Enable { get; init; }

    [Doc("How often.")]
    [Range("1s", "1h")]
    public TimeSpan Interval { get; init; } = TimeSpan.FromSeconds(10);
}
