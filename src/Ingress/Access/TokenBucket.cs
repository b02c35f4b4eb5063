namespace Ingress.Access;

/// <summary>So many per second, and what a second saves up at once.</summary>
sealed class TokenBucket(double perSecond, long now)
{
    readonly double _most = Math.Max(1, perSecond);
    double _tokens = Math.Max(1, perSecond);
    long _filled = now;

    public double PerSecond => perSecond;

    /// <param name="now">ms of a monotonic clock.</param>
    public bool TryTake(long now)
    {
        _tokens = Math.Min(_most, _tokens + ((now - _filled) * perSecond / 1000));
        _filled = now;
        if (_tokens < 1)
            return false;
        _tokens--;
        return true;
    }
}
