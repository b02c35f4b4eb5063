using System.Diagnostics;
using System.Net;
using Confluent.Kafka;
using Confluent.Kafka.Admin;

namespace Tools.Load;

/// <summary>Measures the plain things. Each takes its few seconds; the gateway rests meanwhile.</summary>
sealed class BaselineRun(LoadSettings settings, string? kafka, Action<string> progress)
{
    /// <summary>What an uplink record of one value has, about.</summary>
    const int RecordBytes = 250;

    const int Partitions = 24;
    const int MostWaiting = 100_000;

    static readonly TimeSpan Time = TimeSpan.FromSeconds(5);
    static readonly TimeSpan Warmup = TimeSpan.FromSeconds(1);
    static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    readonly TimeSpan _time = settings.Duration < Time ? settings.Duration : Time;

    public async Task<(BaselineFigures Udp, BaselineFigures? Kafka)> RunAsync(CancellationToken cancellation)
    {
        progress("baseline: plain UDP echo");
        var udp = await EchoAsync(cancellation);
        progress($"baseline: UDP echo {udp.PerSecond:F0}/s, p99 {udp.Latency.P99:F1} ms");
        if (kafka is null)
            return (udp, null);
        progress("baseline: plain Kafka producer");
        var producer = await ProduceAsync(kafka, cancellation);
        progress($"baseline: Kafka producer {producer.PerSecond:F0}/s, p99 {producer.Latency.P99:F1} ms");
        return (udp, producer);
    }

    /// <summary>The gateway as a ratio of what was measured beside it.</summary>
    public static Baseline Compare(BaselineFigures udp, BaselineFigures? kafka, LoadReport report)
    {
        var ratios = new Dictionary<string, double>();
        Add("ack_p50_to_udp_echo", report.NotificationLatency.P50, udp.Latency.P50);
        Add("ack_p99_to_udp_echo", report.NotificationLatency.P99, udp.Latency.P99);
        Add("ack_p50_to_kafka_producer", report.NotificationLatency.P50, kafka?.Latency.P50);
        Add("ack_p99_to_kafka_producer", report.NotificationLatency.P99, kafka?.Latency.P99);
        var services = report.Processes.Where(process => process.Name != ProcessUsage.Generator).ToList();
        // What no gateway on Kafka can do without: one datagram in and out, one record.
        var least = udp.CpuMicrosecondsPerEvent + (kafka is null ? 0 : kafka.CpuMicrosecondsPerEvent);
        foreach (var process in services)
            Add($"cpu_{process.Name}_to_plain", process.CpuSecondsPer100000Events * 10, least);
        if (services.Count > 1)
            Add("cpu_together_to_plain", services.Sum(process => process.CpuSecondsPer100000Events) * 10, least);
        return new Baseline(udp, kafka, ratios);

        void Add(string name, double figure, double? plain)
        {
            if (plain > 0 && figure > 0)
                ratios.Add(name, Math.Round(figure / plain.Value, 2));
        }
    }

    async Task<BaselineFigures> EchoAsync(CancellationToken cancellation)
    {
        using var server = new AcknowledgingServer(new IPEndPoint(IPAddress.Loopback, 0));
        server.Start();
        var plain = settings with
        {
            Gateway = server.Address, Mqtt = null, ObserveByCommand = false, Commands = 0, Ramp = null, RegistrationOnly = false, UpdateRate = 0,
            Keep = true, Warmup = Warmup, Duration = _time, Processes = [], Endpoints = [], RegisterRate = Math.Max(settings.RegisterRate, 2000),
            EndpointPrefix = "echo-",
        };
        await using var run = new LoadRun(plain, _ => { });
        var (cpu, received) = (server.Cpu, server.Received);
        var report = await run.RunAsync(cancellation);
        var used = (server.Cpu - cpu)?.TotalMicroseconds / Math.Max(1, server.Received - received);
        return new BaselineFigures(report.NotificationsPerSecond, report.NotificationLatency, used);
    }

    async Task<BaselineFigures> ProduceAsync(string servers, CancellationToken cancellation)
    {
        var topic = $"lwm2m-load-{Guid.NewGuid():N}";
        using var admin = new AdminClientBuilder(new AdminClientConfig { BootstrapServers = servers }).Build();
        await admin.CreateTopicsAsync([new TopicSpecification { Name = topic, NumPartitions = Partitions, ReplicationFactor = -1 }]);
        try
        {
            return await Task.Run(() => Produce(servers, topic, cancellation), cancellation);
        }
        finally
        {
            await admin.DeleteTopicsAsync([topic]);
        }
    }

    BaselineFigures Produce(string servers, string topic, CancellationToken cancellation)
    {
        // The settings of the gateway's own producer: all replicas, and a few milliseconds to gather.
        var configuration = new ProducerConfig { BootstrapServers = servers, Acks = Acks.All, EnableIdempotence = true, LingerMs = 5 };
        using var producer = new ProducerBuilder<byte[], byte[]>(configuration).SetLogHandler((_, _) => { }).Build();
        var latency = new LatencyHistogram();
        var (sent, done, failed, value) = (0L, 0L, 0L, new byte[RecordBytes]);
        Random.Shared.NextBytes(value);
        // Connections, leaders and the producer's id are had before anything is measured.
        for (var partition = 0; partition < Partitions; partition++)
            producer.Produce(new Confluent.Kafka.TopicPartition(topic, partition), new Message<byte[], byte[]> { Key = [], Value = value });
        if (producer.Flush(Patience) > 0)
            throw new IOException($"Kafka at {servers} does not take the records of the baseline.");
        var rate = settings.IsClosed ? 10_000 : settings.Ramp?.From ?? settings.NotificationRate;
        var startedAt = Stopwatch.GetTimestamp();
        using var process = Process.GetCurrentProcess();
        var cpu = process.TotalProcessorTime;
        for (var schedule = new Schedule(0, Math.Max(1, rate)); Now() < (long)_time.TotalMicroseconds; schedule.Advance())
        {
            cancellation.ThrowIfCancellationRequested();
            var dueAt = schedule.NextAt;
            if (dueAt > Now())
                Thread.Sleep(TimeSpan.FromMicroseconds(Math.Max(1000, dueAt - Now())));
            if (sent - Volatile.Read(ref done) >= MostWaiting)
                continue;
            sent++;
            producer.Produce(topic, new Message<byte[], byte[]> { Key = BitConverter.GetBytes(schedule.Count % settings.Devices), Value = value }, report =>
            {
                latency.Record(Now() - dueAt);
                Interlocked.Increment(ref done);
                if (report.Error.IsError)
                    Interlocked.Increment(ref failed);
            });
        }
        producer.Flush(Patience);
        process.Refresh();
        var seconds = Now() / 1e6;
        if (failed > 0 || done == 0)
            throw new IOException($"Kafka at {servers} took {done - failed} of {sent} records of the baseline.");
        return new BaselineFigures(done / seconds, latency.ToFigures(), (process.TotalProcessorTime - cpu).TotalMicroseconds / done);

        long Now() => (long)Stopwatch.GetElapsedTime(startedAt).TotalMicroseconds;
    }
}
