using Messaging;

namespace Translator.Partitions;

/// <summary>A record to be written. The partition is always named.</summary>
public sealed record LogAppend(string Topic, int Partition, byte[] Key, byte[]? Value, RecordHeader[]? Headers = null);
