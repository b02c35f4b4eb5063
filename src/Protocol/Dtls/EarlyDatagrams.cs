namespace Protocol.Dtls;

/// <summary>
/// What a session has heard ahead of what is reserved for it, until that is in force: no longer than its peer would wait before it says the same
/// again. Few, and only authentic ones, so that nobody else can fill it.
/// </summary>
/// <param name="host">Hears of what was kept for too long.</param>
sealed class EarlyDatagrams<TAddress>(IDtlsHost<TAddress> host)
    where TAddress : struct, IEquatable<TAddress>
{
    const int Most = 16;
    const int LargestDatagram = 2048;

    static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);

    readonly Queue<(TAddress From, byte[] Datagram, long At)> _datagrams = [];

    /// <summary>False where there are too many, or it is too long.</summary>
    /// <param name="from">Where it came from.</param>
    /// <param name="datagram">It.</param>
    /// <param name="time">The clock.</param>
    public bool TryAdd(in TAddress from, ReadOnlySpan<byte> datagram, TimeProvider time)
    {
        Forget(time);
        if (datagram.Length > LargestDatagram || _datagrams.Count >= Most)
            return false;
        _datagrams.Enqueue((from, datagram.ToArray(), time.GetTimestamp()));
        return true;
    }

    /// <summary>All that are not too old.</summary>
    public (TAddress From, byte[] Datagram)[] Take(TimeProvider time)
    {
        Forget(time);
        return [.. _datagrams.Select(d => (d.From, d.Datagram))];
    }

    void Forget(TimeProvider time)
    {
        while (_datagrams.TryPeek(out var oldest) && time.GetElapsedTime(oldest.At) > Patience)
        {
            _datagrams.Dequeue();
            host.Dropped(DropReason.Unreserved);
        }
    }
}
