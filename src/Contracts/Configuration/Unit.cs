namespace Contracts.Configuration;

/// <summary>How a number is written in configuration.</summary>
public enum Unit
{
    /// <summary>Bytes, with KB, MB and GB as powers of 1024.</summary>
    Bytes,

    /// <summary>A number, or "infinity" for the largest value of the type.</summary>
    CountOrInfinity,

    /// <summary>Per second: "1000/s", "60/1m", a bare number, or "infinity".</summary>
    Rate,

    /// <summary>A part of all: "10%", or 0.1.</summary>
    Ratio,

    /// <summary>A duration whose plain number is seconds; that of every other duration is milliseconds (EMQX).</summary>
    Seconds,
}
