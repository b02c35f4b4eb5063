using System.Diagnostics.CodeAnalysis;

namespace Ingress;

/// <summary>
/// When each session and job has something to do next, in ms of the monotonic clock. Later is free: what comes up early is scheduled again
/// by its owner, so that a refreshed lifetime costs nothing.
/// </summary>
sealed class Timetable
{
    readonly PriorityQueue<ITimed, long> _queue = new();

    /// <summary>When the next entry is due, stale ones among them.</summary>
    public long NextDue => _queue.TryPeek(out _, out var at) ? at : long.MaxValue;

    /// <summary>Makes it due at that time at the latest.</summary>
    public void Schedule(ITimed timed, long at)
    {
        if (at >= timed.ScheduledAt)
            return;
        timed.ScheduledAt = at;
        _queue.Enqueue(timed, at);
    }

    /// <summary>Takes out what is due.</summary>
    public bool TryTakeDue(long now, [NotNullWhen(true)] out ITimed? timed)
    {
        while (_queue.TryPeek(out timed, out var at) && at <= now)
        {
            _queue.Dequeue();
            if (timed.ScheduledAt != at)
                continue;
            timed.ScheduledAt = long.MaxValue;
            return true;
        }

        timed = null;
        return false;
    }
}
