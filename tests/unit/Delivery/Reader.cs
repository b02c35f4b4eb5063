using Messaging;

namespace Pipeline.Tests.Delivery;

/// <summary>How far one process has read one log.</summary>
sealed class Reader(Log log, long from, Action<LogRecord> read)
{
    public Log Log => log;

    public long Next { get; private set; } = from;

    public bool HasMore => Next < log.End;

    /// <summary>Reads the next record, if compaction has left it.</summary>
    public void Read()
    {
        if (log[Next++] is { } entry)
            read(entry.Record);
    }
}
