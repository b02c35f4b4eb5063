using System.Collections;
using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;
using Confluent.Kafka;

namespace Messaging;

/// <summary>
/// Which partitions a member of a group has. Each is held (of the present assignment), suspended (lost, and perhaps ours again with the
/// next one: an outage of Kafka must not make anything be done twice), or given up. What is held may be committed. Enumerates the held
/// ones. <see cref="Done"/> may come from any thread, so may a look at what is held; the rest is the consumer's.
/// </summary>
/// <param name="looks">After so many that found a partition standing still, it stands still.</param>
internal sealed class GroupPartitions(int looks) : IEnumerable<GroupPartition>
{
    private readonly ConcurrentDictionary<TopicPartition, GroupPartition> _held = new();
    private readonly ConcurrentDictionary<TopicPartition, GroupPartition> _suspended = new();

    /// <summary>The held ones, in order.</summary>
    public TopicPartition[] Names =>
        [.. _held.Keys.OrderBy(name => name.Topic, StringComparer.Ordinal).ThenBy(name => name.Partition)];

    /// <summary>Nothing of what is held is under way.</summary>
    public bool IsDrained => _held.Values.All(partition => partition.Window == 0);

    /// <summary>What may be committed of the held ones.</summary>
    public TopicPartitionOffset[] Stored => [.. _held.Values
        .Where(partition => partition.Stored is not null)
        .Select(partition => new TopicPartitionOffset(partition.Kafka, partition.Stored!.Value))];

    /// <summary>One that is held.</summary>
    public bool TryGet(TopicPartition name, [MaybeNullWhen(false)] out GroupPartition partition) => _held.TryGetValue(name, out partition);

    /// <summary>The effect of a record is complete. Nothing where its partition has been given up.</summary>
    public void Done(TopicPartition name, long offset)
    {
        if (_held.TryGetValue(name, out var state) || _suspended.TryGetValue(name, out state))
        {
            state.Done(offset);
        }
    }

    /// <summary>The log of one that is held has other edges than was thought. Where the group goes on, if not where it stands.</summary>
    public long? Move(TopicPartition name, long low, long high) => _held[name].Move(low, high);

    /// <summary>
    /// A new assignment. A suspended partition goes on behind the last record handed out, where nobody else can have held it meanwhile; the
    /// others start where the group stands. Equal numbers of several topics are one piece of work, and go on together or not at all.
    /// </summary>
    /// <param name="committed">All of it, with what the group has committed.</param>
    /// <param name="givenUp">What was suspended and is not gone on with.</param>
    /// <returns>Where each starts.</returns>
    public List<TopicPartitionOffset> Hold(IReadOnlyCollection<TopicPartitionOffset> committed, out TopicPartition[] givenUp)
    {
        var starts = new List<TopicPartitionOffset>();
        var back = committed.ToDictionary(place => new TopicPartition(place.Topic, place.Partition.Value), place => place.Offset);
        var gone = _suspended.Where(entry => !back.TryGetValue(entry.Key, out var offset) || !entry.Value.MayGoOn(offset))
            .Select(entry => entry.Key.Partition).ToHashSet();
        foreach (var place in committed)
        {
            var name = new TopicPartition(place.Topic, place.Partition.Value);
            if (!gone.Contains(name.Partition) && _suspended.TryGetValue(name, out var former))
            {
                starts.Add(new TopicPartitionOffset(place.TopicPartition, former.GoOn(place.Offset)));
                _held[name] = former;
                _suspended.TryRemove(name, out _);
            }
            else
            {
                starts.Add(place);
                _held[name] = new GroupPartition(name, place.Offset.Value >= 0 ? place.Offset.Value : null, looks);
            }
        }

        givenUp = Empty(_suspended);
        return starts;
    }

    /// <summary>Contact with the group is lost: nothing is committed, what is done is still noted.</summary>
    /// <returns>All that was held.</returns>
    public TopicPartition[] Suspend()
    {
        foreach (var (name, partition) in _held)
        {
            partition.Suspend();
            _suspended[name] = partition;
        }

        return Empty(_held);
    }

    /// <summary>The assignment is over.</summary>
    /// <returns>All that was held.</returns>
    public TopicPartition[] GiveUpHeld() => Empty(_held);

    /// <summary>There will be no other assignment.</summary>
    /// <returns>All that was suspended.</returns>
    public TopicPartition[] GiveUpSuspended() => Empty(_suspended);

    public IEnumerator<GroupPartition> GetEnumerator() => _held.Values.GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    private static TopicPartition[] Empty(ConcurrentDictionary<TopicPartition, GroupPartition> partitions)
    {
        var names = partitions.Keys.ToArray();
        partitions.Clear();
        return names;
    }
}
