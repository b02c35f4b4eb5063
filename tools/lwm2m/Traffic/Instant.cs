namespace Tools.Traffic;

/// <summary>Unix time in ns, as records have it.</summary>
static class Instant
{
    /// <summary>To 100 ns. (64 bits of ns end in the year 2554.)</summary>
    public static DateTimeOffset Of(ulong ns) => DateTimeOffset.UnixEpoch.AddTicks((long)(ns / 100));
}
