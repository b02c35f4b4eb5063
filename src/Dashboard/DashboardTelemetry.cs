using System.Diagnostics.Metrics;

namespace Dashboard;

/// <summary>What the Dashboard counts.</summary>
sealed class DashboardTelemetry
{
    readonly Meter _meter;
    readonly Counter<long> _requests;
    readonly Histogram<double> _duration;
    readonly Counter<long> _refused;
    readonly Counter<long> _unreadable;

    public DashboardTelemetry(IMeterFactory meters)
    {
        _meter = meters.Create("lwm2m.dashboard");
        _requests = Counter("requests", "Requests answered, by route and status.");
        _duration = _meter.CreateHistogram<double>("request_duration", "s", "From a request to the end of its answer; streams are left out.");
        _refused = Counter("refused", "Requests without the right to ask, by reason.");
        _unreadable = Counter("unreadable", "Records that cannot be read, by topic.");
        Commands = Counter("commands", "Commands written to Kafka.");
        NotWaited = Counter("not_waited", "Requests that were to wait for an outcome and found too many waiting.");
        ResultsEvicted = Counter("results_evicted", "Recorded results that made room for newer ones.");
        StreamsRefused = Counter("streams_refused", "Event streams that found no room.");
        StreamsCut = Counter("streams_cut", "Event streams that were ended because their reader was too slow.");
        StreamedEvents = Counter("streamed_events", "Events sent on streams.");
    }

    public Counter<long> Commands { get; }
    public Counter<long> NotWaited { get; }
    public Counter<long> ResultsEvicted { get; }
    public Counter<long> StreamsRefused { get; }
    public Counter<long> StreamsCut { get; }
    public Counter<long> StreamedEvents { get; }

    public void Answered(string route, int status, TimeSpan took)
    {
        _requests.Add(1, new KeyValuePair<string, object?>("route", route), new KeyValuePair<string, object?>("status", status));
        if (!route.EndsWith("/events", StringComparison.Ordinal))
            _duration.Record(took.TotalSeconds);
    }

    public void Refused(string why) => _refused.Add(1, new KeyValuePair<string, object?>("why", why));

    public void Unreadable(string topic) => _unreadable.Add(1, new KeyValuePair<string, object?>("topic", topic));

    /// <summary>What is looked at when somebody asks.</summary>
    public void Observe(string name, string description, Func<long> value) => _meter.CreateObservableGauge(name, value, description: description);

    Counter<long> Counter(string name, string description) => _meter.CreateCounter<long>(name, description: description);
}
