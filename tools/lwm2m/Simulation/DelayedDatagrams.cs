namespace Tools.Simulation;

/// <summary>Datagrams that are on their way for a while. Those that leave at the same time keep their order.</summary>
sealed class DelayedDatagrams
{
    /// <summary>Further ones are lost, as in a network whose buffers are full.</summary>
    const int MaxDatagrams = 1 << 17;

    readonly PriorityQueue<Delayed, (long Time, long Order)> _queue = new();
    long _order;

    public long Next => _queue.TryPeek(out _, out var priority) ? priority.Time : long.MaxValue;

    public bool TryAdd(long time, int device, ReadOnlySpan<byte> datagram, bool isUp)
    {
        if (_queue.Count >= MaxDatagrams)
            return false;
        _queue.Enqueue(new Delayed(device, datagram.ToArray(), isUp), (time, _order++));
        return true;
    }

    /// <summary>One whose time has come.</summary>
    public bool TryTake(long now, out Delayed datagram)
    {
        datagram = default;
        return Next <= now && _queue.TryDequeue(out datagram, out _);
    }

    /// <summary>On its way to the gateway, or from it.</summary>
    public readonly record struct Delayed(int Device, byte[] Bytes, bool IsUp);
}
