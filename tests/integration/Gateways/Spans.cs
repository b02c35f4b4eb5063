using System.Collections.Concurrent;
using System.Diagnostics;

namespace Pipeline.IntegrationTests.Gateways;

/// <summary>Collects the spans of gateways in this process as they end.</summary>
sealed class Spans : IDisposable
{
    static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    readonly ConcurrentQueue<Activity> _ended = new();
    readonly ActivityListener _listener;

    public Spans()
    {
        _listener = new ActivityListener
        {
            ShouldListenTo = source => source.Name.StartsWith("lwm2m.", StringComparison.Ordinal),
            Sample = (ref _) => ActivitySamplingResult.AllDataAndRecorded,
            ActivityStopped = _ended.Enqueue,
        };
        ActivitySource.AddActivityListener(_listener);
    }

    /// <summary>The spans of the trace that has such a span of that device, once all of these have ended; each as "service name".</summary>
    public async Task<IReadOnlyDictionary<string, Activity>> TraceAsync(string endpoint, string one, params string[] all)
    {
        IReadOnlyDictionary<string, Activity> trace = new Dictionary<string, Activity>();
        await Eventually.TrueAsync(
            () =>
            {
                var of = _ended.FirstOrDefault(span => NameOf(span) == one && span.GetTagItem("lwm2m.endpoint") as string == endpoint);
                trace = _ended.Where(span => span.TraceId == of?.TraceId).GroupBy(NameOf).ToDictionary(spans => spans.Key, spans => spans.First());
                return Array.TrueForAll(all, trace.ContainsKey);
            },
            Patience,
            () => $"there is {string.Join(", ", _ended.Select(span => $"{NameOf(span)} {span.GetTagItem("lwm2m.endpoint")}"))}");
        return trace;
    }

    public void Dispose() => _listener.Dispose();

    static string NameOf(Activity span) => $"{span.Source.Name["lwm2m.".Length..]} {span.OperationName}";
}
