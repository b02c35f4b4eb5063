namespace Pipeline.IntegrationTests.Chaos.Ledgers;

/// <summary>From when a fault struck until everything was there again, in milliseconds.</summary>
readonly record struct FaultWindow(long From, long Until)
{
    /// <summary>
    /// After the last process is back: a group waits a session time-out for a dead member before another begins where it had committed,
    /// and devices wait for their next retransmission.
    /// </summary>
    public const long Wake = 30_000;

    public bool Explains(long at) => at >= From && at <= Until + Wake;
}
