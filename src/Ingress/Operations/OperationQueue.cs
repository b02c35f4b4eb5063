using Ingress.Observations;

namespace Ingress.Operations;

/// <summary>The commands for one device: the one that is under way, and those that wait, the more urgent first, else in order.</summary>
sealed class OperationQueue
{
    readonly List<QueuedOperation> _waiting = [];

    /// <summary>The request that was sent, or is about to be marked and sent.</summary>
    public QueuedOperation? Active { get; set; }

    public IReadOnlyList<QueuedOperation> Waiting => _waiting;

    /// <summary>Paths whose observation is over, and is to leave the session record.</summary>
    public HashSet<string> Forgotten { get; } = [];

    public bool IsIdle => Active is null && _waiting.Count == 0 && Forgotten.Count == 0;

    public void Add(QueuedOperation operation)
    {
        var at = _waiting.Count;
        while (at > 0 && _waiting[at - 1].Operation.Priority < operation.Operation.Priority)
            at--;
        _waiting.Insert(at, operation);
    }

    /// <summary>The one that is under way waits again, as the first.</summary>
    public void PutBack(QueuedOperation operation)
    {
        Active = null;
        _waiting.Insert(0, operation);
    }

    /// <summary>The one that is under way waits again until the device is heard, and lets the others go first.</summary>
    public void PutLast(QueuedOperation operation, long unansweredAt)
    {
        Active = null;
        operation.Exchange = null;
        operation.UnansweredAt = unansweredAt;
        _waiting.Add(operation);
    }

    public void Remove(QueuedOperation operation) => _waiting.Remove(operation);

    /// <summary>The rest of a notification is not wanted any more. A request that is under way is waited for, and that is all.</summary>
    public void Abandon(BodyFetch fetch)
    {
        fetch.IsAbandoned = true;
        _waiting.Remove(fetch);
        if (Active == fetch && fetch.Exchange is null)
            Active = null;
    }

    /// <summary>Takes the first that may start.</summary>
    public QueuedOperation? TakeNext(Predicate<QueuedOperation> mayStart)
    {
        var next = _waiting.Find(mayStart);
        if (next is not null)
            _waiting.Remove(next);
        return next;
    }
}
