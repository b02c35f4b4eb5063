using System.Numerics;

namespace Tools.Load;

/// <summary>
/// Counts durations in microseconds in buckets that are at most 1/64 of their value wide, whatever the value. Recording does not allocate
/// and is safe from several threads.
/// </summary>
sealed class LatencyHistogram
{
    const int SubBits = 6;
    const int SubCount = 1 << SubBits;

    /// <summary>About 12 days.</summary>
    const long MaxValue = (1L << 40) - 1;

    readonly long[] _counts = new long[IndexOf(MaxValue) + 1];
    long _total;
    long _max;

    public long Count => Volatile.Read(ref _total);

    /// <summary>Exact.</summary>
    public TimeSpan Max => TimeSpan.FromMicroseconds(Volatile.Read(ref _max));

    public void Record(long microseconds)
    {
        var value = Math.Clamp(microseconds, 0, MaxValue);
        Interlocked.Increment(ref _counts[IndexOf(value)]);
        Interlocked.Increment(ref _total);
        long max;
        while (value > (max = Volatile.Read(ref _max)) && Interlocked.CompareExchange(ref _max, value, max) != max)
        {
        }
    }

    /// <summary>The value that so many percent do not exceed, rounded up to the end of its bucket; zero where nothing was recorded.</summary>
    public TimeSpan Percentile(double percent)
    {
        var rank = Math.Max(1, (long)Math.Ceiling(Count * percent / 100));
        long seen = 0;
        for (var i = 0; i < _counts.Length; i++)
        {
            seen += Volatile.Read(ref _counts[i]);
            if (seen >= rank)
                return TimeSpan.FromMicroseconds(Math.Min(HighestOf(i), Volatile.Read(ref _max)));
        }
        return TimeSpan.Zero;
    }

    public LatencyFigures ToFigures() => new(
        Count, Percentile(50).TotalMilliseconds, Percentile(90).TotalMilliseconds, Percentile(99).TotalMilliseconds,
        Percentile(99.9).TotalMilliseconds, Max.TotalMilliseconds);

    // Values below 128 have a bucket each; from there on 64 buckets for each power of two.
    static int IndexOf(long value)
    {
        var shift = Math.Max(0, BitOperations.Log2((ulong)value) - SubBits);
        return (shift << SubBits) + (int)(value >> shift);
    }

    static long HighestOf(int index)
    {
        if (index < 2 * SubCount)
            return index;
        var shift = (index >> SubBits) - 1;
        return ((long)(index - (shift << SubBits)) + 1 << shift) - 1;
    }
}
