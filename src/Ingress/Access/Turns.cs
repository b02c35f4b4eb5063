namespace Ingress.Access;

/// <summary>
/// Lets in so many per second, and what a second saves up at once. Who is turned away gets a turn of his own, the next that is free, and is
/// told to come then: so a crowd comes in at the rate, and not again as a crowd. Who comes too early is told the rest of his
/// time and keeps his turn; a turn that nobody has used for a while goes to others.
/// </summary>
/// <param name="now">ms of a monotonic clock, as everywhere here.</param>
sealed class Turns(double perSecond, long now)
{
    /// <summary>ms; nobody is told to come later than that, and no turns beyond are given: they would be kept for those who never come.</summary>
    public const long Longest = 300_000;

    /// <summary>ms for which a turn is kept.</summary>
    const long Kept = 15_000;

    /// <summary>Most turns that are remembered.</summary>
    const int Most = 1 << 18;

    readonly double _interval = 1000 / perSecond;
    readonly double _burst = Math.Max(1, perSecond) - 1;
    readonly Dictionary<ulong, double> _turns = [];
    readonly Queue<(ulong Who, double At)> _order = new();

    // The next turn that is free, ms.
    double _next = double.MinValue;

    // Of those without a turn, the next one's answer.
    long _unplaced = now;

    public double PerSecond => perSecond;

    /// <summary>Turns that were given and not used.</summary>
    public int Waiting => _turns.Count;

    /// <summary>Whether somebody without a turn may come in, who gets none either.</summary>
    public bool TryEnter(long now)
    {
        Expire(now);
        if (_next > now)
            return false;
        _next += _interval;
        return true;
    }

    /// <summary>Whether he may come in; else when he is to come.</summary>
    /// <param name="wait">ms.</param>
    public bool TryEnter(ulong who, long now, out long wait)
    {
        wait = 0;
        if (_turns.TryGetValue(who, out var at) && now < at + Kept)
        {
            if (now >= at)
                return _turns.Remove(who);
        }
        else if (TryEnter(now))
        {
            return true;
        }
        else if (_next < now + Longest && _turns.Count < Most)
        {
            _turns[who] = at = _next;
            _order.Enqueue((who, at));
            _next += _interval;
        }
        else
        {
            // One after the other through the time in which turns will become free.
            _unplaced = Math.Max(_unplaced + (long)_interval, now + (Longest / 2));
            if (_unplaced > now + Longest)
                _unplaced = now + (Longest / 2);
            at = _unplaced;
        }

        wait = Math.Clamp((long)Math.Ceiling(at - now), 1, Longest);
        return false;
    }

    /// <summary>Frees what is older than it may be.</summary>
    public void Expire(long now)
    {
        while (_order.TryPeek(out var oldest) && oldest.At + Kept <= now)
        {
            _order.Dequeue();
            // Somebody else may come instead, at the end of the queue: all others have been told when.
            if (_turns.TryGetValue(oldest.Who, out var at) && at.Equals(oldest.At) && _turns.Remove(oldest.Who))
                _next -= _interval;
        }

        if (_order.Count == 0)
        {
            _turns.TrimExcess();
            _order.TrimExcess();
        }

        _next = Math.Max(_next, now - (_burst * _interval));
    }
}
