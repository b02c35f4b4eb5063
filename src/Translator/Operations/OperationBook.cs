using Contracts;

namespace Translator.Operations;

/// <summary>
/// The operations topic of one partition, folded: which commands are open, which are closed. Its owner enters what it decides before that is
/// written, and everything read from the log; a closed command stays closed whatever is read later. No I/O; time is an argument.
/// </summary>
public sealed class OperationBook(OperationLimits limits)
{
    private readonly Dictionary<OperationKey, OpenOperation> _open = [];
    private readonly Dictionary<string, List<OpenOperation>> _byEndpoint = [];
    private readonly PriorityQueue<OpenOperation, long> _byEnd = new();
    private readonly Dictionary<OperationKey, ClosedOperation> _closed = [];
    private readonly HashSet<OperationKey> _covered = [];
    private readonly Queue<OperationKey> _closedInOrder = new();
    private long _openBytes;

    public int OpenCount => _open.Count;

    public int ClosedCount => _closed.Count;

    /// <summary>Devices with open commands.</summary>
    public IReadOnlyCollection<string> Endpoints => _byEndpoint.Keys;

    public OperationStanding StandingOf(string endpoint, string commandId)
    {
        var key = new OperationKey(endpoint, commandId);
        return _closed.ContainsKey(key) ? OperationStanding.Closed
            : _open.ContainsKey(key) ? OperationStanding.Open
            : OperationStanding.Unknown;
    }

    /// <summary>Enters a record of the log. A tombstone only ever removes a closed command.</summary>
    public void Fold(OperationKey key, OperationRecord? record)
    {
        switch (record)
        {
            case null:
                _closed.Remove(key);
                _covered.Remove(key);
                break;
            case { State: OperationState.Closed }:
                Remove(key);
                Remember(key, new ClosedOperation(record.ClosedMs, record.Outcome, record.Operation?.Kind ?? OperationKind.Unspecified) { IsRead = true });
                _covered.Remove(key);
                break;
            case { State: OperationState.Accepted } when _closed.TryGetValue(key, out var closed) && closed.IsRead:
                _covered.Add(key);
                break;
            case { State: OperationState.Accepted, Operation: not null } when StandingOf(key.Endpoint, key.CommandId) == OperationStanding.Unknown:
                Add(new OpenOperation(key, record.Operation, mayBeHanded: true));
                break;
        }
    }

    /// <summary>Enters a command that stands nowhere yet; null where there is no room.</summary>
    public OperationRecord? Accept(DownlinkOperation operation, long nowMs)
    {
        ArgumentNullException.ThrowIfNull(operation);
        var entry = new OpenOperation(new OperationKey(operation.Endpoint, operation.Command.CommandId), operation, mayBeHanded: false);
        if (_open.Count >= limits.MaxOpen || _openBytes + entry.Size > limits.MaxOpenBytes)
        {
            return null;
        }

        Add(entry);
        return new OperationRecord { Schema = operation.Schema, State = OperationState.Accepted, Operation = operation, AcceptedMs = nowMs };
    }

    /// <summary>Enters an outcome, also of a command that stands nowhere; null where it is closed already.</summary>
    public OperationRecord? Close(string endpoint, string commandId, Outcome outcome, long nowMs)
    {
        var key = new OperationKey(endpoint, commandId);
        if (_closed.ContainsKey(key))
        {
            return null;
        }

        var kind = _open.GetValueOrDefault(key)?.Operation.Kind ?? OperationKind.Unspecified;
        Remove(key);
        var closed = new ClosedOperation(nowMs, outcome, kind);
        Remember(key, closed);
        return closed.ToRecord(key);
    }

    /// <summary>
    /// Records of closed commands to be written again, because a paused former owner, which did not know, has written behind them that they were
    /// accepted: compaction would leave only that.
    /// </summary>
    public IReadOnlyList<OperationRecord> TakeCovered(int most)
    {
        var covered = _covered.Take(most).ToList();
        _covered.ExceptWith(covered);
        return [.. covered.Where(_closed.ContainsKey).Select(key => _closed[key].ToRecord(key))];
    }

    /// <summary>
    /// The open operations of a device that have not been handed to this target, oldest first, made out to it; they count as handed now.
    /// </summary>
    public IReadOnlyList<DownlinkOperation> HandOver(string endpoint, HandOverTarget target)
    {
        if (!_byEndpoint.TryGetValue(endpoint, out var entries))
        {
            return [];
        }

        var handed = new List<DownlinkOperation>();
        foreach (var entry in entries)
        {
            if (entry.HandedTo == target || entry.IsEnding)
            {
                continue;
            }

            entry.HandedTo = target;
            var operation = entry.Operation.Clone();
            operation.Epoch = target.Epoch;
            operation.RegistrationNumber = target.Number;
            handed.Add(operation);
        }

        return handed;
    }

    /// <summary>Commands whose deadline and grace have passed, each told once.</summary>
    public IReadOnlyList<OverdueOperation> TakeOverdue(long nowMs, int most)
    {
        var overdue = new List<OverdueOperation>();
        while (overdue.Count < most && _byEnd.TryPeek(out var entry, out var end) && end <= nowMs)
        {
            _byEnd.Dequeue();
            if (_open.GetValueOrDefault(entry.Key) == entry)
            {
                entry.IsEnding = true;
                overdue.Add(new OverdueOperation(entry.Operation, entry.MayBeHanded ? Outcome.Unknown : Outcome.NeverSent));
            }
        }

        return overdue;
    }

    /// <summary>Closed commands to be forgotten: those of yesterday, and the oldest of too many.</summary>
    public IReadOnlyList<OperationKey> TakeForgotten(long nowMs, int most)
    {
        var forgotten = new List<OperationKey>();
        while (forgotten.Count < most && _closedInOrder.TryPeek(out var key))
        {
            if (_closed.TryGetValue(key, out var closed))
            {
                if (closed.ClosedMs + (long)limits.ClosedFor.TotalMilliseconds > nowMs && _closed.Count <= limits.MaxClosed)
                {
                    break;
                }

                _closed.Remove(key);
                _covered.Remove(key);
                forgotten.Add(key);
            }

            _closedInOrder.Dequeue();
        }

        return forgotten;
    }

    private void Add(OpenOperation entry)
    {
        _open.Add(entry.Key, entry);
        _openBytes += entry.Size;
        if (!_byEndpoint.TryGetValue(entry.Key.Endpoint, out var entries))
        {
            _byEndpoint.Add(entry.Key.Endpoint, entries = []);
        }

        entries.Add(entry);
        _byEnd.Enqueue(entry, EndOf(entry));
    }

    // What has ended stays in the queue until its time, so the queue is made anew before that outgrows what is open.
    private void TrimEnds()
    {
        if (_byEnd.Count <= 2 * _open.Count + 1024)
        {
            return;
        }

        _byEnd.Clear();
        foreach (var entry in _open.Values)
        {
            if (!entry.IsEnding)
            {
                _byEnd.Enqueue(entry, EndOf(entry));
            }
        }
    }

    private long EndOf(OpenOperation entry) => entry.Operation.DeadlineMs + (long)limits.Grace.TotalMilliseconds;

    private void Remove(OperationKey key)
    {
        if (!_open.Remove(key, out var entry))
        {
            return;
        }

        _openBytes -= entry.Size;
        var entries = _byEndpoint[key.Endpoint];
        entries.Remove(entry);
        if (entries.Count == 0)
        {
            _byEndpoint.Remove(key.Endpoint);
        }

        TrimEnds();
    }

    private void Remember(OperationKey key, ClosedOperation closed)
    {
        if (_closed.TryAdd(key, closed))
        {
            _closedInOrder.Enqueue(key);
        }
        else if (closed.IsRead)
        {
            _closed[key].IsRead = true;
        }
    }
}
