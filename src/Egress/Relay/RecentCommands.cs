using Contracts;

namespace Egress.Relay;

/// <summary>
/// The commands that the broker may deliver again: those whose PUBACK may not have reached it. One whose PUBACK is old on a connection that
/// lives is forgotten, because brokers use packet ids again. Bounded; the oldest makes room. Not thread-safe.
/// </summary>
/// <param name="lasting">After this time a living connection has proved that the broker has our PUBACK, ms.</param>
/// <param name="telemetry">Counts what made room.</param>
internal sealed class RecentCommands(long lasting, EgressTelemetry telemetry)
{
    public const int Capacity = 32_768;

    private sealed record Entry(EventId Fingerprint, RelayedCommand? Command)
    {
        public long Since { get; set; } = long.MaxValue;
    }

    private readonly Dictionary<EventId, LinkedListNode<Entry>> _byFingerprint = [];
    private readonly LinkedList<Entry> _oldestFirst = new();

    public int Count => _byFingerprint.Count;

    /// <summary>Remembers one that was read from the log: perhaps acknowledged, perhaps not.</summary>
    public void AddRead(EventId fingerprint)
    {
        Add(fingerprint, null);
        Acknowledged(fingerprint, 0);
    }

    /// <summary>Remembers one that is being written.</summary>
    public void Add(EventId fingerprint, RelayedCommand? command)
    {
        Remove(fingerprint);
        if (_byFingerprint.Count == Capacity)
        {
            Remove(_oldestFirst.First!.Value.Fingerprint);
            telemetry.Forgotten.Add(1);
        }

        _byFingerprint[fingerprint] = _oldestFirst.AddLast(new Entry(fingerprint, command));
    }

    /// <summary>True where it was written, or is being written.</summary>
    public bool TryFind(EventId fingerprint, out RelayedCommand? command)
    {
        command = _byFingerprint.GetValueOrDefault(fingerprint)?.Value.Command;
        return _byFingerprint.ContainsKey(fingerprint);
    }

    /// <summary>Our PUBACK has gone out.</summary>
    public void Acknowledged(EventId fingerprint, long now)
    {
        if (_byFingerprint.TryGetValue(fingerprint, out var node))
        {
            node.Value.Since = now;
        }
    }

    /// <summary>
    /// A new connection. Where the broker has lost our session it will deliver nothing again; otherwise it does so now, what was acknowledged too
    /// if the PUBACK was lost.
    /// </summary>
    public void Reconnected(bool sessionPresent, long now)
    {
        if (!sessionPresent)
        {
            _byFingerprint.Clear();
            _oldestFirst.Clear();
        }

        foreach (var entry in _oldestFirst)
        {
            entry.Since = entry.Since == long.MaxValue ? entry.Since : now;
        }
    }

    /// <summary>Forgets what the broker cannot deliver again. Only while a connection lives, or at the moment it is lost.</summary>
    public void Forget(long now)
    {
        for (var node = _oldestFirst.First; node is not null && node.Value.Since <= now - lasting; node = _oldestFirst.First)
        {
            Remove(node.Value.Fingerprint);
        }
    }

    private void Remove(EventId fingerprint)
    {
        if (_byFingerprint.Remove(fingerprint, out var node))
        {
            _oldestFirst.Remove(node);
        }
    }
}
