using Contracts;
using Messaging;

namespace Pipeline.Tests.Delivery;

/// <summary>Kafka in memory: logs, and what the Translators' group has committed and who it has given which partition.</summary>
sealed class Cluster
{
    public const int Partitions = 2;

    public static readonly Topics Topics = new("t");

    readonly Dictionary<(string, int), Log> _logs = [];

    /// <summary>A record stands in a log: who wrote it.</summary>
    public event Action<LogRecord, string>? Landed;

    /// <summary>By topic and partition: what the group has committed.</summary>
    public Dictionary<(string, int), long> Committed { get; } = [];

    public Log Of(string topic, int partition = 0)
    {
        if (!_logs.TryGetValue((topic, partition), out var log))
            _logs[(topic, partition)] = log = new Log(topic, partition);
        return log;
    }

    /// <summary>Both partitions of a topic keyed by endpoint.</summary>
    public IEnumerable<Log> All(string topic) => Enumerable.Range(0, Partitions).Select(p => Of(topic, p));

    public IEnumerable<LogRecord> Records(string topic) => All(topic).SelectMany(l => l.Records);

    public Log Place(string topic, int partition, byte[] key) => Of(topic, partition >= 0 ? partition : KeyPartitioner.PartitionOf(key, Partitions));

    public LogRecord Append(Log log, byte[] key, byte[]? value, IReadOnlyList<RecordHeader> headers, long nowMs, string writer)
    {
        var record = log.Append(key, value, headers, nowMs, writer);
        Landed?.Invoke(record, writer);
        return record;
    }
}
