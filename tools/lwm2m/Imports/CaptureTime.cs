namespace Tools.Imports;

/// <summary>The clock of a capture: it stands until the next datagram, and never goes back.</summary>
sealed class CaptureTime(ulong ns) : TimeProvider
{
    ulong _ns = ns;

    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    public override DateTimeOffset GetUtcNow() => Traffic.Instant.Of(_ns);

    public override long GetTimestamp() => (long)(_ns / 100);

    /// <param name="ns">Unix time in ns.</param>
    public void MoveTo(ulong ns) => _ns = Math.Max(_ns, ns);
}
