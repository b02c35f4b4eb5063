using Confluent.Kafka;
using Confluent.Kafka.Admin;
using KafkaPartition = Confluent.Kafka.TopicPartition;

namespace Messaging;

/// <summary>Where things stand in a topic, for whoever reads a stretch of it: its partitions, and the offsets of a time. Blocks for one answer of the broker each.</summary>
public sealed class LogIndex(KafkaConnection connection, string clientId) : IDisposable
{
    private static readonly TimeSpan s_answerTime = TimeSpan.FromSeconds(10);

    private readonly IAdminClient _client = new AdminClientBuilder(ClientSettings.Admin(connection, clientId))
        .SetLogHandler(static (_, _) => { })
        .SetErrorHandler(static (_, _) => { })
        .Build();

    /// <summary>How many partitions the topic has; 0 where there is no such topic.</summary>
    /// <exception cref="IOException">No broker answers.</exception>
    public int Partitions(string topic)
    {
        try
        {
            var found = _client.GetMetadata(topic, s_answerTime).Topics.Find(known => known.Topic == topic);
            return found is null || found.Error.IsError ? 0 : found.Partitions.Count;
        }
        catch (KafkaException exception)
        {
            throw new IOException($"Kafka at {connection.BootstrapServers} does not answer: {exception.Error.Reason}", exception);
        }
    }

    /// <summary>
    /// For each partition the first record that was written at that time or later; <see cref="LogPosition.End"/> where there is none, and
    /// <see cref="LogPosition.Beginning"/> on a broker without an index of times.
    /// </summary>
    /// <param name="unixMs">Unix time, ms.</param>
    public async Task<IReadOnlyList<LogPosition>> AtAsync(string topic, int partitions, long unixMs)
    {
        var beginning = Enumerable.Range(0, partitions).Select(partition => new LogPosition(topic, partition, LogPosition.Beginning)).ToList();
        var found = await AskAsync(beginning, OffsetSpec.ForTimestamp(unixMs));
        if (found.All(position => position.Offset != LogPosition.End))
        {
            return found;
        }

        // A broker without an index of times says "none" of any time, the beginning of time included.
        var any = await AskAsync(beginning, OffsetSpec.ForTimestamp(0));
        return any.All(position => position.Offset == LogPosition.End) ? beginning : found;
    }

    public void Dispose() => _client.Dispose();

    private async Task<IReadOnlyList<LogPosition>> AskAsync(IReadOnlyList<LogPosition> positions, OffsetSpec spec)
    {
        try
        {
            var found = await _client.ListOffsetsAsync(
                positions.Select(position => new TopicPartitionOffsetSpec
                {
                    TopicPartition = new KafkaPartition(position.Topic, position.Partition),
                    OffsetSpec = spec,
                }),
                new ListOffsetsOptions { RequestTimeout = s_answerTime });
            return [.. found.ResultInfos.Select(info => info.TopicPartitionOffsetError)
                .Select(offset => new LogPosition(offset.Topic, offset.Partition.Value, offset.Offset.Value < 0 ? LogPosition.End : offset.Offset.Value))];
        }
        catch (KafkaException exception)
        {
            throw new IOException($"Kafka at {connection.BootstrapServers} does not answer: {exception.Error.Reason}", exception);
        }
    }
}
