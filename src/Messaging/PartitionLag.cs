namespace Messaging;

/// <summary>How many records of a partition a group has not committed.</summary>
public readonly record struct PartitionLag(TopicPartition Partition, long Records);
