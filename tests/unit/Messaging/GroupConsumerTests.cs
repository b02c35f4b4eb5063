using System.Collections.Concurrent;
using Messaging;

namespace Pipeline.Tests.Messaging;

public sealed class GroupConsumerTests
{
    private readonly CancellationToken _ct = TestContext.Current.CancellationToken;

    [Fact]
    public async Task Reads_from_the_beginning_and_goes_on_behind_what_was_done()
    {
        using var embedded = new Embedded();
        var producer = embedded.Producer();
        await Append(producer, 0, 10);

        var first = new Handler();
        var member = embedded.Member(first);
        member.Start();
        await first.Read.Reach(10);
        foreach (var offset in new long[] { 0, 1, 2, 3, 5, 6 }) // 4 is missing
        {
            member.Done(Embedded.Topic, 0, offset);
        }

        Assert.True(member.Assigned);
        await member.StopAsync(TimeSpan.Zero);
        Assert.True(member.Completion.IsCompletedSuccessfully);
        Assert.False(member.Assigned);
        Assert.Equal(4, first.Revoked.Single().Count);

        var second = new Handler();
        embedded.Member(second).Start();
        await second.Read.Reach(6);
        Assert.Equal([4L, 5, 6, 7, 8, 9], second.Read.All.Select(record => record.Offset));
    }

    [Fact]
    public async Task Commits_while_running_and_knows_its_lag()
    {
        using var embedded = new Embedded(partitions: 1);
        var producer = embedded.Producer();
        var handler = new Handler { DoneAtOnce = true };
        var member = embedded.Member(handler);
        handler.Member = member;
        member.Start();
        await Append(producer, 0, 5);
        await handler.Read.Reach(5);
        Assert.True(await EmbeddedBrokerTests.WaitFor(() => member.Lags is [{ Records: 0, Partition.Partition: 0 }]));
        handler.DoneAtOnce = false;
        await Append(producer, 0, 3);
        Assert.True(await EmbeddedBrokerTests.WaitFor(() => member.Lags is [{ Records: 3 }]));
    }

    [Fact]
    public async Task Lag_grows_while_a_partition_is_paused()
    {
        using var embedded = new Embedded(partitions: 1);
        var producer = embedded.Producer();
        var handler = new Handler();
        var member = embedded.Member(handler, most: 10);
        member.Start();
        await Append(producer, 0, 20);
        await handler.Read.Reach(10);
        Assert.True(await EmbeddedBrokerTests.WaitFor(() => member.Lags is [{ Records: 20 }]));
        await Append(producer, 0, 30);
        Assert.True(await EmbeddedBrokerTests.WaitFor(() => member.Lags is [{ Records: 50 }]));
    }

    [Fact]
    public async Task Partitions_stay_paused_until_the_assignment_is_prepared()
    {
        using var embedded = new Embedded();
        var producer = embedded.Producer();
        for (var partition = 0; partition < 4; partition++)
        {
            await Append(producer, partition, 20);
        }

        var prepared = new TaskCompletionSource();
        var handler = new Handler { Preparing = prepared.Task };
        var member = embedded.Member(handler);
        member.Start();
        await handler.Assigned.Task.WaitAsync(Embedded.Bound);
        var reader = embedded.Reader(); // takes longer than a fetch
        reader.Start([new LogPosition(Embedded.Topic, 0, LogPosition.Beginning)], _ => { });
        Assert.True(await reader.CatchUpAsync(Embedded.Topic, 0, Embedded.Bound));
        Assert.Empty(handler.Read.All);
        Assert.False(member.Assigned);

        prepared.SetResult();
        await handler.Read.Reach(80);
        Assert.True(member.Assigned);
        Assert.All(
            handler.Read.All.GroupBy(record => record.Partition),
            partition => Assert.Equal(Enumerable.Range(0, 20).Select(i => (long)i), partition.Select(record => record.Offset)));
    }

    [Fact]
    public async Task A_partition_with_too_much_under_way_waits_and_the_others_do_not()
    {
        using var embedded = new Embedded();
        var producer = embedded.Producer();
        await Append(producer, 0, 50);
        await Append(producer, 1, 5);
        var handler = new Handler();
        var member = embedded.Member(handler, most: 10);
        member.Start();
        await handler.Read.Reach(15);
        await Append(producer, 1, 2);
        await handler.Read.Reach(17); // the loop goes on
        Assert.Equal(10, handler.Read.All.Count(record => record.Partition == 0));

        for (var offset = 0; offset < 50; offset++)
        {
            Assert.True(await EmbeddedBrokerTests.WaitFor(
                () => handler.Read.All.Any(record => record.Partition == 0 && record.Offset == offset)));
            Assert.InRange(handler.Read.All.Count(record => record.Partition == 0), 0, offset + 10);
            member.Done(Embedded.Topic, 0, offset);
        }
    }

    [Fact]
    public async Task A_second_member_takes_over_half_and_nothing_is_lost()
    {
        using var embedded = new Embedded();
        var producer = embedded.Producer();
        var both = new Collected();
        var first = new Handler { DoneAtOnce = true, Read = both };
        var second = new Handler { DoneAtOnce = true, Read = both };
        first.Member = embedded.Member(first, name: "first");
        second.Member = embedded.Member(second, name: "second");
        first.Member.Start();
        await AppendAll(producer, 200);
        await both.ReachDistinct(200);

        second.Member.Start();
        Assert.True(await EmbeddedBrokerTests.WaitFor(
            () => first.Partitions == 2 && second.Partitions == 2 && first.Member.Assigned && second.Member.Assigned));
        await AppendAll(producer, 200);
        await both.ReachDistinct(400);

        await first.Member.StopAsync(TimeSpan.FromSeconds(1));
        await AppendAll(producer, 200);
        await both.ReachDistinct(600);
        Assert.Equal(4, second.Partitions); // how often a record is done is seen on Kafka: this broker takes no commits while it rebalances
    }

    [Fact]
    public async Task What_was_under_way_when_the_brokers_went_away_is_not_done_again()
    {
        using var embedded = new Embedded(partitions: 1);
        var producer = embedded.Producer();
        await Append(producer, 0, 1);
        var handler = new Handler();
        var member = embedded.Member(handler);
        member.Start();
        await handler.Read.Reach(1);
        member.Done(Embedded.Topic, 0, 0);
        await Until(() => embedded.Committed() == 1);

        // One is done while the member cannot commit, one when it has lost the partition, one when it holds it again.
        await Append(producer, 0, 3);
        await handler.Read.Reach(4);
        embedded.Broker.SetDown();
        member.Done(Embedded.Topic, 0, 1);
        await Until(() => handler.Suspended > 0);
        member.Done(Embedded.Topic, 0, 2);
        embedded.Broker.SetUp();
        await Append(producer, 0, 1);
        await handler.Read.Reach(5);
        Assert.Equal([0L, 1, 2, 3, 4], handler.Read.All.Select(record => record.Offset));
        Assert.Empty(handler.Revoked);

        member.Done(Embedded.Topic, 0, 3);
        member.Done(Embedded.Topic, 0, 4);
        await Until(() => embedded.Committed() == 5);
    }

    [Fact]
    public async Task A_member_that_stops_while_the_brokers_are_away_gives_up_what_it_had()
    {
        using var embedded = new Embedded(partitions: 2);
        var handler = new Handler();
        var member = embedded.Member(handler);
        member.Start();
        await Until(() => member.Assigned);
        embedded.Broker.SetDown();
        await Until(() => handler.Suspended > 0);
        await member.StopAsync(TimeSpan.Zero);
        Assert.Equal(2, handler.Revoked.Sum(partitions => partitions.Count));
    }

    [Fact]
    public async Task Done_for_a_partition_that_was_given_up_is_ignored()
    {
        using var embedded = new Embedded(partitions: 1);
        var producer = embedded.Producer();
        await Append(producer, 0, 3);
        var handler = new Handler();
        var member = embedded.Member(handler);
        member.Start();
        await handler.Read.Reach(3);
        await member.StopAsync(TimeSpan.Zero);
        member.Done(Embedded.Topic, 0, 0);
        member.Done("elsewhere", 9, 0);

        var again = new Handler();
        embedded.Member(again).Start();
        await again.Read.Reach(3);
        Assert.Equal(0, again.Read.All[0].Offset);
    }

    [Fact]
    public async Task Stopping_waits_for_what_is_under_way()
    {
        using var embedded = new Embedded(partitions: 1);
        var producer = embedded.Producer();
        await Append(producer, 0, 3);
        var handler = new Handler();
        var member = embedded.Member(handler);
        member.Start();
        await handler.Read.Reach(3);
        var stopping = member.StopAsync(Embedded.Bound);
        member.Done(Embedded.Topic, 0, 0);
        member.Done(Embedded.Topic, 0, 1);
        Assert.False(stopping.IsCompleted);
        member.Done(Embedded.Topic, 0, 2);
        await stopping.WaitAsync(Embedded.Bound);

        await Append(producer, 0, 1);
        var next = new Handler();
        embedded.Member(next).Start();
        await next.Read.Reach(1);
        Assert.Equal(3, next.Read.All[0].Offset);
    }

    [Fact]
    public async Task A_handler_that_throws_ends_the_consumer_and_the_record_is_given_again()
    {
        using var embedded = new Embedded(partitions: 1);
        var producer = embedded.Producer();
        await Append(producer, 0, 1);
        var member = embedded.Member(new Handler { Throws = true });
        member.Start();
        await Assert.ThrowsAsync<InvalidOperationException>(() => member.Completion.WaitAsync(Embedded.Bound));

        var next = new Handler();
        embedded.Member(next).Start();
        await next.Read.Reach(1);
    }

    [Fact]
    public async Task A_preparation_that_fails_ends_the_consumer()
    {
        using var embedded = new Embedded();
        var member = embedded.Member(new Handler { Preparing = Task.FromException(new InvalidOperationException("boom")) });
        member.Start();
        await Assert.ThrowsAsync<InvalidOperationException>(() => member.Completion.WaitAsync(Embedded.Bound));
    }

    [Fact]
    public async Task A_group_that_reads_nothing_holds_up_the_producer_until_it_commits()
    {
        using var embedded = new Embedded(partitions: 1);
        var handler = new Handler { DoneAtOnce = true };
        var member = embedded.Member(handler); // a reader from now on
        handler.Member = member;
        var producer = embedded.Producer();
        var sink = new Outcomes(int.MaxValue);
        var handed = 0;
        while (producer.TryAppend(Embedded.Topic, 0, null, new byte[10_000], null, sink, handed) == AppendStatus.Handed)
        {
            handed++;
        }

        Assert.InRange(handed, 350, 450);
        member.Start();
        await handler.Read.Reach(handed);
        Assert.True((await producer.AppendAsync(Embedded.Topic, 0, null, new byte[10_000], null, _ct).WaitAsync(Embedded.Bound)).Succeeded);
    }

    [Fact]
    public async Task A_position_that_is_no_longer_in_the_log_is_told_and_reading_goes_on()
    {
        var log = new LogLines();
        using var embedded = new Embedded(partitions: 1, budget: false, logger: log);
        var producer = embedded.Producer();
        await Append(producer, 0, 3);
        var handler = new Handler { DoneAtOnce = true };
        var member = embedded.Member(handler);
        handler.Member = member;
        member.Start();
        await handler.Read.Reach(3);
        await member.StopAsync(Embedded.Bound);

        const int Count = 1000;
        var outcomes = new Outcomes(Count);
        for (var i = 0; i < Count; i++)
        {
            producer.TryAppend(Embedded.Topic, 0, null, new byte[10_000], null, outcomes, i);
        }

        await outcomes.Complete;
        var next = new Handler { DoneAtOnce = true };
        next.Member = embedded.Member(next);
        next.Member.Start();
        Assert.True(await EmbeddedBrokerTests.WaitFor(() => next.Read.All is [.., { Offset: Count + 2 }]));
        Assert.InRange(next.Read.All[0].Offset, 4, Count);
        Assert.Contains(log.Lines, line => line.Contains("offset 3 of t.records[0] is no longer in the log", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Brokers_that_go_and_come_back_lose_nothing()
    {
        using var embedded = new Embedded(partitions: 1);
        var producer = embedded.Producer();
        var handler = new Handler { DoneAtOnce = true };
        var member = embedded.Member(handler);
        handler.Member = member;
        member.Start();
        await Append(producer, 0, 5);
        await handler.Read.Reach(5);
        embedded.Broker.SetDown();
        Assert.True(await EmbeddedBrokerTests.WaitFor(() => producer.BrokersAway));
        embedded.Broker.SetUp();
        await Append(producer, 0, 5);
        await handler.Read.ReachDistinct(10);
        Assert.False(member.Completion.IsCompleted);
    }

    private async Task AppendAll(LogProducer producer, int count) => await Task.WhenAll(
        Enumerable.Range(0, count).Select(i => producer.AppendAsync(Embedded.Topic, i % 4, null, [1], null, _ct)));

    private async Task Append(LogProducer producer, int partition, int count) => await Task.WhenAll(
        Enumerable.Range(0, count).Select(_ => producer.AppendAsync(Embedded.Topic, partition, null, [1], null, _ct)));

    private static async Task Until(Func<bool> condition)
    {
        using var bound = new CancellationTokenSource(Embedded.Bound);
        while (!condition())
        {
            await Task.Delay(20, bound.Token);
        }
    }

    private sealed class Handler : IGroupHandler
    {
        public GroupConsumer? Member { get; set; }
        public volatile bool DoneAtOnce;
        public bool Throws { get; init; }
        public Task Preparing { get; init; } = Task.CompletedTask;
        public Collected Read { get; init; } = new();
        public TaskCompletionSource Assigned { get; } = new();
        public ConcurrentQueue<IReadOnlyList<TopicPartition>> Revoked { get; } = new();
        public volatile int Partitions;
        public volatile int Suspended;

        public Task AssignedAsync(IReadOnlyList<TopicPartition> partitions, CancellationToken ct)
        {
            Partitions = partitions.Count;
            Assigned.TrySetResult();
            return Preparing;
        }

        void IGroupHandler.Suspended(IReadOnlyList<TopicPartition> partitions) => Suspended += partitions.Count;

        void IGroupHandler.Revoked(IReadOnlyList<TopicPartition> partitions) => Revoked.Enqueue(partitions);

        public void Handle(LogRecord record)
        {
            if (Throws)
            {
                throw new InvalidOperationException("boom");
            }

            if (DoneAtOnce)
            {
                Member!.Done(record.Topic, record.Partition, record.Offset);
            }

            Read.Add(record);
        }
    }
}
