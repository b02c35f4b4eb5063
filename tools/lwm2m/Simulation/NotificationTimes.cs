using Tools.Simulation.Scenarios;

namespace Tools.Simulation;

/// <summary>When a device reports of its own accord: at a period with jitter, and in bursts. Times are milliseconds of its clock.</summary>
sealed class NotificationTimes(NotifyOptions options, Random random)
{
    long _period = long.MaxValue;
    long _jittered = long.MaxValue;
    long _burst = long.MaxValue;
    int _burstLeft;

    public long NextAt => Math.Min(_jittered, _burst);

    /// <summary>Both clocks begin, each device's at a time of its own.</summary>
    public void Start(long now)
    {
        if (options.Every is { } every)
        {
            _period = now + (long)(random.NextDouble() * every.TotalMilliseconds);
            Jitter();
        }
        if (options.BurstEvery is { } pause)
            _burst = now + (long)(random.NextDouble() * pause.TotalMilliseconds);
        _burstLeft = options.BurstSize;
    }

    /// <summary>A time has come; it is asked for until it says no.</summary>
    public bool TryTake(long now)
    {
        if (now >= _jittered)
        {
            _period += Milliseconds(options.Every!.Value);
            Jitter();
            return true;
        }
        if (now < _burst)
            return false;
        _burstLeft--;
        if (_burstLeft > 0)
        {
            _burst += Milliseconds(options.BurstGap);
        }
        else
        {
            _burstLeft = options.BurstSize;
            _burst += Milliseconds(options.BurstEvery!.Value);
        }
        return true;
    }

    static long Milliseconds(TimeSpan time) => Math.Max(1, (long)time.TotalMilliseconds);

    // The jitter is laid over the period and does not add up.
    void Jitter() => _jittered = _period + (long)(random.NextDouble() * options.Jitter.TotalMilliseconds);
}
