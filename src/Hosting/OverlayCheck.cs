namespace Hosting;

/// <summary>What would become of a record laid over the configuration.</summary>
/// <param name="Problem">Why it would not be in force; null: it would.</param>
/// <param name="Waiting">The keys that would wait for the next start.</param>
public sealed record OverlayCheck(string? Problem, IReadOnlyList<string> Waiting);
