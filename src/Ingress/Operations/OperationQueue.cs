using Ingress.Observations;

namespace Ingress.Operations;

/// <summary>
/// The commands for one device: the one that is under way, and those that wait. The rest of a notification and those that wait for nobody's
/// sleep go first, then the more urgent, else in order.
/// </summary>
sealed class OperationQueue
{
    readonly List<QueuedOperation> _waiting = [];

    /// <summary>The request that was sent, or is about to be marked and sent.</summary>
    public QueuedOperation? Active { get; set; }

    public IReadOnlyList<QueuedOperation> Waiting => _waiting;

    /// <summary>Those of <see cref="Waiting"/> that somebody waits for.</summary>
    public int Commands => _waiting.Count(o => o.IsCommand);

    /// <summary>What became of observations, by path, and is to be written into the session record.</summary>
    public Dictionary<string, ObservationMark> Marks { get; } = [];

    /// <summary>When the device was heard last, as of a request that it left unanswered: until it is heard again it sleeps.</summary>
    public long? UnansweredSince { get; set; }

    /// <summary>When the device was heard last, as of the Disable that it has carried out: until it is heard again it says and hears nothing.</summary>
    public long? QuietSince { get; set; }

    public bool IsIdle => Active is null && _waiting.Count == 0 && Marks.Count == 0 && QuietSince is null;

    public void Add(QueuedOperation operation)
    {
        var at = _waiting.Count;
        while (at > 0 && Urgency(_waiting[at - 1]) < Urgency(operation))
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

    /// <summary>The repeated observation of that path that is under way or waits.</summary>
    public QueuedOperation? RenewalOf(string path) => All.FirstOrDefault(o => o.Renews > 0 && o.Operation.Path == path);

    /// <summary>Whether a command observes that path.</summary>
    public bool Observes(string path) =>
        All.Any(o => o is { Renews: 0, Operation.Kind: Contracts.OperationKind.Observe } && o.Operation.Path == path);

    /// <summary>
    /// A new registration: the device knows nothing of bodies that it got a part of, and what became of observations in the one before says
    /// nothing of this one, unless it was the end.
    /// </summary>
    public void BeginAnew()
    {
        QuietSince = null;
        foreach (var waiting in _waiting)
            waiting.Blocks = null;
        foreach (var path in Marks.Where(m => m.Value != ObservationMark.Over).Select(m => m.Key).ToList())
            Marks.Remove(path);
    }

    /// <summary>The registration has ended: what is wanted waits for the next one.</summary>
    public void RemoveRenewals()
    {
        _waiting.RemoveAll(o => o.Renews > 0);
        if (Active is { Renews: > 0 })
            Active = null;
    }

    /// <summary>The one that is under way and those that wait.</summary>
    public IEnumerable<QueuedOperation> All => Active is null ? _waiting : _waiting.Prepend(Active);

    static long Urgency(QueuedOperation queued) => queued.Operation.Immediate || queued is BodyFetch ? long.MaxValue : queued.Operation.Priority;
}
