using System.Collections.Concurrent;
using System.Text;
using Confluent.Kafka;
using Contracts;
using Messaging;
using Microsoft.Extensions.Logging.Abstractions;
using TopicPartition = Messaging.TopicPartition;

namespace Pipeline.IntegrationTests.Kafka;

/// <summary>What only a real Kafka shows: rebalances with commits, control records, durability.</summary>
public sealed class MessagingTests(KafkaFixture kafka)
{
    private static readonly TimeSpan s_bound = TimeSpan.FromSeconds(60);

    private readonly CancellationToken _ct = TestContext.Current.CancellationToken;

    [Fact]
    public async Task Catch_up_sees_what_was_written_and_passes_control_records()
    {
        var (connection, topic) = await TopicAsync();
        using var producer = new LogProducer(connection, "producer", NullLogger.Instance);
        using var reader = new LogReader(connection, "reader", NullLogger.Instance);
        long handled = -1;
        reader.Start([new LogPosition(topic, 0, LogPosition.Beginning)], record => Volatile.Write(ref handled, record.Offset));
        for (var i = 0; i < 50; i++)
        {
            var written = await producer.AppendAsync(topic, 0, null, [1], null, _ct);
            Assert.True(await reader.CatchUpAsync(topic, 0, s_bound));
            Assert.True(Volatile.Read(ref handled) >= written.Offset);
        }

        using var transactions = new ProducerBuilder<byte[], byte[]>(
            new ProducerConfig { BootstrapServers = connection.BootstrapServers, TransactionalId = topic }).Build();
        transactions.InitTransactions(s_bound);
        foreach (var commit in new[] { true, false })
        {
            transactions.BeginTransaction();
            await transactions.ProduceAsync(new Confluent.Kafka.TopicPartition(topic, 0), new Message<byte[], byte[]> { Value = [2] }, _ct);
            if (commit)
            {
                transactions.CommitTransaction();
            }
            else
            {
                transactions.AbortTransaction();
            }

            // The log ends with a control record, which no reader is ever given.
            Assert.True(await reader.CatchUpAsync(topic, 0, s_bound));
        }

        Assert.Equal(50, Volatile.Read(ref handled)); // the committed one; the aborted one stays unseen
        Assert.Equal(54, await reader.EndOffsetAsync(topic, 0, s_bound));
    }

    [Fact]
    public async Task Catch_up_of_all_partitions_does_not_wait_for_fetches()
    {
        const int Partitions = 24;
        var patient = new Dictionary<string, string> { ["fetch.wait.max.ms"] = "50000" }; // nothing arrives: a fetch waits so long
        var connection = await kafka.ConnectAsync();
        connection = connection with { Options = connection.Options with { Client = patient } };
        var topic = connection.Options.TopicPrefix + ".records";
        await EnsureAsync(connection, topic, Partitions);
        using var reader = new LogReader(connection, "reader", NullLogger.Instance);
        reader.Start([.. Enumerable.Range(0, Partitions).Select(p => new LogPosition(topic, p, LogPosition.Beginning))], _ => { });
        for (var i = 0; i < 20; i++)
        {
            var asked = Enumerable.Range(0, Partitions).Select(p => reader.CatchUpAsync(topic, p, TimeSpan.FromSeconds(20)));
            Assert.All(await Task.WhenAll(asked), Assert.True);
        }
    }

    [Fact]
    public async Task Members_come_and_go_and_each_record_is_done_once()
    {
        var (connection, topic) = await TopicAsync();
        using var producer = new LogProducer(connection, "producer", NullLogger.Instance);
        var done = new ConcurrentDictionary<(int Partition, long Offset), int>();
        using var first = new Member(connection, topic, "first", done);
        using var second = new Member(connection, topic, "second", done);
        first.Consumer.Start();
        var writing = Task.Run(() => WriteAsync(producer, topic, 3000), _ct);
        await WaitForAsync(() => done.Count >= 500);
        second.Consumer.Start();
        await WaitForAsync(() => first.Partitions == 2 && second.Partitions == 2 && second.Consumer.Assigned);
        await writing;
        await WaitForAsync(() => done.Count == 3000);

        await first.Consumer.StopAsync(s_bound);
        await WriteAsync(producer, topic, 500);
        await WaitForAsync(() => done.Count == 3500);
        Assert.Equal(4, second.Partitions);
        await second.Consumer.StopAsync(s_bound);
        Assert.All(done, record => Assert.Equal(1, record.Value)); // orderly hand-overs repeat nothing

        using var third = new Member(connection, topic, "third", done);
        third.Consumer.Start();
        await WaitForAsync(() => third.Consumer.Assigned);
        await WriteAsync(producer, topic, 10);
        await WaitForAsync(() => done.Count == 3510);
        Assert.All(done, record => Assert.Equal(1, record.Value));
    }

    [Fact]
    public async Task A_position_behind_deleted_records_is_told_and_reading_goes_on()
    {
        var (connection, topic) = await TopicAsync();
        using var producer = new LogProducer(connection, "producer", NullLogger.Instance);
        await WriteAsync(producer, topic, 40);
        var done = new ConcurrentDictionary<(int Partition, long Offset), int>();
        using (var member = new Member(connection, topic, "member", done))
        {
            member.Consumer.Start();
            await WaitForAsync(() => done.Count == 40);
            await member.Consumer.StopAsync(s_bound);
        }

        await WriteAsync(producer, topic, 40);
        using (var admin = new AdminClientBuilder(new AdminClientConfig { BootstrapServers = connection.BootstrapServers }).Build())
        {
            await admin.DeleteRecordsAsync([new TopicPartitionOffset(topic, 0, 15)]);
        }

        using var reader = new LogReader(connection, "reader", NullLogger.Instance);
        long first = -1;
        reader.Start([new LogPosition(topic, 0, 3)], record => Interlocked.CompareExchange(ref first, record.Offset, -1));
        Assert.True(await reader.CatchUpAsync(topic, 0, s_bound));
        Assert.Equal(15, Interlocked.Read(ref first));

        using var next = new Member(connection, topic, "next", done);
        next.Consumer.Start();
        await WaitForAsync(() => done.Count == 75 && done.ContainsKey((0, 19)));
        Assert.False(done.ContainsKey((0, 14)));
    }

    [Fact]
    public async Task A_broker_that_is_killed_and_comes_back_has_all_that_it_acknowledged()
    {
        KafkaFixture.SkipUnlessPossible();
        await using var cluster = await KafkaCluster.StartAsync();
        var connection = KafkaFixture.Connect(cluster, "killed");
        // The group waits a session time-out for the member that its restarted coordinator remembers.
        var quick = new Dictionary<string, string> { ["session.timeout.ms"] = "6000" };
        connection = connection with { Options = connection.Options with { Client = quick } };
        const string Topic = "killed.records";
        await EnsureAsync(connection, Topic);
        using var producer = new LogProducer(connection, "producer", NullLogger.Instance);
        var done = new ConcurrentDictionary<(int Partition, long Offset), int>();
        using var member = new Member(connection, Topic, "member", done);
        member.Consumer.Start();

        using var enough = new CancellationTokenSource();
        var writing = Task.Run(() => WriteUntilAsync(producer, Topic, enough.Token), _ct);
        await WaitForAsync(() => done.Count > 200);
        await cluster.KillAsync();
        await WaitForAsync(() => producer.BrokersAway);
        await cluster.RestartAsync();
        await WaitForAsync(() => !producer.BrokersAway);
        var before = done.Count;
        await WaitForAsync(() => done.Count > before + 200); // goes on by itself
        await enough.CancelAsync();
        var acknowledged = await writing;

        var read = new ConcurrentDictionary<string, int>();
        using var reader = new LogReader(connection, "reader", NullLogger.Instance);
        reader.Start(
            [.. Enumerable.Range(0, 4).Select(partition => new LogPosition(Topic, partition, LogPosition.Beginning))],
            record => read.AddOrUpdate(Encoding.UTF8.GetString(record.Value!), 1, (_, times) => times + 1));
        for (var partition = 0; partition < 4; partition++)
        {
            Assert.True(await reader.CatchUpAsync(Topic, partition, s_bound));
        }

        Assert.True(acknowledged.Count > 400);
        Assert.All(acknowledged, value => Assert.True(read.ContainsKey(value), value + " was acknowledged and is lost"));
        Assert.All(read, record => Assert.Equal(1, record.Value)); // idempotent: retries make no second record
        await WaitForAsync(() => done.Count >= read.Count);
    }

    private async Task<(KafkaConnection Connection, string Topic)> TopicAsync()
    {
        var connection = await kafka.ConnectAsync();
        var topic = connection.Options.TopicPrefix + ".records";
        await EnsureAsync(connection, topic);
        return (connection, topic);
    }

    private Task EnsureAsync(KafkaConnection connection, string topic, int partitions = 4) => TopicProvisioning.EnsureAsync(
        connection, [TopicProvisioningTests.Spec(topic, partitions, CleanupPolicy.Delete)], NullLogger.Instance, _ct);

    private async Task WriteAsync(LogProducer producer, string topic, int count)
    {
        foreach (var chunk in Enumerable.Range(0, count).Chunk(100))
        {
            var results = await Task.WhenAll(chunk.Select(i => producer.AppendAsync(topic, i % 4, null, [1], null, _ct)));
            Assert.All(results, result => Assert.True(result.Succeeded));
        }
    }

    private static async Task<List<string>> WriteUntilAsync(LogProducer producer, string topic, CancellationToken ct)
    {
        var acknowledged = new List<string>();
        for (var i = 0; !ct.IsCancellationRequested; i++)
        {
            var values = Enumerable.Range(0, 20).Select(k => $"{i}.{k}").ToArray();
            var results = await Task.WhenAll(values.Select(
                (value, k) => producer.AppendAsync(topic, k % 4, null, Encoding.UTF8.GetBytes(value), null, CancellationToken.None)));
            acknowledged.AddRange(values.Where((_, k) => results[k].Succeeded));
        }

        return acknowledged;
    }

    private static async Task WaitForAsync(Func<bool> condition)
    {
        for (var until = Environment.TickCount64 + s_bound.TotalMilliseconds; !condition(); await Task.Delay(10))
        {
            Assert.True(Environment.TickCount64 < until, "Waited in vain.");
        }
    }

    private sealed class Member : IGroupHandler, IDisposable
    {
        private readonly ConcurrentDictionary<(int Partition, long Offset), int> _done;

        public Member(KafkaConnection connection, string topic, string name, ConcurrentDictionary<(int Partition, long Offset), int> done)
        {
            _done = done;
            Consumer = new GroupConsumer(connection, topic + ".group", name, [topic], this, 100, NullLogger.Instance);
        }

        public GroupConsumer Consumer { get; }
        public volatile int Partitions;

        public Task AssignedAsync(IReadOnlyList<TopicPartition> partitions, CancellationToken ct)
        {
            Partitions = partitions.Count;
            return Task.CompletedTask;
        }

        public void Revoked(IReadOnlyList<TopicPartition> partitions) => Partitions = 0;

        public void Handle(LogRecord record) => _ = Task.Run(() =>
        {
            _done.AddOrUpdate((record.Partition, record.Offset), 1, (_, times) => times + 1);
            Consumer.Done(record.Topic, record.Partition, record.Offset);
        });

        public void Dispose() => Consumer.Dispose();
    }
}
