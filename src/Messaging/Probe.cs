using Confluent.Kafka;
using Microsoft.Extensions.Logging;
using KafkaPartition = Confluent.Kafka.TopicPartition;

namespace Messaging;

/// <summary>Asks Kafka with a client made for the one question, what a client that seems to stand still should have been told.</summary>
internal static class Probe
{
    private static readonly TimeSpan s_answerTime = TimeSpan.FromSeconds(2);

    /// <summary>A record can be had at the offset or behind it. False: there is none, or no answer.</summary>
    public static Task<bool> HasRecordAsync(KafkaConnection connection, string clientId, TopicPartition partition, long offset, ILogger logger) =>
        Task.Run(() =>
        {
            using var consumer = Connect(ClientSettings.Reader(connection, clientId + "-probe"), clientId, logger);
            consumer.Assign([new TopicPartitionOffset(partition.Topic, partition.Partition, offset)]);
            try
            {
                return consumer.Consume(s_answerTime) is { IsPartitionEOF: false };
            }
            catch (ConsumeException exception)
            {
                logger.ClientDetail(clientId, exception.Error.Reason);
                return false;
            }
        });

    /// <summary>The coordinator of a group answers.</summary>
    public static Task<bool> HasCoordinatorAsync(KafkaConnection connection, string clientId, string group, string topic, ILogger logger) =>
        Task.Run(() =>
        {
            using var consumer = Connect(ClientSettings.Member(connection, group, clientId + "-probe"), clientId, logger);
            try
            {
                consumer.Committed([new KafkaPartition(topic, 0)], s_answerTime);
                return true;
            }
            catch (KafkaException exception)
            {
                logger.ClientDetail(clientId, exception.Error.Reason);
                return false;
            }
        });

    private static IConsumer<byte[], byte[]> Connect(Dictionary<string, string> settings, string clientId, ILogger logger) =>
        new ConsumerBuilder<byte[], byte[]>(settings)
            .SetErrorHandler((_, error) => logger.ClientDetail(clientId, error.Reason))
            .SetLogHandler((_, message) => logger.ClientDetail(clientId, message.Message))
            .Build();
}
