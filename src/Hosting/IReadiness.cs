namespace Hosting;

/// <summary>A part of a service that <c>/readyz</c> waits for. Asked on every request; must not block.</summary>
public interface IReadiness
{
    string Name { get; }

    bool Ready { get; }

    /// <summary>Why not, as a person wants to read it; null when ready.</summary>
    string? Reason { get; }
}
