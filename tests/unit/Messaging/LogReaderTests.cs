using Messaging;

namespace Pipeline.Tests.Messaging;

public sealed class LogReaderTests
{
    private readonly CancellationToken _ct = TestContext.Current.CancellationToken;

    [Fact]
    public async Task Starts_at_the_beginning_the_end_or_an_offset()
    {
        using var embedded = new Embedded();
        var producer = embedded.Producer();
        for (var partition = 0; partition < 3; partition++)
        {
            await Append(producer, partition, 1, 2, 3);
        }

        var reader = embedded.Reader();
        Assert.Equal(3, await reader.EndOffsetAsync(Embedded.Topic, 1, Embedded.Bound));
        var read = new Collected();
        reader.Start(
            [
                new LogPosition(Embedded.Topic, 0, LogPosition.Beginning),
                new LogPosition(Embedded.Topic, 1, LogPosition.End),
                new LogPosition(Embedded.Topic, 2, 2),
            ],
            read.Add);
        Assert.True(await reader.CatchUpAsync(Embedded.Topic, 1, Embedded.Bound)); // the end has been taken
        for (var partition = 0; partition < 3; partition++)
        {
            await Append(producer, partition, 4);
        }

        await read.Reach(7);
        var byPartition = read.All.GroupBy(record => record.Partition).OrderBy(group => group.Key);
        Assert.Equal([[0L, 1, 2, 3], [3], [2, 3]], byPartition.Select(group => group.Select(record => record.Offset).ToArray()));
    }

    [Fact]
    public async Task Catch_up_promises_what_stood_in_the_log_at_the_call()
    {
        using var embedded = new Embedded();
        var producer = embedded.Producer();
        var reader = embedded.Reader();
        long handled = -1;
        reader.Start([new LogPosition(Embedded.Topic, 0, LogPosition.Beginning)], record => Volatile.Write(ref handled, record.Offset));
        for (var i = 0; i < 100; i++)
        {
            var written = await producer.AppendAsync(Embedded.Topic, 0, null, [1], null, _ct);
            Assert.True(await reader.CatchUpAsync(Embedded.Topic, 0, Embedded.Bound));
            Assert.True(Volatile.Read(ref handled) >= written.Offset);
        }

        Assert.True(reader.IsCaughtUp);
    }

    [Fact]
    public async Task Hundreds_catch_up_at_once()
    {
        using var embedded = new Embedded();
        var producer = embedded.Producer();
        var reader = embedded.Reader();
        var read = new Collected();
        reader.Start([.. Enumerable.Range(0, 4).Select(p => new LogPosition(Embedded.Topic, p, LogPosition.Beginning))], read.Add);
        await Task.WhenAll(Enumerable.Range(0, 800).Select(async i =>
        {
            var written = await producer.AppendAsync(Embedded.Topic, i % 4, null, [1], null, _ct);
            Assert.True(await reader.CatchUpAsync(Embedded.Topic, i % 4, Embedded.Bound));
            Assert.Contains(read.All, record => record.Partition == written.Partition && record.Offset == written.Offset);
        }));
    }

    [Fact]
    public async Task Catch_up_ends_with_its_bound_when_brokers_are_away_or_the_handler_hangs()
    {
        using var embedded = new Embedded();
        var producer = embedded.Producer();
        var reader = embedded.Reader();
        using var gate = new ManualResetEventSlim();
        reader.Start([new LogPosition(Embedded.Topic, 0, LogPosition.Beginning)], _ => gate.Wait(Embedded.Bound));
        Assert.True(await reader.CatchUpAsync(Embedded.Topic, 0, Embedded.Bound));

        await Append(producer, 0, 1);
        Assert.False(await reader.CatchUpAsync(Embedded.Topic, 0, TimeSpan.FromMilliseconds(100)));
        gate.Set();
        Assert.True(await reader.CatchUpAsync(Embedded.Topic, 0, Embedded.Bound));

        embedded.Broker.SetDown();
        Assert.False(await reader.CatchUpAsync(Embedded.Topic, 0, TimeSpan.FromMilliseconds(100)));
        await Assert.ThrowsAsync<TimeoutException>(() => reader.EndOffsetAsync(Embedded.Topic, 0, TimeSpan.FromMilliseconds(100)));
        embedded.Broker.SetUp();
        Assert.True(await reader.CatchUpAsync(Embedded.Topic, 0, Embedded.Bound));
    }

    [Fact]
    public async Task Partitions_come_and_go_while_reading()
    {
        using var embedded = new Embedded();
        var producer = embedded.Producer();
        var reader = embedded.Reader();
        var read = new Collected();
        reader.Start([], read.Add);
        Assert.True(reader.IsCaughtUp);
        Assert.False(await reader.CatchUpAsync(Embedded.Topic, 1, Embedded.Bound));

        await Append(producer, 0, 1);
        await Append(producer, 1, 2);
        reader.Assign([new LogPosition(Embedded.Topic, 0, LogPosition.Beginning), new LogPosition(Embedded.Topic, 1, LogPosition.Beginning)]);
        await read.Reach(2);

        reader.Unassign([new TopicPartition(Embedded.Topic, 0)]);
        await Append(producer, 0, 3);
        await Append(producer, 1, 4);
        await read.Reach(3);
        reader.Assign([new LogPosition(Embedded.Topic, 0, LogPosition.Beginning)]); // anew
        await read.Reach(5);

        Assert.Equal([1, 1, 3], read.All.Where(record => record.Partition == 0).Select(record => record.Value![0]));
        Assert.Equal([2, 4], read.All.Where(record => record.Partition == 1).Select(record => record.Value![0]));
        Assert.True(await reader.CatchUpAsync(Embedded.Topic, 0, Embedded.Bound));
        Assert.True(reader.IsCaughtUp);
    }

    [Fact]
    public async Task After_unassign_returns_nothing_is_handled()
    {
        using var embedded = new Embedded();
        var producer = embedded.Producer();
        var reader = embedded.Reader();
        var open = true;
        var late = false;
        var read = new Collected();
        reader.Start(
            [new LogPosition(Embedded.Topic, 0, LogPosition.Beginning)],
            record =>
            {
                late |= !Volatile.Read(ref open);
                read.Add(record);
            });
        for (var i = 0; i < 5000; i++)
        {
            producer.TryAppend(Embedded.Topic, 0, null, [1], null, new Outcomes(1), 0);
        }

        await read.Reach(1);
        reader.Unassign([new TopicPartition(Embedded.Topic, 0)]);
        Volatile.Write(ref open, false);
        reader.Assign([new LogPosition(Embedded.Topic, 1, LogPosition.End)]);
        Assert.True(await reader.CatchUpAsync(Embedded.Topic, 1, Embedded.Bound)); // the loop has gone round
        Assert.False(late);
    }

    [Fact]
    public async Task A_handler_that_throws_ends_the_reader_for_all_to_see()
    {
        using var embedded = new Embedded();
        var producer = embedded.Producer();
        var reader = embedded.Reader();
        reader.Start([new LogPosition(Embedded.Topic, 0, LogPosition.Beginning)], _ => throw new InvalidOperationException("boom"));
        await Append(producer, 0, 1);
        await Assert.ThrowsAsync<InvalidOperationException>(() => reader.Completion.WaitAsync(Embedded.Bound));
        Assert.False(await reader.CatchUpAsync(Embedded.Topic, 0, Embedded.Bound));
        Assert.False(reader.IsCaughtUp);
    }

    private async Task Append(LogProducer producer, int partition, params byte[] values)
    {
        foreach (var value in values)
        {
            await producer.AppendAsync(Embedded.Topic, partition, null, [value], null, _ct);
        }
    }
}
