namespace Contracts.Configuration;

/// <summary>Traces for a collector.</summary>
[Doc("Traces for a collector.")]
[Open]
public sealed record TracesOptions
{
    [Doc("Trace what devices tell and what they are asked, across Kafka.")]
    public bool Enable { get; init; }

    [Doc("Most spans that wait to be sent; further ones are left out.")]
    [Range("16", "1000000")]
    public int MaxQueueSize { get; init; } = 2048;

    [Doc("How long spans are gathered before they are sent.")]
    [Range("10ms", "10m")]
    public TimeSpan ScheduledDelay { get; init; } = TimeSpan.FromSeconds(5);

    [Doc("What is traced.")]
    public EndToEndTracingOptions E2eTracingOptions { get; init; } = new();

    [Doc("EMQX's other place for the same, which wins.")]
    public TraceFilterOptions Filter { get; init; } = new();

    /// <summary>The options in force, in whichever of EMQX's two places they stand.</summary>
    public EndToEndTracingOptions EndToEnd => Filter.E2eTracingOptions == EndToEndTracingOptions.Default ? E2eTracingOptions : Filter.E2eTracingOptions;
}
