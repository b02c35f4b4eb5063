namespace Contracts.Configuration;

/// <summary>What is traced, and how much of it.</summary>
[Doc("What is traced, and how much of it.")]
[Open]
public sealed record EndToEndTracingOptions
{
    /// <summary>Where nothing is configured.</summary>
    public static readonly EndToEndTracingOptions Default = new();

    [Doc("Which part of all that begins here is traced, as `10%` or `0.1`. Whatever comes with a `traceparent` is traced as that says, watched endpoints (`log.watch`) always.")]
    [Unit(Unit.Ratio)]
    [Range("0%", "100%")]
    [Live]
    public double SampleRatio { get; init; } = 0.1;

    [Doc("Take up the `traceparent` that a command brings as MQTT user property. Switched off, it is passed over. That of a record on `commands` always counts.")]
    [Live]
    public bool FollowTraceparent { get; init; } = true;

    [Doc("Attribute `cluster.id` of every span. Absent: `kafka.topic_prefix`.")]
    public string? ClusterIdentifier { get; init; }
}
