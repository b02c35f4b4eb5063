using System.Text;
using Contracts;
using Contracts.Configuration;
using Messaging;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace Pipeline.Tests.Messaging;

/// <summary>An embedded broker for one test, and the clients that the test makes on it.</summary>
internal sealed class Embedded : IDisposable
{
    public const string Topic = "t.records";
    public static readonly TimeSpan Bound = TimeSpan.FromSeconds(15);

    // Rebalances of this broker last a session time-out less one second.
    private static readonly Dictionary<string, string> s_quick = new()
    {
        ["session.timeout.ms"] = "1500",
        ["heartbeat.interval.ms"] = "100",
    };

    private readonly List<IDisposable> _clients = [];

    public Embedded(int partitions = 4, bool budget = true, Dictionary<string, string>? client = null, ILogger? logger = null, int brokers = 1,
        Patience? patience = null)
    {
        Logger = logger ?? NullLogger.Instance;
        Broker = EmbeddedBroker.Start([Spec(Topic, partitions)], brokers);
        var settings = new Dictionary<string, string>(s_quick);
        foreach (var (name, value) in client ?? [])
        {
            settings[name] = value;
        }

        Connection = new KafkaConnection(Broker.BootstrapServers, true, new KafkaOptions { Client = settings }, budget ? Broker.Budget : null)
        {
            Patience = patience ?? Patience.Usual,
        };
    }

    public EmbeddedBroker Broker { get; }
    public KafkaConnection Connection { get; }
    public ILogger Logger { get; }

    public static TopicSpec Spec(string name, int partitions) =>
        new() { Name = name, Partitions = partitions, Cleanup = CleanupPolicy.Delete, Settings = new Dictionary<string, string>() };

    public LogProducer Producer() => Track(new LogProducer(Connection, "test-producer", Logger));

    public LogReader Reader() => Track(new LogReader(Connection, "test-reader", Logger));

    public GroupConsumer Member(IGroupHandler handler, int most = 1000, string name = "test-member") =>
        Track(new GroupConsumer(Connection, "t.group", name, [Topic], handler, most, Logger));

    /// <summary>What the group has committed of a partition.</summary>
    public long Committed(int partition = 0)
    {
        var settings = new Dictionary<string, string> { ["bootstrap.servers"] = Connection.BootstrapServers, ["group.id"] = "t.group" };
        using var consumer = new Confluent.Kafka.ConsumerBuilder<byte[], byte[]>(settings).Build();
        return consumer.Committed([new Confluent.Kafka.TopicPartition(Topic, partition)], Bound)[0].Offset.Value;
    }

    public static byte[] Bytes(string text) => Encoding.UTF8.GetBytes(text);

    public void Dispose()
    {
        for (var i = _clients.Count - 1; i >= 0; i--)
        {
            _clients[i].Dispose();
        }

        Broker.Dispose();
    }

    private T Track<T>(T client)
        where T : IDisposable
    {
        _clients.Add(client);
        return client;
    }
}
