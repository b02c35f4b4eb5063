using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;
using Contracts;

namespace Dashboard.Commands;

/// <summary>
/// Who waits for the outcome of a command. An outcome's event is recognised by its id, which is a function of the command's. Bounded.
/// Thread-safe.
/// </summary>
sealed class OutcomeWaiting
{
    /// <summary>Requests that can wait at once.</summary>
    public const int Most = 10_000;

    readonly ConcurrentDictionary<string, TaskCompletionSource<byte[]>> _waiting = new();

    public int Count => _waiting.Count;

    /// <summary>
    /// Before the command is written. False: too many wait. The JSON of the outcome's event ends the task; <see cref="Forget"/> must follow.
    /// </summary>
    public bool TryAwait(string commandId, [NotNullWhen(true)] out Task<byte[]>? outcome)
    {
        outcome = null;
        if (_waiting.Count >= Most)
            return false;
        var source = _waiting.GetOrAdd(
            EventId.OfOutcome(commandId).ToString(), _ => new TaskCompletionSource<byte[]>(TaskCreationOptions.RunContinuationsAsynchronously));
        outcome = source.Task;
        return true;
    }

    public void Forget(string commandId) => _waiting.TryRemove(EventId.OfOutcome(commandId).ToString(), out _);

    /// <param name="eventId">Of the uplink event: a <c>ce_id</c> without its index.</param>
    public void Tell(string eventId, byte[] json)
    {
        if (!_waiting.IsEmpty && _waiting.TryGetValue(eventId, out var source))
            source.TrySetResult(json);
    }
}
