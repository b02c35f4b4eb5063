namespace Messaging;

/// <summary>One record as read. A record without a key has an empty one; a null value is a tombstone.</summary>
public readonly record struct LogRecord(
    string Topic, int Partition, long Offset, byte[] Key, byte[]? Value, IReadOnlyList<RecordHeader> Headers, long TimestampMs);
