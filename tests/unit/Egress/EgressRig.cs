using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using System.Text;
using Contracts;
using Contracts.Configuration;
using global::Egress;
using Hosting;
using Messaging;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using MQTTnet;
using MQTTnet.Protocol;
using Standalone;

namespace Pipeline.Tests.Egress;

/// <summary>Egress between an embedded Kafka and an embedded MQTT broker, and what a test needs on both sides.</summary>
internal sealed class EgressRig : IAsyncDisposable
{
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private readonly ServiceProvider _services = new ServiceCollection().AddMetrics().BuildServiceProvider();
    private readonly LogReader _reader;
    private readonly MeterListener _meters = new();
    private readonly ConcurrentDictionary<string, long> _counts = new();
    private ConfigReader? _config;

    private EgressRig(GatewayConfiguration? configuration)
    {
        Configuration = configuration ?? new GatewayConfiguration();
        Configuration = Configuration with { Kafka = Configuration.Kafka with { TopicPrefix = "t" + Guid.NewGuid().ToString("N")[..8] } };
        Topics = new Topics(Configuration.Kafka.TopicPrefix);
        Live = new LiveConfiguration(Configuration);
        Broker = EmbeddedBroker.Start(Topics.Specs(Configuration.Kafka, embedded: true));
        Kafka = new KafkaConnection(Broker.BootstrapServers, Embedded: true, Configuration.Kafka, Broker.Budget);
        Producer = new LogProducer(Kafka, "test", NullLogger.Instance);
        _reader = new LogReader(Kafka, "test-reader", NullLogger.Instance);
        var partitions = Enumerable.Range(0, Configuration.Kafka.PartitionsOn(embedded: true)).ToList();
        _reader.Start(
            [.. partitions.Select(p => new LogPosition(Topics.Commands, p, LogPosition.Beginning)), .. partitions.Select(p => new LogPosition(Topics.DeadLetters, p, LogPosition.Beginning)),
                new LogPosition(Topics.Instances, 0, LogPosition.Beginning)],
            record => (record.Topic == Topics.Commands ? Commands : record.Topic == Topics.Instances ? Instances : DeadLetters).Add(record));
        _meters.InstrumentPublished = (instrument, listener) =>
        {
            if (instrument.Meter.Name == "lwm2m.egress" && ReferenceEquals(instrument.Meter.Scope, _services.GetRequiredService<IMeterFactory>()))
            {
                listener.EnableMeasurementEvents(instrument);
            }
        };
        _meters.SetMeasurementEventCallback<long>((instrument, value, _, _) => _counts.AddOrUpdate(instrument.Name, value, (_, sum) => sum + value));
        _meters.Start();
    }

    public GatewayConfiguration Configuration { get; }
    public Topics Topics { get; }
    public EmbeddedBroker Broker { get; }
    public KafkaConnection Kafka { get; }
    public LogProducer Producer { get; }
    public Log Commands { get; } = new();
    public Log DeadLetters { get; } = new();
    public Log Instances { get; } = new();
    public EgressService? Service { get; private set; }

    /// <summary>One that never changes, unless the test brings another.</summary>
    public LiveConfiguration Live { get; set; }

    public static EgressRig Start(GatewayConfiguration? configuration = null) => new(configuration);

    public long Count(string name) => _counts.GetValueOrDefault(name);

    /// <summary>Starts Egress against this broker; it is told by <see cref="ReadyAsync"/> when it works.</summary>
    public async Task<EgressService> StartEgressAsync(string mqttServer)
    {
        var telemetry = new EgressTelemetry(_services.GetRequiredService<IMeterFactory>());
        _config = new ConfigReader(Kafka, Live.Lay, NullLogger<ConfigReader>.Instance);
        Service = new EgressService(
            Kafka, Configuration.Mqtt with { Server = mqttServer }, Live, _config, telemetry, TimeProvider.System, NullLogger<EgressService>.Instance);
        await Service.StartAsync(CancellationToken.None);
        return Service;
    }

    public Task ReadyAsync() => UntilAsync(() => Service is { ConsumerTrouble: null, PublisherTrouble: null, RelayTrouble: null });

    public async Task StopEgressAsync()
    {
        if (Service is { } service)
        {
            Service = null;
            await service.StopAsync(CancellationToken.None);
            service.Dispose();
            _config!.Dispose();
        }
    }

    public Task<AppendResult> EventAsync(string endpoint, string? topic, string payload, params RecordHeader[] more) => Producer.AppendAsync(
        Topics.Events, -1, Encoding.UTF8.GetBytes(endpoint), Encoding.UTF8.GetBytes(payload),
        topic is null ? more : [new(EventHeaders.MqttTopic, Encoding.UTF8.GetBytes(topic)), .. more], CancellationToken.None);

    /// <summary>Writes a record of the config topic, as the API does; null takes it back.</summary>
    public Task<AppendResult> ConfigAsync(string key, string? json) =>
        Producer.AppendAsync(Topics.Config, 0, Encoding.UTF8.GetBytes(key), json is null ? null : Encoding.UTF8.GetBytes(json), null, CancellationToken.None);

    /// <summary>Until Egress says that this record of the config topic is in force.</summary>
    public async Task InForceAsync(Task<AppendResult> written)
    {
        var record = await written;
        await UntilAsync(() => Instances.Records.Select(Heartbeat).LastOrDefault(beat => beat is not null)?.ConfigOffset > record.Offset);
    }

    /// <summary>Null for a tombstone.</summary>
    public static InstanceRecord? Heartbeat(LogRecord record) => record.Value is not null && InstanceRecord.TryParse(record.Value, out var beat) ? beat : null;

    public Task RegisterAsync(string endpoint, ulong number = 1, string username = "", string listener = "udp:default", bool live = true) => Producer.AppendAsync(
        Topics.Registrations, -1, Encoding.UTF8.GetBytes(endpoint), Registration(endpoint, number, username, listener, live).ToJson(), null, CancellationToken.None);

    public static RegistrationRecord Registration(string endpoint, ulong number = 1, string username = "", string listener = "udp:default", bool live = true) => new()
    {
        Endpoint = endpoint,
        RegistrationId = "r1",
        Number = number,
        Slot = 0,
        Epoch = 0,
        State = live ? "live" : "gone",
        Peer = "192.0.2.1:50000",
        Lifetime = 60,
        RegisteredAt = 0,
        UpdatedAt = 0,
        Lwm2mVersion = "1.0",
        Binding = "U",
        QueueMode = false,
        AlternatePath = "/",
        Objects = ["/3/0"],
        Versions = new Dictionary<string, string>(),
        Client = new RegisteredClient { Clientid = endpoint, Username = username.Length > 0 ? username : endpoint, Peerhost = "192.0.2.1", Zone = "default", Listener = listener },
    };

    public async ValueTask DisposeAsync()
    {
        await StopEgressAsync();
        _meters.Dispose();
        _reader.Dispose();
        Producer.Dispose();
        Broker.Dispose();
        await _services.DisposeAsync();
    }

    public static async Task UntilAsync(Func<bool> condition)
    {
        using var patience = new CancellationTokenSource(Patience);
        while (!condition())
        {
            await Task.Delay(5, patience.Token);
        }
    }

    public static string? Header(LogRecord record, string name) =>
        record.Headers.Where(header => header.Name == name).Select(header => Encoding.UTF8.GetString(header.Value)).FirstOrDefault();

    /// <summary>Records as they come.</summary>
    internal sealed class Log
    {
        private readonly ConcurrentQueue<LogRecord> _records = new();

        public IReadOnlyList<LogRecord> Records => [.. _records];

        public void Add(LogRecord record) => _records.Enqueue(record);

        public async Task<IReadOnlyList<LogRecord>> AwaitAsync(int count)
        {
            await UntilAsync(() => _records.Count >= count);
            return Records;
        }
    }
}
