namespace Tools.Load;

/// <summary>Turns at a fixed rate from a start on; times in microseconds. A rate of 0 has none.</summary>
struct Schedule(long start, double rate)
{
    /// <summary>Turns that have passed.</summary>
    public long Count { get; private set; }

    public readonly long NextAt => TimeOf(Count);

    public void Advance() => Count++;

    public readonly long TimeOf(long turn) => rate > 0 ? start + (long)(turn * 1e6 / rate) : long.MaxValue;
}
