using System.Text;
using Confluent.Kafka;
using Contracts;
using Pipeline.IntegrationTests.Chaos.Ledgers;

namespace Pipeline.IntegrationTests.Chaos.Events;

/// <summary>Reads the topic of events as a data platform does, without a group, from its beginning.</summary>
sealed class KafkaEvents : IDisposable
{
    readonly IConsumer<string, byte[]> _consumer;
    readonly Audit _audit;
    readonly Thread _thread;
    volatile bool _isEnding;

    public KafkaEvents(string servers, Topics topics, int partitions, Audit audit)
    {
        _audit = audit;
        _consumer = new ConsumerBuilder<string, byte[]>(new ConsumerConfig
        {
            BootstrapServers = servers,
            GroupId = "chaos-reader",
            EnableAutoCommit = false,
            IsolationLevel = IsolationLevel.ReadCommitted,
            AutoOffsetReset = AutoOffsetReset.Error,
            FetchWaitMaxMs = 100,
            FetchMinBytes = 20_000,
            ReconnectBackoffMaxMs = 1000,
        }).SetErrorHandler((_, _) => { }).SetLogHandler((_, _) => { }).Build();
        _consumer.Assign(Enumerable.Range(0, partitions).Select(p => new TopicPartitionOffset(topics.Events, p, Offset.Beginning)));
        _thread = new Thread(Run) { IsBackground = true, Name = "events on Kafka" };
        _thread.Start();
    }

    public void Dispose()
    {
        _isEnding = true;
        _thread.Join();
        _consumer.Dispose();
    }

    void Run()
    {
        while (!_isEnding)
        {
            try
            {
                if (_consumer.Consume(100) is { Message: { Value: not null } message })
                    _audit.Take(Outlet.Kafka, message.Key, IdOf(message.Headers), message.Value);
            }
            catch (ConsumeException)
            {
                // Brokers come and go.
            }
        }
    }

    static string IdOf(Headers headers) => headers.TryGetLastBytes(EventHeaders.Id, out var id) ? Encoding.UTF8.GetString(id) : "";
}
