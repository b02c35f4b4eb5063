namespace Contracts;

/// <summary>How a topic must look on the broker.</summary>
public sealed record TopicSpec
{
    public required string Name { get; init; }
    public required int Partitions { get; init; }
    public required CleanupPolicy Cleanup { get; init; }

    /// <summary>Further topic settings, by their Kafka names.</summary>
    public required IReadOnlyDictionary<string, string> Settings { get; init; }
}

/// <summary>Whether old records go by age or by key.</summary>
public enum CleanupPolicy
{
    Delete,
    Compact,
}
