using Contracts.Configuration;

namespace Pipeline.Tests.Hosting;

public sealed class OpenTelemetrySectionTests
{
    // As EMQX's documentation writes it: options in one place or the other, plain numbers are milliseconds.
    [Theory]
    [InlineData("e2e_tracing_options")]
    [InlineData("filter.e2e_tracing_options")]
    public void A_block_of_EMQX_is_understood(string options)
    {
        var report = TestConfiguration.Read($$"""
            opentelemetry {
              exporter { endpoint = "http://collector:4317", headers { authorization = "Basic x==" } }
              traces {
                enable = true
                trace_mode = e2e
                {{options}} { sample_ratio = "25%", follow_traceparent = false, cluster_identifier = emqxcl, client_messaging = true, msg_trace_level = 2 }
                max_queue_size = 50000
                scheduled_delay = 1000
              }
              metrics { enable = true, interval = 30s }
              logs { enable = false, level = warning }
            }
            log { console { enable = true, formatter = json, level = warning }, file { enable = false }, watch = ["dev-1", "meter-*"] }
            """);

        Assert.Empty(report.Problems);
        Assert.Contains("scheduled_delay", Assert.Single(report.Warnings), StringComparison.Ordinal);
        var (telemetry, log) = (report.Configuration.OpenTelemetry, report.Configuration.Log);
        Assert.Equal(("http://collector:4317", "Basic x=="), (telemetry.Exporter.Endpoint, telemetry.Exporter.Headers["authorization"]));
        Assert.Equal((true, 50000, TimeSpan.FromSeconds(1)), (telemetry.Traces.Enable, telemetry.Traces.MaxQueueSize, telemetry.Traces.ScheduledDelay));
        Assert.Equal(new EndToEndTracingOptions { SampleRatio = 0.25, FollowTraceparent = false, ClusterIdentifier = "emqxcl" }, telemetry.Traces.EndToEnd);
        Assert.Equal((true, TimeSpan.FromSeconds(30)), (telemetry.Metrics.Enable, telemetry.Metrics.Interval));
        Assert.Equal("json", log.Console.Formatter);
        Assert.Equal(["dev-1", "meter-*"], log.Watch);
    }

    [Theory]
    [InlineData("0.1", 0.1)]
    [InlineData("10%", 0.1)]
    [InlineData("0.5%", 0.005)]
    [InlineData("100%", 1)]
    [InlineData("1.0", 1)]
    [InlineData("0", 0)]
    public void A_ratio_is_a_part_or_a_percentage(string text, double ratio) =>
        Assert.Equal(ratio, TestConfiguration.Read($"opentelemetry.traces.e2e_tracing_options.sample_ratio = \"{text}\"").Configuration.OpenTelemetry.Traces.EndToEnd.SampleRatio);

    [Theory]
    [InlineData("opentelemetry.traces.e2e_tracing_options.sample_ratio = 2", "must be from 0% to 100%")]
    [InlineData("opentelemetry.traces.e2e_tracing_options.sample_ratio = \"101%\"", "must be from 0% to 100%")]
    [InlineData("opentelemetry.traces.e2e_tracing_options.sample_ratio = \"-1%\"", "must be from 0% to 100%")]
    [InlineData("opentelemetry.traces.e2e_tracing_options.sample_ratio = \"1e400%\"", "must be a part of all")]
    [InlineData("opentelemetry.traces.e2e_tracing_options.sample_ratio = \"1e300%\"", "must be from 0% to 100%")]
    [InlineData("opentelemetry.traces.e2e_tracing_options.sample_ratio = often", "must be a part of all")]
    [InlineData("opentelemetry.exporter.endpoint = \"collector:4317\"", "must be http://host:port")]
    [InlineData("log.watch = [\"\"]", "at most 100 endpoint names")]
    public void What_is_unusable_is_refused(string text, string problem) => Assert.Contains(problem, Assert.Single(TestConfiguration.ProblemsOf(text)), StringComparison.Ordinal);
}
