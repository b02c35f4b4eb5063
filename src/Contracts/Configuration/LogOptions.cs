namespace Contracts.Configuration;

/// <summary>EMQX's block <c>log</c>, as far as it is meant here.</summary>
[Doc("Logs. EMQX's other keys are passed over: everything goes to the console, `--verbose` says more.")]
[Open]
public sealed record LogOptions
{
    [Doc("The console.")]
    public ConsoleLogOptions Console { get; init; } = new();

    [Doc("Endpoints whose every step each service logs, for a while of debugging: names with `*` and `?`, at most 100. They are traced, too, where `opentelemetry.traces` is on.")]
    [Live]
    public IReadOnlyList<string> Watch { get; init; } = [];
}
