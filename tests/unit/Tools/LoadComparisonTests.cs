using System.Text.Json;
using System.Xml.Linq;
using Tools.Load;
using Tools.Output;

namespace Pipeline.Tests.Tools;

public sealed class LoadComparisonTests
{
    static readonly double[] Quiet = [1000, 1001, 999, 1000, 1000, 1000];
    static readonly double[] Noisy = [200, 1900, 700, 1400, 400, 1400];

    static LatencyFigures Latency(double p50, double p99) => new(1000, p50, p50, p99, p99, p99);

    static LoadReport Report(double[] rates, double p50 = 5, double p99 = 20, double cpu = 3) => new()
    {
        Time = new DateTimeOffset(2026, 1, 2, 3, 4, 5, TimeSpan.Zero),
        Machine = "a machine",
        Devices = 10,
        Registered = 10,
        Observed = 10,
        MeasuredSeconds = rates.Length,
        NotificationsPerSecond = rates.Average(),
        NotificationsPerSecondWanted = 1000,
        UpdatesPerSecond = 0,
        RegisterLatency = Latency(1, 2),
        NotificationLatency = Latency(p50, p99),
        UpdateLatency = new LatencyFigures(0, 0, 0, 0, 0, 0),
        Sent = 1,
        Acknowledged = 1,
        Delivered = 0,
        Lost = 0,
        Duplicates = 0,
        OutOfOrder = 0,
        Unknown = 0,
        Retransmissions = 0,
        TimedOut = 0,
        Resets = 0,
        Refused = 0,
        CommandsUnanswered = 0,
        CommandsFailed = 0,
        MqttLost = false,
        Processes = [new ProcessFigures("ingress", cpu, cpu, 100) { AllocatedBytesPerEvent = 500 }],
        Samples = [.. rates.Select((rate, i) => new LoadSample(i + 1, 1000, rate, null, p50, p99, 0, [new ProcessSample("ingress", cpu / 10, 100)]))],
    };

    [Fact]
    public void A_run_is_not_different_from_itself()
    {
        var comparison = LoadComparison.Of(Report(Quiet), Report(Quiet));
        Assert.False(comparison.IsWorse);
        Assert.All(comparison.Changes, change => Assert.Equal((1.0, LoadVerdict.Same), (change.Ratio, change.Verdict)));
        Assert.Contains(comparison.Changes, change => change.Name == "processes.ingress.allocated_per_event");
    }

    [Fact]
    public void What_is_beyond_the_noise_is_better_or_worse()
    {
        var comparison = LoadComparison.Of(Report(Quiet), Report([.. Quiet.Select(rate => rate * 1.2)], p99: 30, cpu: 2));
        Assert.Equal(LoadVerdict.Better, Of(comparison, "notifications_per_second").Verdict);
        Assert.Equal(LoadVerdict.Worse, Of(comparison, "notification_latency.p99").Verdict);
        Assert.Equal(1.5, Of(comparison, "notification_latency.p99").Ratio, 6);
        Assert.Equal(LoadVerdict.Better, Of(comparison, "processes.ingress.cpu_per_event").Verdict);
        Assert.Equal(LoadVerdict.Same, Of(comparison, "notification_latency.p50").Verdict);
        Assert.True(comparison.IsWorse);
        Assert.Contains("worse", comparison.ToText(), StringComparison.Ordinal);
    }

    [Fact]
    public void The_same_difference_means_nothing_in_noisy_runs()
    {
        var noisy = LoadComparison.Of(Report(Noisy), Report([.. Noisy.Select(rate => rate * 0.8)]));
        Assert.Equal(LoadVerdict.Same, Of(noisy, "notifications_per_second").Verdict);
        var quiet = LoadComparison.Of(Report(Quiet), Report([.. Quiet.Select(rate => rate * 0.8)]));
        Assert.Equal(LoadVerdict.Worse, Of(quiet, "notifications_per_second").Verdict);
    }

    [Fact]
    public void Tolerance_makes_a_difference_noise() =>
        Assert.False(LoadComparison.Of(Report(Quiet), Report(Quiet, p50: 7, p99: 28), tolerance: 0.5).IsWorse);

    [Fact]
    public void A_new_fault_is_worse_whatever_the_figures_say()
    {
        var comparison = LoadComparison.Of(Report(Quiet), Report(Quiet) with { Lost = 3 });
        Assert.True(comparison.IsWorse);
        Assert.Contains("did not come out", Assert.Single(comparison.NewFaults), StringComparison.Ordinal);
    }

    [Fact]
    public void Runs_of_which_something_else_was_asked_are_told_to_be_unlike()
    {
        var comparison = LoadComparison.Of(Report(Quiet), Report(Quiet) with { Devices = 20, NotificationsPerSecondWanted = 500 });
        Assert.Equal(["10 and 20 devices", "1000/s and 500/s wanted"], comparison.Unlike);
        Assert.Empty(LoadComparison.Of(Report(Quiet), Report(Quiet)).Unlike);
    }

    [Fact]
    public void A_report_reads_back_from_its_json()
    {
        var report = Report(Quiet) with { Ramp = [new RampStep(100, 99, Latency(1, 2), true)], Mode = LoadMode.Ramp };
        var json = JsonSerializer.Serialize(report, OutputJson.Indented);
        var read = JsonSerializer.Deserialize<LoadReport>(json, OutputJson.Indented)!;
        Assert.Equal(json, JsonSerializer.Serialize(read, OutputJson.Indented));
        Assert.Equal(100, read.LastSustained);
        Assert.Contains("\"mode\": \"ramp\"", json, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("null")]
    [InlineData("{}")]
    [InlineData("[]")]
    [InlineData("{\"samples\": null")]
    public void What_is_no_report_is_no_report(string json)
    {
        try
        {
            Assert.Null(JsonSerializer.Deserialize<LoadReport>(json, OutputJson.Indented));
        }
        catch (JsonException)
        {
            // What the command tells.
        }
    }

    [Fact]
    public void A_report_without_its_samples_is_refused()
    {
        var json = JsonSerializer.Serialize(Report(Quiet) with { Samples = [] }, OutputJson.Indented).Replace("\"samples\": []", "\"samples\": null", StringComparison.Ordinal);
        Assert.Throws<JsonException>(() => JsonSerializer.Deserialize<LoadReport>(json, OutputJson.Indented));
    }

    [Fact]
    public void The_picture_is_svg_with_a_line_for_each_series_within_its_frame()
    {
        var svg = XDocument.Parse(SvgPicture.Of(Report(Noisy)));
        XNamespace ns = "http://www.w3.org/2000/svg";
        Assert.Equal(ns + "svg", svg.Root!.Name);
        var titles = svg.Descendants(ns + "text").Select(text => text.Value).ToList();
        foreach (var text in new[] { "notifications per second", "datagram to acknowledgement, ms", "CPU, cores", "wanted", "acknowledged", "p50", "p99", "ingress" })
            Assert.Contains(text, titles);
        // Without MQTT there is no such line.
        Assert.DoesNotContain("on MQTT", titles);
        var heights = svg.Descendants(ns + "path").Select(path => path.Attribute("d")!.Value).Where(d => d.Contains('L', StringComparison.Ordinal))
            .SelectMany(d => d.Split(['M', 'L'], StringSplitOptions.RemoveEmptyEntries)).Select(point => double.Parse(point.Split(' ')[1]));
        Assert.All(heights, y => Assert.InRange(y, 40, 190));
    }

    [Fact]
    public void A_picture_of_nothing_is_a_picture() => Assert.NotNull(XDocument.Parse(SvgPicture.Of(Report([1000]) with { Samples = [] })).Root);

    [Theory]
    [InlineData("a_total 3\n", 3.0)]
    [InlineData("a_total{x=\"1\"} 3\na_total{x=\"} 9\"} 4.5 1700000000\n", 7.5)]
    [InlineData("a_total_more 3\n# a_total 4\n", null)]
    [InlineData("a_total\na_total x\n", null)]
    [InlineData("", null)]
    public void Metrics_are_added_up_over_their_series(string text, double? expected) => Assert.Equal(expected, MetricSample.Sum(text, "a_total"));

    static LoadChange Of(LoadComparison comparison, string name) => Assert.Single(comparison.Changes, change => change.Name == name);
}
