using Confluent.Kafka;
using Messaging;
using KafkaPartition = Confluent.Kafka.TopicPartition;
using TopicPartition = Messaging.TopicPartition;

namespace Pipeline.Tests.Messaging;

/// <summary>What a member of a group has, from one assignment to the next.</summary>
public sealed class GroupPartitionsTests
{
    private readonly GroupPartitions _partitions = new(looks: 3);

    [Fact]
    public void An_assignment_starts_where_the_group_stands()
    {
        var starts = Hold(out var givenUp, (0, 10), (1, Offset.Beginning));
        Assert.Equal([10, Offset.Beginning], starts);
        Assert.Empty(givenUp);
        Assert.Equal(Named(0, 1), _partitions.Names);
        Assert.Equal([10L], _partitions.Stored.Select(position => position.Offset.Value));
    }

    [Fact]
    public void After_an_outage_it_goes_on_behind_what_was_handed_out()
    {
        Hold(out _, (0, 10));
        Take(0, 10, 11);
        Assert.Equal(Named(0), _partitions.Suspend());
        Assert.Empty(_partitions);
        _partitions.Done(Name(0), 10); // while nobody knows whose it is
        Assert.Equal([12], Hold(out var givenUp, (0, 10)));
        Assert.Empty(givenUp);
        Assert.Equal(11, _partitions.Single().Unstored);
    }

    [Fact]
    public void What_does_not_come_back_is_given_up()
    {
        Hold(out _, (0, 10), (1, 10));
        _partitions.Suspend();
        Hold(out var givenUp, (0, 10));
        Assert.Equal(Named(1), givenUp);
        Assert.Empty(_partitions.GiveUpSuspended());
    }

    [Fact]
    public void What_somebody_else_has_gone_on_with_is_given_up_and_begins_anew()
    {
        Hold(out _, (0, 10));
        Take(0, 10, 11);
        _partitions.Suspend();
        Assert.Equal([12], Hold(out var givenUp, (0, 12)));
        Assert.Equal(Named(0), givenUp);
        _partitions.Done(Name(0), 10); // of the former assignment
        Assert.Null(_partitions.Single().Unstored);
        Assert.True(_partitions.IsDrained);
    }

    [Fact]
    public void Equal_numbers_of_two_topics_go_on_together_or_not_at_all()
    {
        List<TopicPartitionOffset> Both(Offset ofOther) =>
            [new TopicPartitionOffset(new KafkaPartition("t", 0), 10), new TopicPartitionOffset(new KafkaPartition("other", 0), ofOther)];
        _partitions.Hold(Both(5), out _);
        Take(0, 10, 11);
        _partitions.Suspend();
        Assert.Equal([12L, 5L], _partitions.Hold(Both(5), out var none).Select(start => start.Offset.Value));
        Assert.Empty(none);

        _partitions.Suspend();
        Assert.Equal([10L, 7L], _partitions.Hold(Both(7), out var givenUp).Select(start => start.Offset.Value));
        Assert.Equal([new TopicPartition("other", 0), Name(0)], givenUp.OrderBy(name => name.Topic, StringComparer.Ordinal));
        _partitions.Suspend();
        _partitions.Hold([Both(7)[0]], out givenUp);
        Assert.Equal(2, givenUp.Length);
    }

    [Fact]
    public void Nothing_is_noted_of_what_was_given_up()
    {
        Hold(out _, (0, 10));
        Take(0, 10);
        Assert.False(_partitions.IsDrained);
        Assert.Equal(Named(0), _partitions.GiveUpHeld());
        _partitions.Done(Name(0), 10);
        Hold(out _, (0, 10));
        Assert.Null(_partitions.Single().Unstored);
    }

    private long[] Hold(out TopicPartition[] givenUp, params (int Partition, Offset Committed)[] assignment) =>
        [.. _partitions.Hold([.. assignment.Select(of => new TopicPartitionOffset(new KafkaPartition("t", of.Partition), of.Committed))], out givenUp)
            .Select(start => start.Offset.Value)];

    private void Take(int partition, params long[] offsets)
    {
        Assert.True(_partitions.TryGet(Name(partition), out var held));
        Assert.All(offsets, offset => Assert.True(held.Taken(offset)));
    }

    private static TopicPartition Name(int partition) => new("t", partition);

    private static TopicPartition[] Named(params int[] partitions) => [.. partitions.Select(Name)];
}
