namespace Messaging;

/// <summary>What of the config topic is in force.</summary>
/// <param name="Offset">Behind the last record that is; null: there was none.</param>
/// <param name="Problem">Which newest records are not, and why; null: all are.</param>
public sealed record ConfigPosition(long? Offset, string? Problem)
{
    /// <summary>Nothing has been read.</summary>
    public static ConfigPosition None { get; } = new(null, null);
}
