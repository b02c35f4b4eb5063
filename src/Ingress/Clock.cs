namespace Ingress;

/// <summary>Monotonic time for protocols, wall-clock time for what must survive the process.</summary>
sealed class Clock(TimeProvider time)
{
    readonly long _origin = time.GetTimestamp();

    /// <summary>Since this object was made.</summary>
    public TimeSpan Elapsed => time.GetElapsedTime(_origin);

    /// <summary>ms since this object was made.</summary>
    public long Milliseconds => (long)Elapsed.TotalMilliseconds;

    public long UnixMilliseconds => time.GetUtcNow().ToUnixTimeMilliseconds();

    public long UnixNanoseconds => (time.GetUtcNow() - DateTimeOffset.UnixEpoch).Ticks * TimeSpan.NanosecondsPerTick;
}
