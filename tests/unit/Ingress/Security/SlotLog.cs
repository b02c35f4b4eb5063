using Ingress.Security;
using Messaging;

namespace Pipeline.Tests.Ingress.Security;

/// <summary>The partition of a slot: what was written, at its offset. Processes write to it late, or in part.</summary>
sealed class SlotLog
{
    readonly List<(long Offset, byte[] Key, byte[]? Value)> _records = [];
    long _next;

    public void Add(byte[] key, byte[]? value) => _records.Add((_next++, key, value));

    /// <summary>The first at or behind an offset.</summary>
    public LogRecord? From(long offset)
    {
        foreach (var (at, key, value) in _records)
        {
            if (at >= offset)
                return new LogRecord("dtls", 0, at, key, value, [], 0);
        }

        return null;
    }

    /// <summary>Leaves the newest of each key, and no tombstones.</summary>
    public void Compact()
    {
        var newest = _records.GroupBy(r => Convert.ToHexString(r.Key)).ToDictionary(g => g.Key, g => g.Last().Offset);
        _records.RemoveAll(r => r.Value is null || newest[Convert.ToHexString(r.Key)] != r.Offset);
    }

    /// <summary>What one process has handed over and has not been told about.</summary>
    public sealed class Writer(SlotLog log)
    {
        readonly Queue<(byte[] Key, byte[]? Value, IAppendSink Sink, long Cookie)> _handed = [];

        public bool IsEmpty => _handed.Count == 0;

        /// <summary>Kafka takes nothing.</summary>
        public bool IsFull { get; set; }

        public AppendStatus TryAppend(byte[] key, byte[]? value, IAppendSink sink, long cookie)
        {
            if (IsFull)
                return AppendStatus.QueueFull;
            _handed.Enqueue((key, value, sink, cookie));
            return AppendStatus.Handed;
        }

        /// <summary>The oldest is written, or not, and the process is told so, or else.</summary>
        public void Land(bool isWritten = true, bool isTold = true)
        {
            if (!_handed.TryDequeue(out var handed))
                return;
            var offset = log._next;
            if (isWritten)
                log.Add(handed.Key, handed.Value);
            handed.Sink.Appended(handed.Cookie, 0, isWritten && isTold ? offset : -1, isWritten && isTold);
        }
    }
}
