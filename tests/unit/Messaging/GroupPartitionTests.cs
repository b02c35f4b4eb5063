using Messaging;
using Offset = Confluent.Kafka.Offset;

namespace Pipeline.Tests.Messaging;

/// <summary>A partition that is held again after contact with the group was lost.</summary>
public sealed class GroupPartitionTests
{
    private readonly GroupPartition _partition = new(new TopicPartition("t", 0), committed: 10, looks: 3);

    [Fact]
    public void It_goes_on_behind_what_was_handed_out()
    {
        _partition.Taken(10);
        _partition.Taken(11);
        _partition.Done(10);
        _partition.Suspend();
        Assert.Equal(12, _partition.GoOn(10).Value);
        Assert.Equal(11, _partition.Unstored);
    }

    [Fact]
    public void It_starts_where_the_group_stands_when_nothing_was_handed_out()
    {
        Assert.Equal(10, _partition.GoOn(10).Value);
        Assert.Equal(Offset.Beginning, new GroupPartition(new TopicPartition("t", 0), null, 3).GoOn(Offset.Beginning));
    }

    [Fact]
    public void Who_finds_more_committed_than_it_has_done_was_not_alone()
    {
        _partition.Taken(10);
        _partition.Taken(11);
        _partition.Done(10);
        Assert.True(_partition.MayGoOn(11));
        Assert.False(_partition.MayGoOn(12));
    }

    [Fact]
    public void What_waited_behind_a_pause_comes_again()
    {
        _partition.Paused = true;
        _partition.Held.Enqueue(new LogRecord());
        _partition.Suspend();
        Assert.False(_partition.Paused);
        Assert.Empty(_partition.Held);
    }

    [Fact]
    public void A_log_that_still_holds_what_is_not_done_changes_nothing()
    {
        _partition.Taken(10);
        _partition.Taken(11);
        _partition.Done(10);
        Assert.Null(_partition.Move(low: 0, high: 11)); // also where it is shorter than what was handed out
        Assert.Equal(11, _partition.Unstored);
        Assert.Null(new GroupPartition(new TopicPartition("t", 0), null, 3).Move(low: 5, high: 7)); // the beginning, wherever that is
    }

    [Theory]
    [InlineData(20, 30, 20)]
    [InlineData(0, 5, 5)]
    public void A_log_that_does_not_is_gone_on_with_at_its_nearest_offset(long low, long high, long next)
    {
        _partition.Taken(10);
        Assert.Equal(next, _partition.Move(low, high));
        Assert.Equal((next, 0), (_partition.Stored, _partition.Window));
    }
}
