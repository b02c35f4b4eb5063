namespace Hosting.Metrics;

/// <summary>How Prometheus takes an instrument.</summary>
internal enum MetricKind
{
    Counter,
    Gauge,
    Histogram,
}
