namespace Egress.Publishing;

/// <summary>
/// Our hold on a partition of events. Its end is announced: then what lies before the last record that was sent is still sent, so that what is published
/// is a prefix of the log, and nothing else, because all after it is the next owner's. Once it is over nothing is sent any more. Thread-safe.
/// </summary>
internal sealed class PartitionLease
{
    private readonly object _gate = new();
    private long _highest = -1;
    private long _limit = long.MaxValue;
    private int _open;

    /// <summary>What has been published of it.</summary>
    public RecentEvents Recent { get; } = new();

    /// <summary>Nothing behind this offset is sent.</summary>
    public long Limit => Volatile.Read(ref _limit);

    /// <summary>A record of it is to be published.</summary>
    public void Took() => Interlocked.Increment(ref _open);

    /// <summary>All that there was to do about a record is done.</summary>
    public void Closed()
    {
        if (Interlocked.Decrement(ref _open) == 0 && Limit < long.MaxValue)
        {
            lock (_gate)
            {
                Monitor.PulseAll(_gate);
            }
        }
    }

    /// <summary>A record is left to the next owner, with those that have followed it.</summary>
    public void Left(EventKey? key)
    {
        var followers = key is { } known ? Recent.GivenUp(known).Count : 0;
        for (var i = 0; i <= followers; i++)
        {
            Closed();
        }
    }

    /// <summary>True where this record may be sent now; then it counts as sent.</summary>
    public bool TrySend(long offset)
    {
        lock (_gate)
        {
            if (offset > _limit)
            {
                return false;
            }

            _highest = Math.Max(_highest, offset);
            return true;
        }
    }

    /// <summary>Nothing is begun any more.</summary>
    public void Announce()
    {
        lock (_gate)
        {
            _limit = Math.Min(_limit, _highest);
        }
    }

    /// <summary>Nothing is sent any more.</summary>
    public void End()
    {
        lock (_gate)
        {
            _limit = -1;
        }
    }

    /// <summary>Waits until everything that was taken is closed, so that it can be committed.</summary>
    public void AwaitClosed(TimeSpan bound)
    {
        var deadline = Environment.TickCount64 + (long)bound.TotalMilliseconds;
        lock (_gate)
        {
            while (Volatile.Read(ref _open) > 0 && deadline - Environment.TickCount64 is > 0 and var left)
            {
                Monitor.Wait(_gate, TimeSpan.FromMilliseconds(left));
            }
        }
    }
}
