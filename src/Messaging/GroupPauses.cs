using Confluent.Kafka;

namespace Messaging;

/// <summary>Which partitions of a group member are paused. On the consumer's thread.</summary>
internal sealed class GroupPauses(IConsumer<byte[], byte[]> consumer)
{
    private static readonly TimeSpan s_wakeTime = TimeSpan.FromMilliseconds(50);

    private readonly List<GroupPartition> _paused = [];

    public bool Any => _paused.Count > 0;

    public void Pause(GroupPartition partition)
    {
        if (!partition.Paused)
        {
            consumer.Pause([partition.Kafka]);
            partition.Paused = true;
            _paused.Add(partition);
        }
    }

    public void PauseAll(GroupPartitions partitions)
    {
        foreach (var partition in partitions)
        {
            Pause(partition);
        }
    }

    /// <summary>Resumes partitions with at most half of <paramref name="most"/> under way, what they hold first.</summary>
    public void Resume(int most, Action<GroupPartition, LogRecord> take)
    {
        for (var i = _paused.Count - 1; i >= 0; i--)
        {
            var partition = _paused[i];
            if (partition.Window > most / 2)
            {
                continue;
            }

            while (partition.Window < most && partition.Held.TryDequeue(out var record))
            {
                take(partition, record);
            }

            if (partition.Window < most)
            {
                consumer.Resume([partition.Kafka]);
                partition.Paused = false;
                _paused.RemoveAt(i);
                Wake(partition);
            }
        }
    }

    public void Clear() => _paused.Clear();

    // A connection on which nothing was left to fetch looks for resumed partitions once a second; a question to the broker wakes it.
    private void Wake(GroupPartition partition)
    {
        try
        {
            consumer.QueryWatermarkOffsets(partition.Kafka, s_wakeTime);
        }
        catch (KafkaException)
        {
            // Then there is nothing to be fetched either.
        }
    }
}
