using System.Diagnostics;

namespace Hosting.Traces;

/// <summary>What all spans here have in common.</summary>
public static class Spans
{
    /// <summary>Names the record that the span is about, as OpenTelemetry's messaging conventions do.</summary>
    public static Activity OfRecord(this Activity span, string topic, int partition, long offset)
    {
        ArgumentNullException.ThrowIfNull(span);
        return span.SetTag("messaging.system", "kafka").SetTag("messaging.destination.name", topic)
            .SetTag("messaging.destination.partition.id", partition).SetTag("messaging.kafka.offset", offset);
    }

    /// <summary>The span, which is nobody's current one, is over.</summary>
    /// <param name="problem">Why it has failed, one sentence; null = it has not.</param>
    public static void End(this Activity span, string? problem = null)
    {
        ArgumentNullException.ThrowIfNull(span);
        if (problem is not null)
            span.SetStatus(ActivityStatusCode.Error, problem);
        var outer = Activity.Current;
        span.Stop();
        Activity.Current = outer;
    }
}
