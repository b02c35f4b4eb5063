namespace Hosting.Metrics;

/// <summary>The value of one instrument under one set of tags. Written from any thread without a lock.</summary>
internal sealed class MetricSeries
{
    readonly KeyValuePair<string, object?>[] tags;
    readonly double[]? bounds;
    readonly long[]? counts;
    long whole;
    double real;

    public MetricSeries(ReadOnlySpan<KeyValuePair<string, object?>> tags, double[]? bounds)
    {
        this.tags = tags.ToArray();
        this.bounds = bounds;
        counts = bounds is null ? null : new long[bounds.Length + 1];
    }

    public IReadOnlyList<KeyValuePair<string, object?>> Tags => tags;

    /// <summary>Whether the last look at an observable instrument gave this one.</summary>
    public bool Observed { get; set; } = true;

    public double Value => Volatile.Read(ref whole) + Volatile.Read(ref real);

    public bool Has(ReadOnlySpan<KeyValuePair<string, object?>> other)
    {
        if (other.Length != tags.Length)
            return false;
        for (var i = 0; i < tags.Length; i++)
        {
            if (tags[i].Key != other[i].Key || !Equals(tags[i].Value, other[i].Value))
                return false;
        }

        return true;
    }

    public void Add(long value) => Interlocked.Add(ref whole, value);

    public void Add(double value)
    {
        var seen = Volatile.Read(ref real);
        while (true)
        {
            var before = Interlocked.CompareExchange(ref real, seen + value, seen);
            if (before.Equals(seen))
                return;
            seen = before;
        }
    }

    public void Set(double value)
    {
        Volatile.Write(ref real, value);
        Observed = true;
    }

    public void Record(double value)
    {
        var bucket = 0;
        while (bucket < bounds!.Length && value > bounds[bucket])
            bucket++;
        Interlocked.Increment(ref counts![bucket]);
        Add(value);
    }

    /// <summary>How many values were at most each bound, and last how many there were.</summary>
    public long[] Cumulated()
    {
        var result = new long[counts!.Length];
        var sum = 0L;
        for (var i = 0; i < result.Length; i++)
            result[i] = sum += Volatile.Read(ref counts[i]);
        return result;
    }
}
