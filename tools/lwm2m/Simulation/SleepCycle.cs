using Tools.Simulation.Scenarios;

namespace Tools.Simulation;

/// <summary>Queue mode of one device: it listens for a while after each message, and is deaf until it speaks again. Null options: always awake.</summary>
sealed class SleepCycle(QueueModeOptions? options)
{
    long _awakeUntil;

    /// <summary>When the device wakes to say that it lives, if nothing else wakes it.</summary>
    public long WakeAt { get; private set; } = long.MaxValue;

    public bool IsAsleep(long now) => options is not null && now >= _awakeUntil;

    /// <summary>Something was sent or received.</summary>
    public void Touch(long now)
    {
        if (options is not null)
            _awakeUntil = now + (long)options.Awake.TotalMilliseconds;
    }

    /// <summary>The gateway has answered a Register or Update, or one leaves now.</summary>
    public void Schedule(long now)
    {
        if (options?.WakeEvery is { } pause)
            WakeAt = now + (long)pause.TotalMilliseconds;
    }
}
