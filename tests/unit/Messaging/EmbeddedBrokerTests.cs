using System.Text;
using Messaging;

namespace Pipeline.Tests.Messaging;

public sealed class EmbeddedBrokerTests
{
    [Fact]
    public void One_librdkafka_serves_client_and_broker()
    {
        if (!OperatingSystem.IsLinux())
        {
            Assert.Skip("Needs /proc/self/maps.");
        }

        using var embedded = new Embedded();
        _ = embedded.Producer();
        var files = File.ReadLines("/proc/self/maps").Where(line => line.Contains("librdkafka", StringComparison.Ordinal))
            .Select(line => line[line.IndexOf('/', StringComparison.Ordinal)..]).Distinct();
        Assert.Single(files);
    }

    [Fact]
    public void Brokers_live_side_by_side_and_end_in_any_order()
    {
        var first = EmbeddedBroker.Start([Embedded.Spec("a", 1)]);
        var second = EmbeddedBroker.Start([Embedded.Spec("a", 1)]);
        Assert.NotEqual(first.BootstrapServers, second.BootstrapServers);
        first.Dispose();
        second.Dispose();
        second.Dispose();
        Assert.Throws<ObjectDisposedException>(second.SetDown);
    }

    [Fact]
    public void Clients_survive_the_end_of_the_broker()
    {
        using var embedded = new Embedded();
        var producer = embedded.Producer();
        var reader = embedded.Reader();
        reader.Start([new LogPosition(Embedded.Topic, 0, LogPosition.Beginning)], _ => { });
        embedded.Broker.Dispose();
        Assert.Equal(AppendStatus.Handed, producer.TryAppend(Embedded.Topic, 0, null, [1], null, new Outcomes(1), 0));
        reader.Dispose();
        producer.Dispose();
    }

    [Fact]
    public async Task The_budget_keeps_a_slow_reader_from_losing_records()
    {
        using var embedded = new Embedded(partitions: 1);
        var producer = embedded.Producer();
        var reader = embedded.Reader();
        var gate = new ManualResetEventSlim();
        var read = new Collected();
        reader.Start(
            [new LogPosition(Embedded.Topic, 0, LogPosition.Beginning)],
            record =>
            {
                gate.Wait(Embedded.Bound);
                read.Add(record with { Value = [] });
            });
        Assert.True(await WaitFor(() => reader.IsCaughtUp));

        // Three times what the broker keeps; the reader stands still at first.
        const int Count = 1500;
        var value = new byte[10_000];
        var taken = 0;
        var full = 0;
        var outcomes = new Outcomes(Count);
        while (taken < Count)
        {
            if (producer.TryAppend(Embedded.Topic, 0, null, value, null, outcomes, taken) == AppendStatus.Handed)
            {
                taken++;
                continue;
            }

            full++;
            gate.Set();
            await Task.Yield();
        }

        await outcomes.Complete;
        await read.Reach(Count);
        Assert.True(full > 0);
        Assert.Equal(Enumerable.Range(0, Count).Select(offset => (long)offset), read.All.Select(record => record.Offset));
    }

    [Fact]
    public async Task Without_a_budget_the_oldest_records_go_and_the_reader_says_so()
    {
        var log = new LogLines();
        using var embedded = new Embedded(partitions: 1, budget: false, logger: log);
        var producer = embedded.Producer();
        const int Count = 1000;
        var outcomes = new Outcomes(Count);
        for (var i = 0; i < Count; i++)
        {
            Assert.Equal(AppendStatus.Handed, producer.TryAppend(Embedded.Topic, 0, null, new byte[10_000], null, outcomes, i));
        }

        await outcomes.Complete;
        var reader = embedded.Reader();
        var read = new Collected();
        reader.Start([new LogPosition(Embedded.Topic, 0, 5)], read.Add);

        Assert.True(await reader.CatchUpAsync(Embedded.Topic, 0, Embedded.Bound));
        Assert.InRange(read.All[0].Offset, 6, Count - 1);
        Assert.Equal(Count - 1, read.All[^1].Offset);
        Assert.Contains(log.Lines, line => line.Contains("offset 5 of t.records[0] is no longer in the log", StringComparison.Ordinal));
    }

    internal static async Task<bool> WaitFor(Func<bool> condition)
    {
        for (var until = Environment.TickCount64 + Embedded.Bound.TotalMilliseconds; Environment.TickCount64 < until; await Task.Delay(5))
        {
            if (condition())
            {
                return true;
            }
        }

        return false;
    }
}
