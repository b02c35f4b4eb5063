using Confluent.Kafka;

namespace Pipeline.IntegrationTests.Gateways;

/// <summary>How far a consumer group has come on a topic, asked without joining it.</summary>
sealed class GroupProgress : IDisposable
{
    static readonly TimeSpan Bound = TimeSpan.FromSeconds(20);

    readonly IConsumer<Ignore, Ignore> _member;
    readonly List<TopicPartition> _partitions;

    public GroupProgress(string servers, string group, string topic, int partitions)
    {
        var settings = new ConsumerConfig { BootstrapServers = servers, GroupId = group, EnableAutoCommit = false };
        _member = new ConsumerBuilder<Ignore, Ignore>(settings).Build();
        _partitions = [.. Enumerable.Range(0, partitions).Select(p => new TopicPartition(topic, p))];
    }

    /// <summary>Records in the log.</summary>
    public long Written() => WrittenEach().Sum();

    /// <summary>Of each partition.</summary>
    public long[] WrittenEach() => [.. _partitions.Select(p => _member.QueryWatermarkOffsets(p, Bound).High.Value)];

    /// <summary>Records that the group is done with.</summary>
    public long Committed() => CommittedEach().Sum();

    /// <summary>Of those that were written the ones that the group is not done with yet.</summary>
    public long Uncommitted(long[] written) => CommittedEach().Zip(written, (done, there) => Math.Max(0, there - done)).Sum();

    long[] CommittedEach()
    {
        for (var until = Environment.TickCount64 + (long)Bound.TotalMilliseconds; ;)
        {
            try
            {
                return [.. _member.Committed(_partitions, Bound).Select(p => p.Offset.IsSpecial ? 0 : p.Offset.Value)];
            }
            catch (KafkaException e) when (e.Error.Code is ErrorCode.NotCoordinatorForGroup or ErrorCode.GroupLoadInProgress && Environment.TickCount64 < until)
            {
                // The group's coordinator is still moving in.
                Thread.Sleep(50);
            }
        }
    }

    public void Dispose() => _member.Dispose();
}
