namespace Messaging;

/// <summary>What a member of a consumer group does. All calls come from the consumer's thread.</summary>
public interface IGroupHandler
{
    /// <summary>
    /// The whole new assignment, which may be empty. Its partitions deliver nothing before the task completes; cancelled when they are
    /// revoked first.
    /// </summary>
    Task AssignedAsync(IReadOnlyList<TopicPartition> partitions, CancellationToken ct);

    /// <summary>
    /// Contact with the group is lost: Kafka is away, or somebody else has these by now. The next assignment tells: they are in it, and go on
    /// behind what was handed out, or <see cref="Revoked"/> says that they are gone. What is under way may be finished meanwhile.
    /// </summary>
    void Suspended(IReadOnlyList<TopicPartition> partitions)
    {
    }

    /// <summary>
    /// These are about to be given up, in good order: what is done before this returns is still committed. Not called where they are lost.
    /// Must end within a second or two, since the whole group waits.
    /// </summary>
    void Revoking(IReadOnlyList<TopicPartition> partitions)
    {
    }

    /// <summary>These are no longer ours. Their records that are not done are given to the next owner.</summary>
    void Revoked(IReadOnlyList<TopicPartition> partitions);

    /// <summary>
    /// The next record of its partition. Its effect is over when <see cref="GroupConsumer.Done"/> has been called. An exception ends the
    /// consumer.
    /// </summary>
    void Handle(LogRecord record);
}
