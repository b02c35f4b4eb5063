using Tools.Load;

namespace Pipeline.Tests.Tools;

public sealed class LatencyHistogramTests
{
    [Fact]
    public void Percentiles_of_small_values_are_exact()
    {
        var histogram = new LatencyHistogram();
        for (var value = 1; value <= 100; value++)
            histogram.Record(value);
        Assert.Equal(50, histogram.Percentile(50).TotalMicroseconds);
        Assert.Equal(99, histogram.Percentile(99).TotalMicroseconds);
        Assert.Equal(100, histogram.Percentile(100).TotalMicroseconds);
        Assert.Equal(1, histogram.Percentile(0).TotalMicroseconds);
        Assert.Equal(100, histogram.Count);
    }

    [Fact]
    public void Any_value_is_told_within_a_64th()
    {
        for (long value = 1; value < 1L << 39; value = value * 3 / 2 + 1)
        {
            var histogram = new LatencyHistogram();
            histogram.Record(value);
            histogram.Record(1L << 39);
            Assert.InRange(histogram.Percentile(50).TotalMicroseconds, value, value + value / 64.0);
        }
    }

    [Fact]
    public void Values_out_of_range_are_clamped()
    {
        var histogram = new LatencyHistogram();
        histogram.Record(-5);
        histogram.Record(long.MaxValue);
        Assert.Equal(TimeSpan.Zero, histogram.Percentile(50));
        Assert.True(histogram.Max > TimeSpan.FromDays(12));
        Assert.Equal(TimeSpan.Zero, new LatencyHistogram().Percentile(99));
    }

    [Fact]
    public void Recording_does_not_allocate()
    {
        var histogram = new LatencyHistogram();
        histogram.Record(1);
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var value = 0; value < 10_000; value++)
            histogram.Record(value * 31);
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }
}
