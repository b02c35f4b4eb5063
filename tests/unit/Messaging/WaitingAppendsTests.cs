using Messaging;

namespace Pipeline.Tests.Messaging;

public sealed class WaitingAppendsTests
{
    private readonly Lock _gate = new();
    private readonly List<PendingAppend> _handed = [];
    private readonly HashSet<int> _full = [];

    [Fact]
    public async Task Order_holds_within_a_partition_and_a_full_one_holds_up_no_other()
    {
        using var waiting = new WaitingAppends(Hand);
        SetFull(0, true);
        var first = Append(waiting, 0);
        var second = Append(waiting, 0);
        var other = Append(waiting, 1);
        Assert.Equal([other], Handed);

        SetFull(0, false);
        var third = Append(waiting, 0); // there is room now, but two wait before it
        Assert.True(await EmbeddedBrokerTests.WaitFor(() => Handed.Length == 4));
        Assert.Equal([other, first, second, third], Handed);

        var fourth = Append(waiting, 0); // nobody waits: at once
        Assert.Equal(fourth, Handed[^1]);
    }

    [Fact]
    public async Task Whoever_no_longer_waits_is_not_handed_over()
    {
        using var waiting = new WaitingAppends(Hand);
        SetFull(0, true);
        Append(waiting, 0).Abandoned = true;
        var second = Append(waiting, 0);
        SetFull(0, false);
        Assert.True(await EmbeddedBrokerTests.WaitFor(() => Handed.Length == 1));
        Assert.Equal([second], Handed);
    }

    [Fact]
    public async Task Too_many_are_refused_and_the_end_lets_all_go()
    {
        var waiting = new WaitingAppends(Hand);
        SetFull(0, true);
        var all = Enumerable.Range(0, WaitingAppends.Most + 1).Select(_ => Append(waiting, 0)).ToArray();
        Assert.True(all[^1].Outcome.IsCompleted);
        Assert.False(all[0].Outcome.IsCompleted);
        waiting.Dispose();
        Assert.All(await Task.WhenAll(all.Select(append => append.Outcome)), outcome => Assert.False(outcome.Succeeded));
        Assert.True(Append(waiting, 1).Outcome.IsCompleted);
    }

    private PendingAppend[] Handed
    {
        get
        {
            lock (_gate)
            {
                return [.. _handed];
            }
        }
    }

    private static PendingAppend Append(WaitingAppends waiting, int partition)
    {
        var append = new PendingAppend(new TopicPartition("t", partition), null, null, null);
        waiting.Add(append);
        return append;
    }

    private void SetFull(int partition, bool full)
    {
        lock (_gate)
        {
            _ = full ? _full.Add(partition) : _full.Remove(partition);
        }
    }

    private AppendStatus Hand(PendingAppend append)
    {
        lock (_gate)
        {
            if (_full.Contains(append.Lane.Partition))
            {
                return AppendStatus.QueueFull;
            }

            _handed.Add(append);
            return AppendStatus.Handed;
        }
    }
}
