namespace Ingress.Access;

/// <summary>
/// When those are to come again who cannot be served now, and not through their own fault: one after the other, so that they do not
/// come as one wave; not at once, and within a minute.
/// </summary>
sealed class ComeAgain(Clock clock, Random random)
{
    const int Soonest = 5_000;
    const int Latest = 60_000;
    const int PerSecond = 1000;

    double _last;

    /// <summary>The Max-Age of the next answer 5.03.</summary>
    public TimeSpan Next()
    {
        var now = clock.Milliseconds;
        _last = Math.Max(_last, now + Soonest) + (1000.0 / PerSecond);
        if (_last <= now + Latest)
            return TimeSpan.FromMilliseconds(_last - now);
        // More than a minute takes.
        _last = now + Latest;
        return TimeSpan.FromMilliseconds(random.Next(Soonest, Latest));
    }
}
