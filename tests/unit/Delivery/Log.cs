using Messaging;

namespace Pipeline.Tests.Delivery;

/// <summary>One partition of a topic: records in the order in which they landed. What compaction has taken is null.</summary>
sealed class Log(string topic, int partition)
{
    readonly List<Entry?> _entries = [];

    public string Topic { get; } = topic;
    public int Partition { get; } = partition;

    /// <summary>The offset behind the last record.</summary>
    public long End => _entries.Count;

    /// <summary>Who has written what, and when (Unix time in ms).</summary>
    public sealed record Entry(LogRecord Record, string Writer);

    public IEnumerable<LogRecord> Records => _entries.OfType<Entry>().Select(e => e.Record);

    public Entry? this[long offset] => _entries[(int)offset];

    public LogRecord Append(byte[] key, byte[]? value, IReadOnlyList<RecordHeader> headers, long nowMs, string writer)
    {
        var record = new LogRecord(Topic, Partition, End, key, value, headers, nowMs);
        _entries.Add(new Entry(record, writer));
        return record;
    }

    /// <summary>Of each key only the last record stays, of those that are older than that; younger ones are not looked at.</summary>
    public int Compact(long olderThanMs)
    {
        var kept = new HashSet<string>();
        var taken = 0;
        var from = _entries.Count - 1;
        while (from >= 0 && (_entries[from] is not { } young || young.Record.TimestampMs > olderThanMs))
            from--;
        for (; from >= 0; from--)
        {
            if (_entries[from] is not { } entry || kept.Add(Convert.ToHexString(entry.Record.Key)))
                continue;
            _entries[from] = null;
            taken++;
        }

        return taken;
    }
}
