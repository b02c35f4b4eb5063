namespace Hosting;

/// <summary>
/// A part of a service that <c>/healthz</c> asks whether it can go on. What passes by itself (Kafka or MQTT is away) is no trouble: only a new
/// process mends what is. Asked on every request; must not block.
/// </summary>
public interface ILiveness
{
    string Name { get; }

    /// <summary>Why not, as a person wants to read it; null: it can.</summary>
    string? Trouble { get; }
}
