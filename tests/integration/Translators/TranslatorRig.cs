using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Text;
using Confluent.Kafka;
using Contracts;
using Contracts.Configuration;
using Google.Protobuf;
using Messaging;
using Microsoft.Extensions.Logging.Abstractions;
using Pipeline.IntegrationTests.Gateways;
using Pipeline.IntegrationTests.Kafka;

namespace Pipeline.IntegrationTests.Translators;

/// <summary>
/// Translator replicas as processes on a real Kafka. Devices, their Ingress and the commanding application are the test's own: it writes what they
/// would write, answers what is handed over, and keeps a ledger of it; beside it stands what a consumer of the events was shown.
/// </summary>
sealed class TranslatorRig : IAsyncDisposable
{
    public const int Partitions = 4;

    static readonly TimeSpan Bound = TimeSpan.FromSeconds(90);

    readonly string _folder = Directory.CreateTempSubdirectory("translators-").FullName;
    readonly KafkaConnection _kafka;
    readonly bool _exactlyOnce;
    readonly LogProducer _producer;
    readonly LogReader _reader;
    readonly CancellationTokenSource _ending = new();
    readonly List<Task> _writers = [];
    readonly ConcurrentDictionary<string, int> _handed = new();
    readonly ConcurrentQueue<LogRecord> _deadLetters = new();
    int _poison;

    TranslatorRig(KafkaConnection kafka, bool exactlyOnce, int endpoints)
    {
        (_kafka, _exactlyOnce) = (kafka, exactlyOnce);
        Topics = new Topics(kafka.Options.TopicPrefix);
        Ledger = new Ledger(endpoints);
        _producer = new LogProducer(kafka, "test", NullLogger.Instance);
        _reader = new LogReader(kafka, "test-reader", NullLogger.Instance);
    }

    public Topics Topics { get; }

    public Ledger Ledger { get; }

    public ConcurrentDictionary<int, ServiceProcess> Replicas { get; } = [];

    public string Log => string.Join('\n', Replicas.Values.Select(replica => replica.Log));

    public static async Task<TranslatorRig> BeginAsync(KafkaCluster cluster, string prefix, bool exactlyOnce, int endpoints = 12)
    {
        var rig = new TranslatorRig(KafkaFixture.Connect(cluster, prefix), exactlyOnce, endpoints);
        await TopicProvisioning.EnsureAsync(
            rig._kafka, rig.Topics.Specs(rig._kafka.Options, embedded: false), NullLogger.Instance, TestContext.Current.CancellationToken);
        await rig.RegisterAsync();
        return rig;
    }

    /// <summary>Starts a replica, or the same again.</summary>
    public async Task StartAsync(int replica)
    {
        if (!Replicas.TryGetValue(replica, out var process))
        {
            var folder = Directory.CreateDirectory(Path.Combine(_folder, replica.ToString(CultureInfo.InvariantCulture))).FullName;
            var file = Path.Combine(folder, "gateway.conf");
            // Six seconds are the least that Kafka grants a session by default.
            await File.WriteAllTextAsync(file, $$"""
                kafka {
                  bootstrap_servers = "{{_kafka.BootstrapServers}}", partitions = {{Partitions}}, slots = {{Partitions}}
                  client { "session.timeout.ms" = "6000", "transaction.timeout.ms" = "6000" }
                }
                translator.exactly_once = {{(_exactlyOnce ? "true" : "false")}}
                """);
            var environment = new Dictionary<string, string>
            {
                ["KAFKA__TOPIC_PREFIX"] = Topics.Prefix, ["POD_NAME"] = $"translator-{replica}",
            };
            Replicas[replica] = process = new ServiceProcess("Translator", folder, ["--config", file], environment);
        }

        process.Start();
        await process.ReadyAsync();
    }

    /// <summary>Notifications of all devices in turn, commands, and poison between them, until <see cref="EndAsync"/>.</summary>
    public void Load(int notificationsPerSecond, int commandsPerSecond, int poisonPerSecond = 0)
    {
        _writers.Add(WriteAsync(notificationsPerSecond, NotifyAsync));
        _writers.Add(WriteAsync(commandsPerSecond, CommandAsync));
        if (poisonPerSecond > 0)
            _writers.Add(WriteAsync(poisonPerSecond, PoisonAsync));
    }

    /// <summary>Ends the load, and waits until all of it has come out.</summary>
    public async Task EndAsync()
    {
        await _ending.CancelAsync();
        await Task.WhenAll(_writers);
        await Eventually.TrueAsync(() => Ledger.Missing.Count == 0, Bound, () => $"missing: {string.Join("; ", Ledger.Missing.Take(20))}\n{Log}");
        await Eventually.TrueAsync(() => _deadLetters.DistinctBy(Origin).Count() >= _poison, Bound, () => $"{_deadLetters.Count} of {_poison} dead letters");
        // What would be repeated now comes before this.
        await Task.Delay(TimeSpan.FromSeconds(1), TestContext.Current.CancellationToken);
        Assert.Equal(_poison, _deadLetters.DistinctBy(Origin).Count());
    }

    /// <summary>How many of each stage.</summary>
    public Dictionary<string, int> Stages => _deadLetters.DistinctBy(Origin)
        .CountBy(letter => Encoding.UTF8.GetString(letter.Headers.Single(header => header.Name == DeadLetterHeaders.Stage).Value)).ToDictionary();

    public int RepeatedDeadLetters => _deadLetters.Count - _deadLetters.DistinctBy(Origin).Count();

    /// <summary>Waits until so many more notifications have been shown.</summary>
    public async Task FlowsAsync(int more)
    {
        var goal = Ledger.Seen + more;
        await Eventually.TrueAsync(() => Ledger.Seen >= goal, Bound, () => $"{Ledger.Seen} of {goal} events\n{Log}");
    }

    /// <summary>Waits until more has been shown of every partition; says how long that took.</summary>
    public async Task<TimeSpan> FlowsEverywhereAsync()
    {
        var begin = Stopwatch.StartNew();
        var before = Enumerable.Range(0, Partitions).Select(Ledger.SeenOf).ToList();
        await Eventually.TrueAsync(() => before.Index().All(p => Ledger.SeenOf(p.Index) > p.Item + 5), Bound, () => $"a partition stands still\n{Log}");
        return begin.Elapsed;
    }

    /// <summary>Stops a replica at a moment at which it has not committed all that there was. The positions are those of that moment.</summary>
    public async Task<long[]> FreezeInFlightAsync(int replica)
    {
        for (var until = Environment.TickCount64 + (long)Bound.TotalMilliseconds; Environment.TickCount64 < until;)
        {
            await Replicas[replica].FreezeAsync();
            var written = Ledger.Written();
            var committed = Committed();
            var behind = written.Index().Sum(p => Math.Max(0, p.Item - committed[p.Index]));
            if (behind > 0)
            {
                TestContext.Current.TestOutputHelper?.WriteLine($"{behind} records in flight");
                return committed;
            }

            await Replicas[replica].ThawAsync();
            await FlowsAsync(50);
        }

        throw new TimeoutException("nothing was ever in flight");
    }

    public Task<AppendResult> AppendAsync(string topic, int partition, string key, byte[]? value, params RecordHeader[] headers) =>
        _producer.AppendAsync(topic, partition, Encoding.UTF8.GetBytes(key), value, headers, CancellationToken.None);

    public async Task NotifyAsync()
    {
        var (endpoint, number) = Ledger.Next();
        var written = await AppendAsync(Topics.Uplink, -1, endpoint, Uplink(endpoint, EventKind.Notified, uplink =>
        {
            uplink.IdHigh = (ulong)Ledger.IndexOf(endpoint) + 1;
            (uplink.IdLow, uplink.Observe, uplink.Path, uplink.Code) = ((ulong)number, (uint)number, "/3/0/9", 0x45);
            (uplink.ContentFormat, uplink.Payload) = (0u, ByteString.CopyFromUtf8(number.ToString(CultureInfo.InvariantCulture)));
        }));
        Ledger.Wrote(endpoint, number, written.Partition, written.Offset);
    }

    /// <summary>In turn: to a device, to nobody, on the wrong partition, and one given twice.</summary>
    public async Task CommandAsync()
    {
        var number = Ledger.NextCommand();
        var id = $"c{number}";
        var endpoint = number % 4 == 1 ? $"ghost{number}" : Ledger.EndpointOf(number);
        var partition = KeyPartitioner.PartitionOf(Encoding.UTF8.GetBytes(endpoint), Partitions);
        var json = Encoding.UTF8.GetBytes($$$"""{"reqID":{{{number}}},"msgType":"read","data":{"path":"/3/0/0"}}""");
        for (var times = number % 4 == 2 ? 2 : 1; times > 0; times--)
            await AppendAsync(Topics.Commands, number % 4 == 3 ? (partition + 1) % Partitions : partition, endpoint, json,
                new RecordHeader(CommandHeaders.CommandId, Encoding.UTF8.GetBytes(id)));
        Ledger.Commanded(id);
    }

    public async Task PoisonAsync()
    {
        var number = Interlocked.Increment(ref _poison);
        byte[] value = (number % 3) switch
        {
            0 => [0xff],
            1 => new UplinkEvent { Schema = 99, Endpoint = "e0" }.ToByteArray(),
            _ => Uplink("e0", EventKind.Unspecified, _ => { }),
        };
        await AppendAsync(Topics.Uplink, number % Partitions, Ledger.EndpointOf(number), value);
    }

    /// <summary>Five megabytes of which no format is known: Kafka took them, but would not take the event that they make.</summary>
    public async Task PoisonBySizeAsync()
    {
        Interlocked.Increment(ref _poison);
        var value = Uplink("e0", EventKind.Sent, uplink =>
            (uplink.ContentFormat, uplink.Payload) = (65000u, ByteString.CopyFrom(new byte[5 * 1024 * 1024])));
        await AppendAsync(Topics.Uplink, -1, "e0", value);
    }

    /// <summary>Committed position of each partition of uplink.</summary>
    public long[] Committed()
    {
        using var asking = new ConsumerBuilder<Ignore, Ignore>(
            new ConsumerConfig { BootstrapServers = _kafka.BootstrapServers, GroupId = Topics.TranslatorGroup, EnableAutoCommit = false }).Build();
        var partitions = Enumerable.Range(0, Partitions).Select(p => new Confluent.Kafka.TopicPartition(Topics.Uplink, p));
        return [.. asking.Committed(partitions, Bound).OrderBy(found => found.Partition.Value).Select(found => Math.Max(0, found.Offset.Value))];
    }

    public async ValueTask DisposeAsync()
    {
        if (TestContext.Current.TestState?.Result == TestResult.Failed)
            TestContext.Current.TestOutputHelper?.WriteLine(Log);
        await _ending.CancelAsync();
        foreach (var replica in Replicas.Values)
            await replica.DisposeAsync();
        _reader.Dispose();
        _producer.Dispose();
        _ending.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    public static byte[] Uplink(string endpoint, EventKind kind, Action<UplinkEvent> set)
    {
        var uplink = new UplinkEvent
        {
            Schema = 1, Kind = kind, Endpoint = endpoint, RegistrationId = "r1", AlternatePath = "/", ReceivedNs = 1_700_000_000_000_000_000,
            Client = Client(endpoint),
        };
        set(uplink);
        return uplink.ToByteArray();
    }

    static ClientIdentity Client(string endpoint) =>
        new() { Clientid = endpoint, Username = endpoint, Peerhost = "127.0.0.1", Zone = "default", Listener = "udp:default" };

    static string Origin(LogRecord record) =>
        Encoding.UTF8.GetString(record.Headers.Single(header => header.Name == DeadLetterHeaders.Origin).Value);

    // One slot, one Ingress that answers whatever it is handed, as often as it is handed it.
    async Task RegisterAsync()
    {
        var now = DateTimeOffset.UtcNow.ToUnixTimeMilliseconds();
        var start = await AppendAsync(Topics.Instances, 0, "ingress/0", new InstanceRecord { Kind = "start", HeartbeatMs = now }.ToJson());
        foreach (var endpoint in Ledger.Endpoints)
            await AppendAsync(Topics.Registrations, -1, endpoint, new RegistrationRecord
            {
                Endpoint = endpoint, RegistrationId = "r1", Number = 1, Slot = 0, Epoch = start.Offset, State = "live", Peer = "127.0.0.1:1",
                Lifetime = 86400, RegisteredAt = now, UpdatedAt = now, Lwm2mVersion = "1.0", Binding = "U", QueueMode = false, AlternatePath = "/",
                Objects = ["/3/0"], Versions = new Dictionary<string, string>(), Client = RegisteredClient.From(Client(endpoint)),
            }.ToJson());
        var all = Enumerable.Range(0, Partitions).ToArray();
        _reader.Start(
            [
                new LogPosition(Topics.Downlink, 0, LogPosition.Beginning),
                .. all.Select(p => new LogPosition(Topics.Events, p, LogPosition.Beginning)),
                .. all.Select(p => new LogPosition(Topics.DeadLetters, p, LogPosition.Beginning)),
            ],
            Take);
    }

    void Take(LogRecord record)
    {
        if (record.Topic == Topics.Downlink)
            _ = AnswerAsync(DownlinkOperation.Parser.ParseFrom(record.Value));
        else if (record.Topic == Topics.DeadLetters)
            _deadLetters.Enqueue(record);
        else
            Ledger.Saw(record);
    }

    Task<AppendResult> AnswerAsync(DownlinkOperation operation)
    {
        var times = _handed.AddOrUpdate(operation.Command.CommandId, 1, (_, before) => before + 1);
        var id = EventId.OfOutcome(operation.Command.CommandId);
        return AppendAsync(Topics.Uplink, -1, operation.Endpoint, Uplink(operation.Endpoint, EventKind.Outcome, uplink =>
        {
            (uplink.IdHigh, uplink.IdLow) = (id.High, id.Low);
            (uplink.Outcome, uplink.Code, uplink.Path, uplink.Command) = (Outcome.Answered, 0x45, operation.Path, operation.Command);
            // Another answer each time, so that a second outcome would show.
            (uplink.ContentFormat, uplink.Payload) = (0u, ByteString.CopyFromUtf8($"answer {times}"));
        }));
    }

    async Task WriteAsync(int perSecond, Func<Task> write)
    {
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(20));
        var begin = Environment.TickCount64;
        var written = 0L;
        try
        {
            while (await timer.WaitForNextTickAsync(_ending.Token))
            {
                var due = (Environment.TickCount64 - begin) * perSecond / 1000;
                var batch = new List<Task>();
                for (; written < due; written++)
                    batch.Add(write());
                await Task.WhenAll(batch);
            }
        }
        catch (OperationCanceledException)
        {
        }
    }
}
