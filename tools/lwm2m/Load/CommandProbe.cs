using System.Collections.Concurrent;
using System.Diagnostics;

namespace Tools.Load;

/// <summary>Commands on their way: who asked when, and how long the answers took.</summary>
/// <param name="lastId">Ids begin behind it.</param>
sealed class CommandProbe(long lastId = 0)
{
    readonly ConcurrentDictionary<long, long> _open = new();
    long _lastId = lastId;
    long _failed;

    public LatencyHistogram Latency { get; } = new();

    /// <summary>Without an answer so far.</summary>
    public int Open => _open.Count;

    /// <summary>Answered with something else than success.</summary>
    public long Failed => Volatile.Read(ref _failed);

    /// <summary>The id of a command that leaves now.</summary>
    public long Begin()
    {
        var id = Interlocked.Increment(ref _lastId);
        _open[id] = Stopwatch.GetTimestamp();
        return id;
    }

    /// <summary>The first answer counts, others do not.</summary>
    public void Answer(long id, bool isSuccess)
    {
        if (!_open.TryRemove(id, out var startedAt))
            return;
        Latency.Record((long)Stopwatch.GetElapsedTime(startedAt).TotalMicroseconds);
        if (!isSuccess)
            Interlocked.Increment(ref _failed);
    }
}
