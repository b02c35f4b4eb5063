namespace Egress.Publishing;

/// <summary>Our hold on a partition of events. Once it has ended nothing of it is published any more: its records are the next owner's.</summary>
internal sealed class PartitionLease
{
    private readonly object _quiet = new();
    private int _onTheWire;
    private volatile bool _ended;

    public bool Ended => _ended;

    /// <summary>A record of it is about to be sent.</summary>
    public void Sent() => Interlocked.Increment(ref _onTheWire);

    /// <summary>A record that was sent is acknowledged, or taken back because the connection is gone.</summary>
    public void Settled()
    {
        if (Interlocked.Decrement(ref _onTheWire) == 0 && _ended)
        {
            lock (_quiet)
            {
                Monitor.PulseAll(_quiet);
            }
        }
    }

    public void End() => _ended = true;

    /// <summary>Waits until nothing of it is on the wire, so that what the next owner publishes comes later.</summary>
    public void AwaitQuiet(TimeSpan bound)
    {
        var deadline = Environment.TickCount64 + (long)bound.TotalMilliseconds;
        lock (_quiet)
        {
            while (Volatile.Read(ref _onTheWire) > 0 && deadline - Environment.TickCount64 is > 0 and var left)
            {
                Monitor.Wait(_quiet, TimeSpan.FromMilliseconds(left));
            }
        }
    }
}
