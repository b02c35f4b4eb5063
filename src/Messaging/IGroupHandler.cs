namespace Messaging;

/// <summary>What a member of a consumer group does. All calls come from the consumer's thread.</summary>
public interface IGroupHandler
{
    /// <summary>
    /// The whole new assignment, which may be empty. Its partitions deliver nothing before the task completes; cancelled when they are
    /// revoked first.
    /// </summary>
    Task AssignedAsync(IReadOnlyList<TopicPartition> partitions, CancellationToken ct);

    /// <summary>These are no longer ours (revoked or lost). Their records that are not done will be given to the next owner.</summary>
    void Revoked(IReadOnlyList<TopicPartition> partitions);

    /// <summary>
    /// The next record of its partition. Its effect is over when <see cref="GroupConsumer.Done"/> has been called. An exception ends the
    /// consumer.
    /// </summary>
    void Handle(LogRecord record);
}
