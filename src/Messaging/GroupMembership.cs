using Confluent.Kafka;

namespace Messaging;

/// <summary>
/// Who a member of a group was when it was given its partitions. A transaction shows it to commit their positions (KIP-447): the group refuses
/// what a member wants that has been replaced since.
/// </summary>
public sealed class GroupMembership
{
    private GroupMembership(IConsumerGroupMetadata? metadata) => Metadata = metadata;

    /// <summary>Null where the member had already been thrown out: with nameless metadata the group would accept anything.</summary>
    internal IConsumerGroupMetadata? Metadata { get; }

    internal static GroupMembership Of<TKey, TValue>(IConsumer<TKey, TValue> consumer)
    {
        var metadata = consumer.ConsumerGroupMetadata;
        return new GroupMembership(consumer.MemberId.Length > 0 ? metadata : null);
    }
}
