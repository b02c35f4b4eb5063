using Contracts;

namespace Egress.Relay;

/// <summary>What one MQTT message became.</summary>
internal sealed class Intake
{
    public static Intake Nothing { get; } = new();

    private readonly List<(EventId Fingerprint, Task Written)> _commands = [];

    public IReadOnlyList<(EventId Fingerprint, Task Written)> Commands => _commands;

    /// <summary>Completes when Kafka has all of it.</summary>
    public Task Written => Task.WhenAll(_commands.Select(command => command.Written));

    public void Add(EventId fingerprint, Task written) => _commands.Add((fingerprint, written));
}
