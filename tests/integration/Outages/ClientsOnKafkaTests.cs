using System.Buffers.Binary;
using System.Collections.Concurrent;
using Confluent.Kafka;
using Contracts;
using Messaging;
using Microsoft.Extensions.Logging.Abstractions;
using Pipeline.IntegrationTests.Kafka;
using TopicPartition = Messaging.TopicPartition;

namespace Pipeline.IntegrationTests.Outages;

/// <summary>What only a real Kafka shows of clients in trouble: sequence numbers against repetition, and control records.</summary>
public sealed class ClientsOnKafkaTests(KafkaFixture kafka)
{
    static readonly TimeSpan Bound = TimeSpan.FromSeconds(90);
    static readonly Patience Short = new(TimeSpan.FromMilliseconds(250), TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(1), TimeSpan.FromMinutes(1), TimeSpan.FromSeconds(30));

    readonly CancellationToken _ct = TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_broker_that_dies_in_the_middle_costs_no_record_no_order_and_doubles_nothing()
    {
        KafkaFixture.SkipUnlessPossible();
        await using var cluster = await KafkaCluster.StartAsync();
        var connection = KafkaFixture.Connect(cluster, "dies");
        await EnsureAsync(connection, "dies.records");
        using var producer = new LogProducer(connection, "producer", NullLogger.Instance);
        await producer.AppendAsync("dies.records", 0, null, Value(0), null, _ct);
        var writing = Task.Run(WriteAsync, _ct);
        await cluster.KillAsync();
        await cluster.RestartAsync();
        var written = await writing.WaitAsync(Bound, _ct);
        Assert.All(written, result => Assert.True(result.Succeeded));

        var read = new ConcurrentQueue<int>();
        using var reader = new LogReader(connection, "reader", NullLogger.Instance);
        reader.Start([new LogPosition("dies.records", 0, LogPosition.Beginning)], record => read.Enqueue(BinaryPrimitives.ReadInt32BigEndian(record.Value)));
        Assert.True(await reader.CatchUpAsync("dies.records", 0, Bound));
        Assert.Equal(Enumerable.Range(0, written.Length + 1), read);

        // Bursts that are under way whenever it happens.
        async Task<AppendResult[]> WriteAsync()
        {
            var appends = new List<Task<AppendResult>>();
            for (var i = 1; i <= 5000; i++)
            {
                appends.Add(producer.AppendAsync("dies.records", 0, null, Value(i), null, _ct));
                if (i % 5 == 0)
                    await Task.Delay(2, _ct);
            }

            return await Task.WhenAll(appends);
        }
    }

    [Fact]
    public async Task A_member_behind_which_stand_only_control_records_does_not_stand_still()
    {
        var connection = await kafka.ConnectAsync() with { Patience = Short };
        var topic = connection.Options.TopicPrefix + ".records";
        await EnsureAsync(connection, topic);
        using var transactions = new ProducerBuilder<byte[], byte[]>(
            new ProducerConfig { BootstrapServers = connection.BootstrapServers, TransactionalId = topic }).Build();
        transactions.InitTransactions(Bound);
        var handler = new Counting();
        using var member = handler.Member = new GroupConsumer(connection, topic, "member", [topic], handler, 100, NullLogger.Instance);
        Write(commit: true);
        member.Start();
        await handler.ReachAsync(1, _ct);
        Write(commit: false);

        await Task.Delay(4 * Short.StandsStill, _ct); // time must pass
        Assert.False(member.Completion.IsCompleted);
        Write(commit: true);
        await handler.ReachAsync(2, _ct);
        await member.StopAsync(TimeSpan.Zero);

        void Write(bool commit)
        {
            transactions.BeginTransaction();
            transactions.Produce(new Confluent.Kafka.TopicPartition(topic, 0), new Message<byte[], byte[]> { Value = [1] });
            transactions.Flush(Bound);
            if (commit)
                transactions.CommitTransaction();
            else
                transactions.AbortTransaction();
        }
    }

    Task EnsureAsync(KafkaConnection connection, string topic) => TopicProvisioning.EnsureAsync(
        connection, [TopicProvisioningTests.Spec(topic, 1, CleanupPolicy.Delete)], NullLogger.Instance, _ct);

    static byte[] Value(int number)
    {
        var value = new byte[4];
        BinaryPrimitives.WriteInt32BigEndian(value, number);
        return value;
    }

    sealed class Counting : IGroupHandler
    {
        volatile int _count;

        public GroupConsumer? Member { get; set; }

        public async Task ReachAsync(int count, CancellationToken ct)
        {
            using var bound = CancellationTokenSource.CreateLinkedTokenSource(ct);
            bound.CancelAfter(Bound);
            while (_count < count)
                await Task.Delay(20, bound.Token);
        }

        public Task AssignedAsync(IReadOnlyList<TopicPartition> partitions, CancellationToken ct) => Task.CompletedTask;

        public void Revoked(IReadOnlyList<TopicPartition> partitions)
        {
        }

        public void Handle(LogRecord record)
        {
            _count++;
            Member!.Done(record.Topic, record.Partition, record.Offset);
        }
    }
}
