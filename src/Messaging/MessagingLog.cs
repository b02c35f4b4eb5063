using Microsoft.Extensions.Logging;

namespace Messaging;

/// <summary>Everything that this assembly logs.</summary>
internal static partial class MessagingLog
{
    [LoggerMessage(1, LogLevel.Warning, "Kafka client {ClientId}: {Message}")]
    public static partial void ClientWarning(this ILogger logger, string clientId, string message);

    [LoggerMessage(2, LogLevel.Debug, "Kafka client {ClientId}: {Message}")]
    public static partial void ClientDetail(this ILogger logger, string clientId, string message);

    [LoggerMessage(3, LogLevel.Warning, "No Kafka broker can be reached by {ClientId}; nothing is taken until one is back.")]
    public static partial void BrokersAway(this ILogger logger, string clientId);

    [LoggerMessage(4, LogLevel.Information, "Kafka is back for {ClientId}.")]
    public static partial void BrokersBack(this ILogger logger, string clientId);

    [LoggerMessage(5, LogLevel.Error, "A record for {Topic} could not be written: {Reason}")]
    public static partial void AppendFailed(this ILogger logger, string topic, string reason);

    [LoggerMessage(6, LogLevel.Warning, "The Kafka client does not take a record for {Topic} now: {Reason}")]
    public static partial void AppendRefused(this ILogger logger, string topic, string reason);

    [LoggerMessage(7, LogLevel.Critical, "{ClientId} ends: {Reason}")]
    public static partial void Ended(this ILogger logger, Exception exception, string clientId, string reason);

    [LoggerMessage(8, LogLevel.Error, "{ClientId}: offset {Offset} of {Partition} is no longer in the log; "
        + "records are lost to this reader, which goes on at {Next}.")]
    public static partial void OutOfRange(this ILogger logger, string clientId, long offset, TopicPartition partition, long next);

    [LoggerMessage(10, LogLevel.Information, "{ClientId} has {Count} partitions: {Partitions}")]
    public static partial void Assigned(this ILogger logger, string clientId, int count, string partitions);

    [LoggerMessage(11, LogLevel.Information, "{ClientId} gives up {Count} partitions.")]
    public static partial void Revoked(this ILogger logger, string clientId, int count);

    [LoggerMessage(15, LogLevel.Warning, "{ClientId} has lost contact with its group; {Count} partitions stand still.")]
    public static partial void Suspended(this ILogger logger, string clientId, int count);

    [LoggerMessage(12, LogLevel.Warning, "{ClientId} could not commit, some records will be done again: {Reason}")]
    public static partial void CommitFailed(this ILogger logger, string clientId, string reason);

    [LoggerMessage(13, LogLevel.Information, "Created topic {Topic} with {Partitions} partitions.")]
    public static partial void TopicCreated(this ILogger logger, string topic, int partitions);

    [LoggerMessage(14, LogLevel.Warning, "{ClientId} cannot learn its committed offsets yet: {Reason}")]
    public static partial void CommittedUnknown(this ILogger logger, string clientId, string reason);

    [LoggerMessage(16, LogLevel.Error, "{ClientId} has read nothing of {Partitions} for {Seconds} s, though Kafka tells others of more records; "
        + "a new client goes on there.")]
    public static partial void ReadAnew(this ILogger logger, string clientId, string partitions, double seconds);
}
