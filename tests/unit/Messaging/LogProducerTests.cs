using System.Globalization;
using Contracts;
using Messaging;

namespace Pipeline.Tests.Messaging;

public sealed class LogProducerTests
{
    private readonly CancellationToken _ct = TestContext.Current.CancellationToken;

    [Fact]
    public async Task Each_record_is_reported_once_with_its_cookie_place_and_order()
    {
        using var embedded = new Embedded();
        var producer = embedded.Producer();
        const int Count = 2000;
        var outcomes = new Outcomes(Count);
        var keys = Enumerable.Range(0, 20).Select(i => Embedded.Bytes("device-" + i)).ToArray();
        for (var i = 0; i < Count; i++)
        {
            var value = Embedded.Bytes(i.ToString(CultureInfo.InvariantCulture));
            Assert.Equal(AppendStatus.Handed, producer.TryAppend(Embedded.Topic, -1, keys[i % 20], value, null, outcomes, i));
        }

        await outcomes.Complete;
        var reader = embedded.Reader();
        var read = new Collected();
        reader.Start([.. Enumerable.Range(0, 4).Select(p => new LogPosition(Embedded.Topic, p, LogPosition.Beginning))], read.Add);
        await read.Reach(Count);

        Assert.All(read.All, record =>
        {
            var cookie = long.Parse(System.Text.Encoding.UTF8.GetString(record.Value!), CultureInfo.InvariantCulture);
            Assert.Equal(new AppendResult(record.Partition, record.Offset, true), outcomes.By[cookie]);
            Assert.Equal(KeyPartitioner.PartitionOf(record.Key, 4), record.Partition);
        });
        Assert.All(
            read.All.GroupBy(record => Convert.ToHexString(record.Key)),
            device => Assert.Equal(device.Select(Number).Order(), device.Select(Number)));
    }

    [Fact]
    public async Task Without_a_budget_librdkafka_places_keys_as_we_do()
    {
        using var embedded = new Embedded(budget: false);
        var producer = embedded.Producer();
        for (var i = 0; i < 50; i++)
        {
            var key = Embedded.Bytes("urn:imei:" + (860_000_000 + (i * 7919)));
            var result = await producer.AppendAsync(Embedded.Topic, -1, key, [1], null, _ct);
            Assert.Equal(KeyPartitioner.PartitionOf(key, 4), result.Partition);
        }
    }

    [Fact]
    public async Task Headers_tombstones_and_explicit_partitions_arrive()
    {
        using var embedded = new Embedded();
        var producer = embedded.Producer();
        var first = await producer.AppendAsync(Embedded.Topic, 3, Embedded.Bytes("k"), null, [new("a", [1]), new("b", [])], _ct);
        var second = await producer.AppendAsync(Embedded.Topic, 3, Embedded.Bytes("k"), [7], null, _ct);
        Assert.Equal((new AppendResult(3, 0, true), new AppendResult(3, 1, true)), (first, second));

        var read = new Collected();
        embedded.Reader().Start([new LogPosition(Embedded.Topic, 3, LogPosition.Beginning)], read.Add);
        await read.Reach(2);
        Assert.Null(read.All[0].Value);
        Assert.Equal(["a", "b"], read.All[0].Headers.Select(header => header.Name));
        Assert.Equal([1], read.All[0].Headers[0].Value);
        Assert.Empty(read.All[1].Headers);
    }

    [Fact]
    public void A_record_that_kafka_would_not_take_is_too_large()
    {
        using var embedded = new Embedded();
        var status = embedded.Producer().TryAppend(Embedded.Topic, 0, null, new byte[UnreadBudget.MaxRecordBytes], null, new Outcomes(1), 0);
        Assert.Equal(AppendStatus.TooLarge, status);
    }

    [Fact]
    public async Task The_queue_is_bounded_and_drains()
    {
        using var embedded = new Embedded(budget: false);
        var producer = embedded.Producer();
        await producer.AppendAsync(Embedded.Topic, 0, null, [1], null, _ct);
        embedded.Broker.SetRoundTripTime(TimeSpan.FromSeconds(1));
        var value = new byte[1_000_000];
        const int room = 67; // of them in 64 MiB
        var outcomes = new Outcomes(int.MaxValue);
        var handed = 0;
        AppendStatus status;
        while ((status = producer.TryAppend(Embedded.Topic, handed % 4, null, value, null, outcomes, handed)) == AppendStatus.Handed)
        {
            handed++;
        }

        // On a busy machine the broker answers for some before the queue is full, and makes room for as many.
        var answered = outcomes.By.Count;
        Assert.Equal(AppendStatus.QueueFull, status);
        Assert.InRange(handed, room, room + answered);
        embedded.Broker.SetRoundTripTime(TimeSpan.Zero);
        await outcomes.CompleteAtAsync(handed);
        Assert.All(outcomes.By.Values, outcome => Assert.True(outcome.Succeeded));
        Assert.Equal(AppendStatus.Handed, producer.TryAppend(Embedded.Topic, 0, null, value, null, new Outcomes(1), 0));
    }

    [Fact]
    public void An_append_allocates_only_what_the_client_does()
    {
        using var embedded = new Embedded(budget: false);
        var producer = embedded.Producer();
        var key = Embedded.Bytes("device");
        var value = new byte[100];
        var sink = new Outcomes(int.MaxValue) { Keeps = false };
        const int Count = 5000;
        long allocated = 0;
        for (var round = 0; round < 3; round++) // the first two fill the pool
        {
            var before = GC.GetAllocatedBytesForCurrentThread();
            for (var i = 0; i < Count; i++)
            {
                producer.TryAppend(Embedded.Topic, -1, key, value, null, sink, i);
            }

            allocated = GC.GetAllocatedBytesForCurrentThread() - before;
            producer.Flush(Embedded.Bound);
        }

        Assert.InRange(allocated / Count, 0, 48); // one object of the client's
    }

    [Fact]
    public async Task Brokers_that_go_and_come_back_lose_nothing()
    {
        using var embedded = new Embedded();
        var producer = embedded.Producer();
        await producer.AppendAsync(Embedded.Topic, 0, null, [0], null, _ct);

        embedded.Broker.SetDown();
        var handed = new Outcomes(10);
        for (var i = 0; i < 10; i++)
        {
            Assert.Equal(AppendStatus.Handed, producer.TryAppend(Embedded.Topic, 0, null, [(byte)(1 + i)], null, handed, i));
        }

        Assert.True(await EmbeddedBrokerTests.WaitFor(() => producer.BrokersAway));
        Assert.Equal(AppendStatus.BrokersAway, producer.TryAppend(Embedded.Topic, 0, null, [99], null, new Outcomes(1), 0));
        var waiting = Enumerable.Range(0, 5).Select(i => producer.AppendAsync(Embedded.Topic, 0, null, [(byte)(11 + i)], null, _ct)).ToArray();
        Assert.All(waiting, append => Assert.False(append.IsCompleted));

        embedded.Broker.SetUp();
        await handed.Complete;
        Assert.All(await Task.WhenAll(waiting).WaitAsync(Embedded.Bound, _ct), result => Assert.True(result.Succeeded));
        Assert.False(producer.BrokersAway);

        var read = new Collected();
        embedded.Reader().Start([new LogPosition(Embedded.Topic, 0, LogPosition.Beginning)], read.Add);
        await read.Reach(16);
        Assert.Equal(Enumerable.Range(0, 16), read.All.Select(record => (int)record.Value![0]).Distinct());
    }

    [Fact]
    public async Task An_append_that_lasts_is_reported_as_failed()
    {
        using var embedded = new Embedded(client: new() { ["message.timeout.ms"] = "1000" });
        var producer = embedded.Producer();
        embedded.Broker.SetRoundTripTime(TimeSpan.FromSeconds(30));
        var result = await producer.AppendAsync(Embedded.Topic, 0, null, [1], null, _ct).WaitAsync(Embedded.Bound);
        Assert.False(result.Succeeded);
    }

    [Fact]
    public async Task The_end_of_the_producer_lets_go_of_those_who_wait()
    {
        using var embedded = new Embedded();
        var producer = embedded.Producer();
        embedded.Broker.SetRoundTripTime(TimeSpan.FromSeconds(30));
        var append = producer.AppendAsync(Embedded.Topic, 0, null, [1], null, _ct);
        producer.Dispose();
        Assert.False((await append.WaitAsync(Embedded.Bound)).Succeeded);
        Assert.True(producer.Completion.IsCompletedSuccessfully);
    }

    [Fact]
    public async Task A_sink_that_throws_ends_the_producer_for_all_to_see()
    {
        using var embedded = new Embedded();
        var producer = embedded.Producer();
        producer.TryAppend(Embedded.Topic, 0, null, [1], null, new Throwing(), 0);
        await Assert.ThrowsAsync<InvalidOperationException>(() => producer.Completion.WaitAsync(Embedded.Bound));
        Assert.Equal(AppendStatus.BrokersAway, producer.TryAppend(Embedded.Topic, 0, null, [1], null, new Throwing(), 0));
    }

    private static int Number(LogRecord record) => int.Parse(System.Text.Encoding.UTF8.GetString(record.Value!), CultureInfo.InvariantCulture);

    private sealed class Throwing : IAppendSink
    {
        public void Appended(long cookie, int partition, long offset, bool succeeded) => throw new InvalidOperationException("boom");
    }
}
