namespace Tools.Load;

/// <summary>Looks at a run once a second: one sample, and one line for whoever watches.</summary>
sealed class LoadMonitor(LoadSettings settings, LoadGenerator generator, Func<long?> delivered, Action<string> progress)
{
    readonly List<LoadSample> _samples = [];
    long? _startedAt;

    public IReadOnlyList<LoadSample> Samples => _samples;

    /// <summary>Watches for that long; gives what was acknowledged per second.</summary>
    /// <param name="wanted">Notifications per second; null in a closed loop.</param>
    /// <param name="duration">Whole seconds and a rest, which is a sample of its own if it is long enough to say something.</param>
    /// <param name="cancellation">Ends it.</param>
    public async Task<double> WatchAsync(double? wanted, TimeSpan duration, CancellationToken cancellation)
    {
        var start = generator.Now;
        _startedAt ??= start;
        var end = start + (long)duration.TotalMicroseconds;
        var first = generator.Counters.NotificationsAcknowledged;
        var (at, acknowledged, messages) = (start, first, delivered());
        var usage = await ProcessUsage.ReadAsync(settings, withAllocation: false, cancellation);
        generator.TakeInterval();
        while (generator.Now < end)
        {
            await Task.Delay(TimeSpan.FromMicroseconds(Math.Clamp(end - generator.Now, 1, 1_000_000)), cancellation);
            if (generator.Ended.IsFaulted)
                await generator.Ended;
            var now = generator.Now;
            if (now - at < 250_000 && now < end)
                continue;
            var latest = await ProcessUsage.ReadAsync(settings, withAllocation: false, cancellation);
            var (count, total) = (generator.Counters.NotificationsAcknowledged, delivered());
            Add(wanted, now, (now - at) / 1e6, count - acknowledged, total - messages, latest.SampleSince(usage));
            (at, acknowledged, messages, usage) = (now, count, total, latest);
        }
        return (generator.Counters.NotificationsAcknowledged - first) / Math.Max(1e-3, (generator.Now - start) / 1e6);
    }

    void Add(double? wanted, long now, double seconds, long acknowledged, long? delivered, IReadOnlyList<ProcessSample> processes)
    {
        var latency = generator.TakeInterval().ToFigures();
        var sample = new LoadSample(
            (now - _startedAt!.Value) / 1e6, wanted, acknowledged / seconds, delivered / seconds, latency.Count > 0 ? latency.P50 : null,
            latency.Count > 0 ? latency.P99 : null, generator.Outstanding, processes);
        _samples.Add(sample);
        var mqtt = sample.Delivered is { } messages ? $", MQTT messages {messages:F0}/s" : "";
        progress($"acknowledged {sample.Acknowledged:F0}/s{(wanted is { } rate ? $" of {rate:F0}/s" : "")}, p99 {sample.P99 ?? 0:F1} ms{mqtt}, outstanding {sample.Outstanding}");
    }
}
