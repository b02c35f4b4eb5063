namespace Translator.Operations;

/// <summary>Bounds of one partition's book.</summary>
public sealed record OperationLimits
{
    /// <summary>Commands that have no outcome yet; a further one ends with "queue full".</summary>
    public int MaxOpen { get; init; } = 20_000;

    /// <summary>Bytes of their payloads and echoes together.</summary>
    public long MaxOpenBytes { get; init; } = 64 * 1024 * 1024;

    /// <summary>Closed commands that are remembered; the oldest beyond them is forgotten before its day is over.</summary>
    public int MaxClosed { get; init; } = 50_000;

    /// <summary>How long a closed command is remembered.</summary>
    public TimeSpan ClosedFor { get; init; } = TimeSpan.FromDays(1);

    /// <summary>How long after the deadline an outcome is waited for: MAX_TRANSMIT_WAIT (RFC 7252 section 4.8.2).</summary>
    public TimeSpan Grace { get; init; } = TimeSpan.FromSeconds(93);
}
