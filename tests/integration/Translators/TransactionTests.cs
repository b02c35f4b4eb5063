using System.Collections.Concurrent;
using Confluent.Kafka;
using Contracts;
using Messaging;
using Microsoft.Extensions.Logging.Abstractions;
using Pipeline.IntegrationTests.Gateways;
using Pipeline.IntegrationTests.Kafka;
using TopicPartition = Messaging.TopicPartition;

namespace Pipeline.IntegrationTests.Translators;

/// <summary>What transactions promise their readers, and what is left of one whose writer has died, hangs, or was replaced.</summary>
public sealed class TransactionTests(TranslatorKafkaFixture kafka) : IClassFixture<TranslatorKafkaFixture>, IAsyncLifetime
{
    static readonly TimeSpan Bound = TimeSpan.FromSeconds(60);
    static readonly TimeSpan Soon = TimeSpan.FromSeconds(1);
    static int prefixes;

    readonly ConcurrentQueue<byte> _seen = new();
    readonly CancellationToken _ct = TestContext.Current.CancellationToken;
    KafkaConnection _connection = null!;
    LogReader _reader = null!;
    string _topic = "";

    public async ValueTask InitializeAsync()
    {
        KafkaFixture.SkipUnlessPossible();
        _connection = KafkaFixture.Connect(kafka.Cluster, $"transactions{Interlocked.Increment(ref prefixes)}");
        _topic = _connection.Options.TopicPrefix + ".records";
        await TopicProvisioning.EnsureAsync(
            _connection, [new TopicSpec { Name = _topic, Partitions = 1, Cleanup = CleanupPolicy.Delete, Settings = new Dictionary<string, string>() }],
            NullLogger.Instance, _ct);
        _reader = new LogReader(_connection, "reader", NullLogger.Instance);
        _reader.Start([new LogPosition(_topic, 0, LogPosition.Beginning)], record => _seen.Enqueue(record.Value![0]));
    }

    public ValueTask DisposeAsync()
    {
        _reader?.Dispose();
        return ValueTask.CompletedTask;
    }

    [Fact]
    public async Task Readers_see_all_or_nothing_and_only_who_asks_for_it_waits_for_an_open_transaction()
    {
        using var producer = Begun("one");
        Write(producer, 1, 2);
        await IsWrittenAsync(2);

        Assert.True(await _reader.CatchUpAsync(_topic, 0, Bound)); // what may be seen has been seen: nothing
        Assert.Empty(_seen);
        Assert.False(await _reader.CatchUpAsync(_topic, 0, Soon, LogPosition.Written));
        var waiting = _reader.CatchUpAsync(_topic, 0, Bound, LogPosition.Written);
        using var member = await MemberAsync();
        producer.Commit([new LogPosition(_topic, 0, 0)], member.Consumer.Membership!, _ct);
        Assert.True(await waiting);
        Assert.Equal<byte>([1, 2], _seen);
    }

    [Fact]
    public async Task Who_takes_the_transactional_id_ends_what_its_former_holder_has_open()
    {
        using var member = await MemberAsync();
        using var former = Begun("same");
        Write(former, 1);
        await IsWrittenAsync(1);
        using var successor = Begun("same");
        Assert.True(await _reader.CatchUpAsync(_topic, 0, Bound, LogPosition.Written));
        Assert.Throws<TransactionFailedException>(() => former.Commit([new LogPosition(_topic, 0, 0)], member.Consumer.Membership!, _ct));
        Write(successor, 2);
        successor.Commit([], member.Consumer.Membership!, _ct);
        Assert.True(await _reader.CatchUpAsync(_topic, 0, Bound, LogPosition.Written));
        Assert.Equal<byte>([2], _seen);
    }

    [Fact]
    public async Task The_dead_are_waited_for_no_longer_than_the_time_of_a_transaction()
    {
        _connection = _connection with
        {
            Options = _connection.Options with { Client = new Dictionary<string, string> { ["transaction.timeout.ms"] = "3000" } },
        };
        using var dead = Begun("dead");
        Write(dead, 1);
        await IsWrittenAsync(1);
        Assert.True(await _reader.CatchUpAsync(_topic, 0, TimeSpan.FromSeconds(20), LogPosition.Written));
        Assert.Empty(_seen);
    }

    [Fact]
    public async Task A_member_that_was_replaced_commits_nothing()
    {
        using var former = await MemberAsync();
        var membership = former.Consumer.Membership!;
        await former.Consumer.StopAsync(Soon);
        using var successor = await MemberAsync();
        using var producer = Begun("one");
        Write(producer, 1);
        Assert.Throws<TransactionFailedException>(() => producer.Commit([new LogPosition(_topic, 0, 1)], membership, _ct));
        producer.Dispose();
        Assert.True(await _reader.CatchUpAsync(_topic, 0, Bound, LogPosition.Written));
        Assert.Empty(_seen);
    }

    [Fact]
    public async Task A_new_member_waits_for_positions_whose_transaction_is_still_open()
    {
        using var writer = new LogProducer(_connection, "writer", NullLogger.Instance);
        for (byte i = 0; i < 3; i++)
            await writer.AppendAsync(_topic, 0, null, [i], null, _ct);
        using var former = await MemberAsync();
        using var raw = new ProducerBuilder<byte[], byte[]>(
            new ProducerConfig { BootstrapServers = _connection.BootstrapServers, TransactionalId = _topic, TransactionTimeoutMs = 30_000 }).Build();
        raw.InitTransactions(Bound);
        raw.BeginTransaction();
        raw.SendOffsetsToTransaction([new TopicPartitionOffset(_topic, 0, 2)], former.Consumer.Membership!.Metadata, Bound);
        await former.Consumer.StopAsync(Soon);

        using var successor = new Member(_connection, _topic);
        successor.Consumer.Start();
        await Task.Delay(TimeSpan.FromSeconds(3), _ct);
        Assert.False(successor.Consumer.Assigned);
        raw.CommitTransaction(Bound);
        await Eventually.TrueAsync(() => successor.Offsets.Contains(2), Bound, () => "nothing comes");
        Assert.Equal<long>([2], successor.Offsets);
    }

    TransactionalProducer Begun(string id)
    {
        var producer = new TransactionalProducer(_connection, "transactions", $"{_topic}.{id}", NullLogger.Instance);
        producer.Initialize(_ct);
        producer.Begin();
        return producer;
    }

    void Write(TransactionalProducer producer, params byte[] values)
    {
        foreach (var value in values)
            Assert.True(producer.Append(_topic, 0, null, [value], null, _ct));
    }

    // The client sends in the background.
    Task IsWrittenAsync(long offset) => Eventually.TrueAsync(
        () =>
        {
            using var asking = new ConsumerBuilder<Ignore, Ignore>(
                new ConsumerConfig { BootstrapServers = _connection.BootstrapServers, GroupId = "asking", IsolationLevel = IsolationLevel.ReadUncommitted }).Build();
            return asking.QueryWatermarkOffsets(new Confluent.Kafka.TopicPartition(_topic, 0), Bound).High >= offset;
        },
        Bound,
        () => "nothing is written");

    async Task<Member> MemberAsync()
    {
        var member = new Member(_connection, _topic);
        member.Consumer.Start();
        await Eventually.TrueAsync(() => member.Consumer.Assigned, Bound, () => "no assignment");
        return member;
    }

    sealed class Member : IGroupHandler, IDisposable
    {
        public Member(KafkaConnection connection, string topic) => Consumer = new GroupConsumer(
            connection, topic + ".group", "member", [topic], this, 100, NullLogger.Instance, byTransactions: true);

        public GroupConsumer Consumer { get; }

        public ConcurrentQueue<long> Offsets { get; } = new();

        public Task AssignedAsync(IReadOnlyList<TopicPartition> partitions, CancellationToken ct) => Task.CompletedTask;

        public void Revoked(IReadOnlyList<TopicPartition> partitions)
        {
        }

        public void Handle(LogRecord record) => Offsets.Enqueue(record.Offset);

        public void Dispose() => Consumer.Dispose();
    }
}
