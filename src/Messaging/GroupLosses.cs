using Confluent.Kafka;
using Microsoft.Extensions.Logging;

namespace Messaging;

/// <summary>
/// Positions of a group member of which Kafka says that they are not in the log. The client has given such a partition up and can only be
/// moved by an assignment: the group is joined anew, where it stands, or if that is not in the log, at the nearest offset that is. On the
/// consumer's thread.
/// </summary>
internal sealed class GroupLosses(
    IConsumer<byte[], byte[]> consumer, GroupPartitions partitions, string clientId, ClientLog log, ILogger logger)
{
    private static readonly TimeSpan s_answerTime = TimeSpan.FromSeconds(2);

    private readonly List<TopicPartitionOffset> _lost = [];

    public void Add(TopicPartitionOffset lost) => _lost.Add(lost);

    public void Clear() => _lost.Clear();

    /// <summary>
    /// True where there were some, and it is known where each goes on: that can be committed. Without an answer of the broker the partitions
    /// stand still and the question is repeated.
    /// </summary>
    public bool Locate()
    {
        if (_lost.Count == 0)
        {
            return false;
        }

        try
        {
            foreach (var lost in _lost)
            {
                var name = new TopicPartition(lost.Topic, lost.Partition.Value);
                var edges = consumer.QueryWatermarkOffsets(lost.TopicPartition, s_answerTime);
                if (partitions.Move(name, edges.Low.Value, edges.High.Value) is { } next)
                {
                    logger.OutOfRange(clientId, lost.Offset.Value, name, next);
                    MessagingMetrics.OutOfRange.Count(name.Topic);
                }
            }
        }
        catch (KafkaException exception)
        {
            log.Error(exception.Error);
            return false;
        }

        _lost.Clear();
        return true;
    }
}
