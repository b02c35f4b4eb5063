using System.Diagnostics.Metrics;

namespace Hosting.Metrics;

/// <summary>One instrument with its series. Adding to a series that exists takes no lock and allocates nothing.</summary>
internal sealed class MetricInstrument
{
    const int MostSeries = 500;

    // Seconds, from a millisecond to a few CoAP time-outs, where the instrument advises nothing.
    static readonly double[] UsualBounds = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 90];

    readonly Lock growing = new();
    readonly bool sets;
    readonly double[]? bounds;
    MetricSeries? untagged;
    MetricSeries[] tagged = [];
    long dropped;

    public MetricInstrument(Instrument instrument)
    {
        Instrument = instrument;
        var kind = instrument.GetType().Name;
        Kind = kind.Contains("Histogram", StringComparison.Ordinal) ? MetricKind.Histogram
            : kind.Contains("UpDown", StringComparison.Ordinal) || kind.Contains("Gauge", StringComparison.Ordinal) ? MetricKind.Gauge
            : MetricKind.Counter;
        sets = instrument.IsObservable || kind.StartsWith("Gauge", StringComparison.Ordinal);
        bounds = BoundsOf(instrument);
        Name = MetricText.NameOf(instrument, Kind);
    }

    /// <summary>Those of a histogram; null where it is none.</summary>
    public static double[]? BoundsOf(Instrument instrument) =>
        instrument.GetType().Name.Contains("Histogram", StringComparison.Ordinal) ? Advised(instrument) ?? UsualBounds : null;

    public Instrument Instrument { get; }

    public MetricKind Kind { get; }

    public string Name { get; }

    public double[] Bounds => bounds ?? [];

    /// <summary>Measurements that found no room: more sets of tags than there may be.</summary>
    public long Dropped => Volatile.Read(ref dropped);

    public IEnumerable<MetricSeries> Series => untagged is null ? tagged : tagged.Prepend(untagged);

    public void Take(long value, ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        if (Find(tags) is not { } series)
            Interlocked.Increment(ref dropped);
        else if (bounds is not null)
            series.Record(value);
        else if (sets)
            series.Set(value);
        else
            series.Add(value);
    }

    public void Take(double value, ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        if (Find(tags) is not { } series)
            Interlocked.Increment(ref dropped);
        else if (bounds is not null)
            series.Record(value);
        else if (sets)
            series.Set(value);
        else
            series.Add(value);
    }

    /// <summary>Before observable instruments are asked: what they do not name again is gone.</summary>
    public void Forget()
    {
        foreach (var series in Series)
            series.Observed = !Instrument.IsObservable;
    }

    MetricSeries? Find(ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        if (tags.IsEmpty)
            return untagged ?? Grow(tags);
        foreach (var series in Volatile.Read(ref tagged))
        {
            if (series.Has(tags))
                return series;
        }

        return Grow(tags);
    }

    MetricSeries? Grow(ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        lock (growing)
        {
            if (tags.IsEmpty)
                return untagged ??= new MetricSeries(tags, bounds);
            foreach (var series in tagged)
            {
                if (series.Has(tags))
                    return series;
            }

            if (tagged.Length == MostSeries)
                return null;
            var added = new MetricSeries(tags, bounds);
            Volatile.Write(ref tagged, [.. tagged, added]);
            return added;
        }
    }

    static double[]? Advised(Instrument instrument) => instrument switch
    {
        Histogram<double> h => h.Advice?.HistogramBucketBoundaries?.ToArray(),
        Histogram<long> h => h.Advice?.HistogramBucketBoundaries?.Select(b => (double)b).ToArray(),
        Histogram<int> h => h.Advice?.HistogramBucketBoundaries?.Select(b => (double)b).ToArray(),
        _ => null,
    };
}
