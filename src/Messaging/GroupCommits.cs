using System.Diagnostics.Metrics;
using Confluent.Kafka;
using Microsoft.Extensions.Logging;

namespace Messaging;

/// <summary>What a group member commits, and how far it lags. On the consumer's thread, but for <see cref="Lags"/>.</summary>
internal sealed class GroupCommits(
    IConsumer<byte[], byte[]> consumer,
    GroupPartitions partitions,
    string group,
    string clientId,
    KafkaConnection connection,
    bool byTransactions,
    ClientLog log,
    ILogger logger) : IDisposable
{
    private const long StoreEveryMs = 250;
    private const long LagEveryMs = 1000;

    private static readonly TimeSpan s_answerTime = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan s_pause = TimeSpan.FromMilliseconds(100);

    private readonly UnreadBudget? _budget = connection.Budget;
    private readonly OffsetClient _offsets = OffsetClient.Share(connection, logger);
    private Task _measuring = Task.CompletedTask;
    private long _storeAt;
    private long _lagAt;
    private volatile PartitionLag[] _lags = [];

    /// <summary>About a second old; older while Kafka does not answer.</summary>
    public IReadOnlyList<PartitionLag> Lags => _lags;

    /// <summary>A group is a reader of its topics from now on, also while it has no member: what it has not committed must stay.</summary>
    public void JoinBudget(IReadOnlyList<string> topics)
    {
        foreach (var topic in topics)
        {
            for (var partition = 0; partition < (_budget?.PartitionsOf(topic) ?? 0); partition++)
            {
                _budget!.Join(group, topic, partition, 0);
            }
        }
    }

    /// <summary>Where to start: at the beginning where nothing is committed. Waits for Kafka's answer until told to stop.</summary>
    public List<TopicPartitionOffset> StartsOf(List<Confluent.Kafka.TopicPartition> assigned, Func<bool> stopping)
    {
        while (!stopping() && assigned.Count > 0)
        {
            try
            {
                return [.. consumer.Committed(assigned, s_answerTime)
                    .Select(found => found.Offset.Value >= 0 ? found : new TopicPartitionOffset(found.TopicPartition, Offset.Beginning))];
            }
            catch (KafkaException exception)
            {
                logger.CommittedUnknown(clientId, exception.Error.Reason);
                Thread.Sleep(s_pause);
            }
        }

        return [.. assigned.Select(partition => new TopicPartitionOffset(partition, Offset.Unset))];
    }

    /// <summary>Called often; now and then gives the client the positions that it is to commit in the background.</summary>
    public void Store()
    {
        var now = Environment.TickCount64;
        if (now < _storeAt)
        {
            return;
        }

        _storeAt = now + StoreEveryMs;
        StoreAll();
        if (now >= _lagAt && _measuring.IsCompleted)
        {
            _lagAt = now + LagEveryMs;
            _measuring = MeasureLagsAsync();
        }
    }

    /// <summary>Commits before the partitions are given up.</summary>
    public void Commit()
    {
        StoreAll(); // the client, too, commits what is stored when it gives up a partition, perhaps after us
        var positions = byTransactions ? [] : partitions.Stored;
        if (positions.Length == 0)
        {
            return;
        }

        try
        {
            consumer.Commit(positions);
            foreach (var position in positions)
            {
                Committed(position.TopicPartition, position.Offset);
            }
        }
        catch (KafkaException exception)
        {
            logger.CommitFailed(clientId, exception.Error.Reason);
        }
    }

    /// <summary>What has become of commits in the background.</summary>
    public void Heard(CommittedOffsets committed)
    {
        foreach (var offset in committed.Offsets)
        {
            if (offset.Error.IsError)
            {
                log.Error(offset.Error); // stored still, and tried again
            }
            else
            {
                Committed(offset.TopicPartition, offset.Offset);
            }
        }
    }

    public void Clear() => _lags = [];

    public void Dispose() => _offsets.Dispose();

    public IEnumerable<Measurement<long>> Measure() => _lags.Select(lag => new Measurement<long>(
        lag.Records,
        new KeyValuePair<string, object?>("group", group),
        new KeyValuePair<string, object?>("topic", lag.Partition.Topic),
        new KeyValuePair<string, object?>("partition", lag.Partition.Partition)));

    private void Committed(Confluent.Kafka.TopicPartition partition, Offset offset)
    {
        if (offset.Value >= 0)
        {
            MessagingMetrics.Committed.Count(partition.Topic);
            _budget?.Handled(group, partition.Topic, partition.Partition.Value, offset.Value);
        }
    }

    private void StoreAll()
    {
        foreach (var partition in partitions)
        {
            if (partition.Unstored is not { } position)
            {
                continue;
            }

            // A commit beside that of a transaction could come late, and lead back.
            if (!byTransactions)
            {
                consumer.StoreOffset(new TopicPartitionOffset(partition.Kafka, position));
            }

            partition.Stored = position;
        }
    }

    // The consumer's own watermarks are of its last fetch: they stand still while a partition is paused.
    private async Task MeasureLagsAsync()
    {
        var lags = await Task.WhenAll(partitions.Select(LagAsync));
        if (lags.All(lag => lag is not null))
        {
            _lags = [.. lags.Select(lag => lag!.Value)];
        }
    }

    private async Task<PartitionLag?> LagAsync(GroupPartition partition)
    {
        var (topic, number) = partition.Name;
        var asking = _offsets.AskAsync(new LogPosition(topic, number, LogPosition.End));
        var from = partition.Stored ?? await _offsets.AskAsync(new LogPosition(topic, number, LogPosition.Beginning));
        return await asking is { } end && from is { } start ? new PartitionLag(partition.Name, Math.Max(0, end - start)) : null;
    }
}
