using System.Diagnostics.Metrics;
using Contracts.Configuration;
using Hosting.Metrics;
using OpenTelemetry;
using OpenTelemetry.Exporter;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;

namespace Hosting.Traces;

/// <summary>Sends spans and metrics to a collector (OTLP), where the configuration wants it. What is traced is decided where a trace begins (<see cref="Trail"/>).</summary>
internal sealed class OtlpExport : IDisposable
{
    const int LargestBatch = 512;
    const string OurMeters = "lwm2m.";

    readonly TracerProvider? tracing;
    readonly MeterProvider? metering;

    public OtlpExport(string service, GatewayConfiguration configuration)
    {
        var options = configuration.OpenTelemetry;
        if (options.Traces.Enable)
        {
            tracing = Sdk.CreateTracerProviderBuilder().SetResourceBuilder(Resource(service, configuration)).SetSampler(new ParentBasedSampler(new AlwaysOnSampler()))
                .AddSource(Trails.SourcePrefix + "*").AddOtlpExporter(exporter => Set(exporter, options)).Build();
        }

        if (options.Metrics.Enable)
        {
            metering = Sdk.CreateMeterProviderBuilder().SetResourceBuilder(Resource(service, configuration)).AddMeter(OurMeters + "*", "System.Runtime").AddView(Named)
                .AddOtlpExporter((exporter, reader) =>
                {
                    SetWay(exporter, options.Exporter, "v1/metrics");
                    reader.PeriodicExportingMetricReaderOptions.ExportIntervalMilliseconds = (int)options.Metrics.Interval.TotalMilliseconds;
                }).Build();
        }
    }

    /// <summary>Sends what waits, as far as the collector takes it within a moment.</summary>
    public void Dispose()
    {
        tracing?.Dispose();
        metering?.Dispose();
    }

    static ResourceBuilder Resource(string service, GatewayConfiguration configuration)
    {
        var instance = Environment.GetEnvironmentVariable("POD_NAME") ?? Environment.MachineName;
        var cluster = configuration.OpenTelemetry.Traces.EndToEnd.ClusterIdentifier ?? configuration.Kafka.TopicPrefix;
        return ResourceBuilder.CreateDefault().AddService("lwm2m-" + service, serviceVersion: GatewayHost.Version, serviceInstanceId: instance)
            .AddAttributes([new("cluster.id", cluster)]);
    }

    static void Set(OtlpExporterOptions exporter, OpenTelemetryOptions options)
    {
        SetWay(exporter, options.Exporter, "v1/traces");
        exporter.BatchExportProcessorOptions.MaxQueueSize = options.Traces.MaxQueueSize;
        exporter.BatchExportProcessorOptions.MaxExportBatchSize = Math.Min(LargestBatch, options.Traces.MaxQueueSize);
        exporter.BatchExportProcessorOptions.ScheduledDelayMilliseconds = (int)options.Traces.ScheduledDelay.TotalMilliseconds;
    }

    // What is not configured stays as the usual environment variables say.
    static void SetWay(OtlpExporterOptions exporter, CollectorOptions options, string path)
    {
        var isHttp = options.Protocol == OtlpProtocol.HttpProtobuf;
        exporter.Protocol = isHttp ? OtlpExportProtocol.HttpProtobuf : OtlpExportProtocol.Grpc;
        if (options.Endpoint is { } endpoint)
            exporter.Endpoint = new Uri(isHttp ? $"{endpoint.TrimEnd('/')}/{path}" : endpoint);
        if (options.Headers.Count > 0)
            exporter.Headers = string.Join(',', options.Headers.Select(header => $"{header.Key}={Uri.EscapeDataString(header.Value)}"));
    }

    // An instrument is called by what it counts alone; the full name is that of /metrics.
    static MetricStreamConfiguration? Named(Instrument instrument)
    {
        if (!instrument.Meter.Name.StartsWith(OurMeters, StringComparison.Ordinal))
            return null;
        var name = $"{instrument.Meter.Name}.{instrument.Name}";
        return MetricInstrument.BoundsOf(instrument) is { } bounds
            ? new ExplicitBucketHistogramConfiguration { Name = name, Boundaries = bounds }
            : new MetricStreamConfiguration { Name = name };
    }
}
