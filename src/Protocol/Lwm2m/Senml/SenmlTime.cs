namespace Protocol.Lwm2m.Senml;

/// <summary>Times of SenML in seconds, absolute or relative to now (RFC 8428 section 4.5.3).</summary>
static class SenmlTime
{
    /// <summary>In seconds; a time below counts from now.</summary>
    internal const long FirstAbsolute = 1 << 28;

    // Beyond is no date that anybody means.
    const double Furthest = 1e11;

    /// <summary>Unix milliseconds of the sum of base time and time; false where that is no date.</summary>
    internal static bool TryResolve(double seconds, long receivedAt, out long timestamp)
    {
        timestamp = 0;
        if (!(Math.Abs(seconds) < Furthest))
            return false;
        var milliseconds = (long)Math.Round(seconds * 1000);
        timestamp = seconds < FirstAbsolute ? receivedAt + milliseconds : milliseconds;
        return true;
    }
}
