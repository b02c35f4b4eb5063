using System.Diagnostics;
using Contracts;
using Contracts.Configuration;
using Hosting;
using Hosting.Traces;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace Pipeline.Tests.Hosting.Traces;

public sealed class TrailTests : IDisposable
{
    const string Recorded = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
    const string NotRecorded = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-00";

    readonly FakeTimeProvider _time = new(DateTimeOffset.FromUnixTimeSeconds(1_700_000_000));
    readonly List<string> _lines = [];
    readonly ActivityListener _listener = new()
    {
        ShouldListenTo = source => source.Name.StartsWith("lwm2m.trail-", StringComparison.Ordinal),
        Sample = (ref _) => ActivitySamplingResult.AllDataAndRecorded,
    };

    public TrailTests() => ActivitySource.AddActivityListener(_listener);

    public void Dispose() => _listener.Dispose();

    [Fact]
    public void Off_shows_nothing_and_costs_no_memory()
    {
        var trace = Recorded;
        void Ask()
        {
            Assert.Null(Trail.Off.Begin("notify", ActivityKind.Server, "e1"));
            Assert.Null(Trail.Off.Continue("translate", ActivityKind.Consumer, Recorded, "e1"));
            Assert.Null(Trail.Off.BeginOrContinue("relay", ActivityKind.Consumer, ref trace, "e1"));
            Assert.False(Trail.Off.IsWatched("e1"));
        }

        Ask();
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 1000; i++)
            Ask();
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
        Assert.Equal(Recorded, trace);
    }

    [Fact]
    public void A_trace_begins_here_and_goes_on_from_what_is_carried()
    {
        var trail = Of(ratio: 1);
        using var first = trail.Begin("notify", ActivityKind.Server, "e1")!;
        Assert.Equal((default, "e1"), (first.ParentSpanId, first.GetTagItem("lwm2m.endpoint")));
        using var second = trail.Continue("translate", ActivityKind.Consumer, first.Id!, "e1")!;
        Assert.Equal((first.TraceId, first.SpanId), (second.TraceId, second.ParentSpanId));
        Assert.Null(Activity.Current);
    }

    [Fact]
    public void Spans_keep_apart_from_what_is_current_on_their_thread()
    {
        var trail = Of(ratio: 1);
        using var current = new Activity("of somebody else").Start();
        var span = trail.Begin("notify", ActivityKind.Server, "e1")!;
        Assert.Equal(default, span.ParentSpanId);
        Assert.Same(current, Activity.Current);
        span.End("it failed");
        Assert.Same(current, Activity.Current);
        Assert.Equal((ActivityStatusCode.Error, "it failed"), (span.Status, span.StatusDescription));
    }

    [Theory]
    [InlineData("")]
    [InlineData("none")]
    [InlineData(NotRecorded)]
    public void Nothing_goes_on_from_what_is_no_trace_or_not_recorded(string traceParent) =>
        Assert.Null(Of(ratio: 1).Continue("translate", ActivityKind.Consumer, traceParent, "e1"));

    [Fact]
    public void What_is_not_chosen_where_it_begins_is_not_chosen_later()
    {
        var trace = "";
        Assert.Null(Of(ratio: 0).BeginOrContinue("relay", ActivityKind.Consumer, ref trace, "e1"));
        Assert.True(TraceParent.TryParse(trace, out var context));
        Assert.Equal(ActivityTraceFlags.None, context.TraceFlags);
        var carried = trace;
        Assert.Null(Of(ratio: 1).BeginOrContinue("command", ActivityKind.Consumer, ref trace, "e1"));
        Assert.Equal(carried, trace);
    }

    [Fact]
    public void A_command_carries_on_the_span_that_took_it()
    {
        var trace = Recorded;
        using var span = Of(ratio: 0).BeginOrContinue("relay", ActivityKind.Consumer, ref trace, "e1")!;
        Assert.Equal(span.Id, trace);
        Assert.Equal("4bf92f3577b34da6a3ce929d0e0e4736", span.TraceId.ToHexString());
    }

    [Fact]
    public void Watched_endpoints_are_always_chosen_and_their_steps_are_logged_for_as_long_as_wished()
    {
        var trails = TrailsOf(ratio: 0, watch: ["meter-*"]);
        var trail = trails.Of("trail-watching");
        Assert.NotNull(trail.Begin("notify", ActivityKind.Server, "meter-7"));
        Assert.Null(trail.Begin("notify", ActivityKind.Server, "e1"));
        Assert.True(trail.IsWatched("meter-7") && !trail.IsWatched("e1"));

        trails.Take(WatchWish.Key, new EndpointWish { Endpoints = ["e1"], UntilMs = _time.GetUtcNow().AddMinutes(1).ToUnixTimeMilliseconds() }.ToJson());
        trails.Take(CaptureWish.Key, new EndpointWish { Endpoints = ["e2"], UntilMs = long.MaxValue }.ToJson());
        trails.Take(WatchWish.Key, "no wish"u8.ToArray());
        Assert.True(trail.IsWatched("e1") && trail.IsWatched("meter-7") && !trail.IsWatched("e2"));
        trail.Tell("e1", Recorded, "the notification stands on Kafka");
        trail.Tell("e1", "", "a step without a trace");
        Assert.Equal(["e1: the notification stands on Kafka [trace 4bf92f3577b34da6a3ce929d0e0e4736]", "e1: a step without a trace"], _lines);

        _time.Advance(TimeSpan.FromMinutes(1));
        Assert.True(!trail.IsWatched("e1") && trail.IsWatched("meter-7"));
    }

    [Theory]
    [InlineData(OtlpProtocol.Grpc)]
    [InlineData(OtlpProtocol.HttpProtobuf)]
    public Task Spans_and_metrics_reach_the_collector_with_the_headers_that_it_wants(OtlpProtocol protocol) => Collector.HearAsync(protocol, async collector =>
    {
        var configuration = new GatewayConfiguration
        {
            OpenTelemetry = new OpenTelemetryOptions
            {
                Exporter = new CollectorOptions
                {
                    Endpoint = collector.Url, Protocol = protocol, Headers = new Dictionary<string, string> { ["authorization"] = "Basic dXNlcjpwYXNz==" },
                },
                Traces = new TracesOptions { Enable = true, E2eTracingOptions = new EndToEndTracingOptions { SampleRatio = 1, ClusterIdentifier = "north" } },
                Metrics = new OtlpMetricsOptions { Enable = true },
            },
        };
        using (var export = new OtlpExport("ingress", configuration))
        using (var trails = new Trails(new LiveConfiguration(configuration), _time, NullLoggerFactory.Instance))
            trails.Of("ingress").Begin("notify-for-the-collector", ActivityKind.Server, "e1")!.End();

        var traces = await collector.ExpectAsync("traces");
        Assert.Equal("Basic dXNlcjpwYXNz==", traces.Authorization);
        Assert.All(new[] { "lwm2m-ingress", "notify-for-the-collector", "lwm2m.endpoint", "cluster.id", "north" }, text => Assert.Contains(text, traces.Body, StringComparison.Ordinal));
        Assert.Contains("lwm2m-ingress", (await collector.ExpectAsync("metrics")).Body, StringComparison.Ordinal);
    });

    Trail Of(double ratio) => TrailsOf(ratio).Of($"trail-{ratio}");

    Trails TrailsOf(double ratio, params string[] watch)
    {
        var options = new OpenTelemetryOptions { Traces = new TracesOptions { Enable = true, E2eTracingOptions = new EndToEndTracingOptions { SampleRatio = ratio } } };
        var live = new LiveConfiguration(new GatewayConfiguration { OpenTelemetry = options, Log = new LogOptions { Watch = watch } });
        return new Trails(live, _time, new LoggerFactory([new Lines(_lines)]));
    }

    sealed class Lines(List<string> lines) : ILoggerProvider, ILogger
    {
        public ILogger CreateLogger(string categoryName) => this;

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, Microsoft.Extensions.Logging.EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            lines.Add(formatter(state, exception));

        public void Dispose()
        {
        }
    }
}
