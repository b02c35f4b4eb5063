namespace Contracts.Configuration;

/// <summary>EMQX's <c>filter</c>: where it keeps the options of tracing in some versions.</summary>
[Doc("EMQX's other place for `e2e_tracing_options`, which wins.")]
[Open]
public sealed record TraceFilterOptions
{
    public EndToEndTracingOptions E2eTracingOptions { get; init; } = EndToEndTracingOptions.Default;
}
