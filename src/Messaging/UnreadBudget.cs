using Contracts;

namespace Messaging;

/// <summary>
/// Keeps the producers of a process from overrunning its readers on the embedded broker, which silently drops the oldest records of a
/// partition beyond 5 MiB. A record is refused while the partition's unread bytes with it would pass <see cref="Limit"/>; unread is what
/// the slowest reader has not handled (a group: not committed), plus what is on its way. A reader counts from when it joins: a partition
/// that nobody reads has no limit and keeps its newest 5 MiB. Thread-safe.
/// </summary>
public sealed class UnreadBudget
{
    /// <summary>
    /// Unread bytes that a partition may hold: 5 MiB less the batch that a reader may be in the middle of, with room to spare.
    /// </summary>
    public const int Limit = 4 * 1024 * 1024;

    /// <summary>
    /// Largest record. Two batches in a row must fit into 5 MiB: where one record pushes out all others, the broker loses that, too.
    /// </summary>
    public const int MaxRecordBytes = 2 * 1024 * 1024;

    /// <summary>
    /// What a record costs beyond key, value and headers, alone in its batch. It also keeps a partition far below the broker's other limit,
    /// 100 000 batches.
    /// </summary>
    internal const int RecordOverhead = 96;

    private readonly Dictionary<string, UnreadPartition[]> _topics;

    public UnreadBudget(IEnumerable<TopicSpec> topics) => _topics = topics.ToDictionary(
        topic => topic.Name, topic => Enumerable.Range(0, topic.Partitions).Select(_ => new UnreadPartition(Limit)).ToArray());

    /// <summary>Partitions of a topic, 0 where it is not known.</summary>
    public int PartitionsOf(string topic) => _topics.TryGetValue(topic, out var partitions) ? partitions.Length : 0;

    /// <summary>Asks for room. True: <see cref="Written"/> or <see cref="Failed"/> must follow with the same size.</summary>
    internal bool TryReserve(string topic, int partition, int bytes) => Find(topic, partition)?.TryReserve(bytes) ?? true;

    internal void Written(string topic, int partition, long offset, int bytes) => Find(topic, partition)?.Written(offset, bytes);

    internal void Failed(string topic, int partition, int bytes) => Find(topic, partition)?.Failed(bytes);

    /// <summary>A reader begins at an offset. One that has joined before keeps its place.</summary>
    internal void Join(string reader, string topic, int partition, long offset) => Find(topic, partition)?.Join(reader, offset);

    internal void Leave(string reader, string topic, int partition) => Find(topic, partition)?.Leave(reader);

    /// <summary>Everything below the offset has been handled by the reader.</summary>
    internal void Handled(string reader, string topic, int partition, long offset) => Find(topic, partition)?.Handled(reader, offset);

    private UnreadPartition? Find(string topic, int partition) =>
        _topics.TryGetValue(topic, out var partitions) && (uint)partition < (uint)partitions.Length ? partitions[partition] : null;
}
