namespace Tools.Network;

/// <summary>When each of a number of devices wants to be asked next. Times that no longer count are sorted out when they come up.</summary>
sealed class Agenda(int devices)
{
    readonly PriorityQueue<int, long> _queue = new();
    readonly long[] _entered = Enumerable.Repeat(long.MaxValue, devices).ToArray();

    /// <summary>The earliest time, or one before it.</summary>
    public long Next => _queue.TryPeek(out _, out var time) ? time : long.MaxValue;

    /// <summary>The device wants to be asked at that time. An earlier time in the queue stays: it only asks too soon.</summary>
    public void Set(int device, long time)
    {
        if (time >= _entered[device])
            return;
        _entered[device] = time;
        _queue.Enqueue(device, time);
    }

    /// <summary>Takes a device whose time has come, the earliest first; it has to be set again.</summary>
    public bool TryTake(long now, out int device, out long time)
    {
        while (_queue.TryPeek(out device, out time) && time <= now)
        {
            _queue.Dequeue();
            if (_entered[device] != time)
                continue;
            _entered[device] = long.MaxValue;
            return true;
        }
        return false;
    }
}
