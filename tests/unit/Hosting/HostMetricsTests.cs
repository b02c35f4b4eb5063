using System.Diagnostics.Metrics;
using System.Text.RegularExpressions;
using Hosting.Metrics;
using Microsoft.Extensions.DependencyInjection;

namespace Pipeline.Tests.Hosting;

public sealed class HostMetricsTests : IDisposable
{
    readonly ServiceProvider services = new ServiceCollection().AddMetrics().BuildServiceProvider();
    readonly HostMetrics metrics;
    readonly Meter meter;

    public HostMetricsTests()
    {
        metrics = new HostMetrics(Factory);
        meter = Factory.Create("lwm2m.test");
    }

    IMeterFactory Factory => services.GetRequiredService<IMeterFactory>();

    public void Dispose()
    {
        metrics.Dispose();
        services.Dispose();
    }

    [Fact]
    public void Counters_gauges_and_histograms_are_written_for_Prometheus()
    {
        var counter = meter.CreateCounter<long>("datagrams", description: "Datagrams\nreceived.");
        counter.Add(2);
        counter.Add(3, new KeyValuePair<string, object?>("reason", "bad \"token\""));
        counter.Add(4, new KeyValuePair<string, object?>("reason", "bad \"token\""));
        meter.CreateUpDownCounter<int>("sessions").Add(-1);
        meter.CreateObservableGauge("depth", () => 1.5);
        meter.CreateObservableCounter("seen", () => 7L);
        var histogram = meter.CreateHistogram("latency", "s", null, null, new InstrumentAdvice<double> { HistogramBucketBoundaries = [0.1, 1] });
        histogram.Record(0.1);
        histogram.Record(0.5);
        histogram.Record(9);

        var lines = metrics.Write().Split('\n').Where(l => l.Contains("lwm2m_test", StringComparison.Ordinal));

        Assert.Equal("""
            # HELP lwm2m_test_datagrams_total Datagrams\nreceived.
            # TYPE lwm2m_test_datagrams_total counter
            lwm2m_test_datagrams_total 2
            lwm2m_test_datagrams_total{reason="bad \"token\""} 7
            # TYPE lwm2m_test_depth gauge
            lwm2m_test_depth 1.5
            # TYPE lwm2m_test_latency_seconds histogram
            lwm2m_test_latency_seconds_bucket{le="0.1"} 1
            lwm2m_test_latency_seconds_bucket{le="1"} 2
            lwm2m_test_latency_seconds_bucket{le="+Inf"} 3
            lwm2m_test_latency_seconds_sum 9.6
            lwm2m_test_latency_seconds_count 3
            # TYPE lwm2m_test_seen_total counter
            lwm2m_test_seen_total 7
            # TYPE lwm2m_test_sessions gauge
            lwm2m_test_sessions -1
            """, string.Join('\n', lines));
    }

    [Fact]
    public void A_counter_stands_at_zero_before_its_first_count()
    {
        var counter = meter.CreateCounter<long>("refused", description: "Refused.");
        meter.CreateObservableCounter("seen", () => new List<Measurement<long>>());
        meter.CreateUpDownCounter<long>("sessions");
        Assert.Contains("# HELP lwm2m_test_refused_total Refused.\n# TYPE lwm2m_test_refused_total counter\nlwm2m_test_refused_total 0\n", metrics.Write(), StringComparison.Ordinal);
        // What others say when they are asked, and levels, are not known to be 0.
        Assert.Equal(["lwm2m_test_refused_total"], Regex.Matches(metrics.Write(), "^lwm2m_test_\\w+", RegexOptions.Multiline).Select(match => match.Value));

        counter.Add(1, new KeyValuePair<string, object?>("code", "4.04"));

        Assert.Equal(["lwm2m_test_refused_total{code=\"4.04\"} 1"], metrics.Write().Split('\n').Where(line => line.StartsWith("lwm2m_test_refused_total", StringComparison.Ordinal)));
    }

    [Fact]
    public void The_process_and_the_runtime_are_there()
    {
        var text = metrics.Write();

        Assert.Contains("\nprocess_cpu_seconds_total ", text, StringComparison.Ordinal);
        Assert.Contains("\nprocess_resident_memory_bytes ", text, StringComparison.Ordinal);
        Assert.Contains("\ndotnet_gc_collections_total{", text, StringComparison.Ordinal);
    }

    [Fact]
    public void Hosts_in_one_process_keep_apart()
    {
        using var other = new ServiceCollection().AddMetrics().BuildServiceProvider();
        other.GetRequiredService<IMeterFactory>().Create("lwm2m.other").CreateCounter<long>("x").Add(1);

        Assert.DoesNotContain("lwm2m_other", metrics.Write(), StringComparison.Ordinal);
    }

    [Fact]
    public void An_observation_that_is_not_repeated_is_gone()
    {
        List<Measurement<long>> now = [new(1, new KeyValuePair<string, object?>("partition", 0))];
        meter.CreateObservableGauge("lag", () => now);
        Assert.Contains("lwm2m_test_lag{partition=\"0\"} 1", metrics.Write(), StringComparison.Ordinal);

        now = [new(2, new KeyValuePair<string, object?>("partition", 1))];

        Assert.DoesNotContain("lwm2m_test_lag{partition=\"0\"}", metrics.Write(), StringComparison.Ordinal);
    }

    [Fact]
    public void Too_many_sets_of_tags_are_counted_not_kept()
    {
        var counter = meter.CreateCounter<long>("x");
        for (var i = 0; i < 600; i++)
            counter.Add(1, new KeyValuePair<string, object?>("endpoint", i));

        Assert.Contains("\nmetrics_dropped_total 100\n", metrics.Write(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Counts_from_many_threads_add_up()
    {
        var whole = meter.CreateCounter<long>("whole");
        var real = meter.CreateCounter<double>("real");
        await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => Task.Run(() =>
        {
            for (var i = 0; i < 10_000; i++)
            {
                whole.Add(1, new KeyValuePair<string, object?>("n", i % 7));
                real.Add(0.5);
            }
        })));

        var text = metrics.Write();
        Assert.Contains("lwm2m_test_real_total 20000", text, StringComparison.Ordinal);
        var sum = text.Split('\n').Where(l => l.StartsWith("lwm2m_test_whole_total{", StringComparison.Ordinal)).Sum(l => int.Parse(l.Split(' ')[1], System.Globalization.CultureInfo.InvariantCulture));
        Assert.Equal(40_000, sum);
    }

    [Fact]
    public void Counting_allocates_nothing()
    {
        var counter = meter.CreateCounter<long>("x");
        var histogram = meter.CreateHistogram<double>("y");
        object reason = "late";
        Count();
        var before = GC.GetAllocatedBytesForCurrentThread();
        Count();

        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);

        void Count()
        {
            for (var i = 0; i < 1000; i++)
            {
                counter.Add(1);
                counter.Add(1, new KeyValuePair<string, object?>("reason", reason));
                histogram.Record(0.1);
            }
        }
    }
}
