namespace Tools.Simulation;

/// <summary>
/// A source of chance in 8 bytes: the state of SplitMix64 (Steele, Lea and Flood, 2014). <see cref="Random"/> with a seed takes some 350 bytes,
/// which a hundred thousand devices would feel.
/// </summary>
sealed class SeededRandom(ulong seed) : Random
{
    const ulong Golden = 0x9E3779B97F4A7C15;

    ulong _state = seed;

    /// <summary>Seeds that lie next to each other give numbers that have nothing in common.</summary>
    public static ulong Mix(ulong first, ulong second) => Scramble(Scramble(first + Golden) ^ (second + 1) * Golden);

    /// <summary>A number from 0 to below 1 that the seeds alone decide.</summary>
    public static double Share(ulong first, ulong second) => ToUnit(Mix(first, second));

    public override int Next() => Next(int.MaxValue);

    public override int Next(int maxValue) => (int)(NextDouble() * maxValue);

    public override int Next(int minValue, int maxValue) => minValue + (int)(NextDouble() * ((long)maxValue - minValue));

    public override double NextDouble() => ToUnit(NextBits());

    public override void NextBytes(Span<byte> buffer)
    {
        foreach (ref var each in buffer)
            each = (byte)(NextBits() >> 56);
    }

    public override void NextBytes(byte[] buffer) => NextBytes(buffer.AsSpan());

    protected override double Sample() => NextDouble();

    static double ToUnit(ulong bits) => (bits >> 11) * (1.0 / (1UL << 53));

    static ulong Scramble(ulong value)
    {
        value = (value ^ value >> 30) * 0xBF58476D1CE4E5B9;
        value = (value ^ value >> 27) * 0x94D049BB133111EB;
        return value ^ value >> 31;
    }

    ulong NextBits() => Scramble(_state += Golden);
}
