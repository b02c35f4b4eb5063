namespace Protocol.Coap;

/// <summary>Time in steps of 256 ms in 32 bits, which halves a deadline. Compared by difference, so that it may wrap around.</summary>
static class Ticks
{
    const int Shift = 8;

    public static uint At(long milliseconds) => (uint)(milliseconds >> Shift);

    /// <summary>The first tick at which that time has passed for certain.</summary>
    public static uint After(long milliseconds) => At(milliseconds) + 1;

    public static bool IsDue(uint deadline, uint now) => (int)(now - deadline) >= 0;

    public static bool IsBefore(uint left, uint right) => (int)(left - right) < 0;
}
