using Contracts;

namespace Dashboard.Gateways;

/// <summary>The processes of the gateway, as of what has been read of the instances topic. Thread-safe.</summary>
sealed class InstanceTable(TimeProvider time)
{
    /// <summary>Who is silent for longer is not alive.</summary>
    public static readonly TimeSpan AliveFor = TimeSpan.FromSeconds(10);

    // One entry for each name that ever was would do; but anybody can write there.
    const int Most = 10_000;

    readonly Lock _gate = new();
    readonly Dictionary<string, LiveInstance> _instances = [];
    TaskCompletionSource _changed = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Null is a tombstone.</summary>
    public void Fold(string name, InstanceRecord? record)
    {
        lock (_gate)
        {
            if (record is null)
            {
                _instances.Remove(name);
            }
            else if (_instances.TryGetValue(name, out var known))
            {
                _instances[name] = known with { Record = record, StartedMs = record.Kind == "start" ? record.HeartbeatMs : known.StartedMs };
            }
            else if (_instances.Count < Most)
            {
                _instances[name] = new LiveInstance(name, record, record.HeartbeatMs);
            }

            _changed.TrySetResult();
            _changed = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        }
    }

    /// <summary>Those whose heartbeat is fresh and who have not said that they stop, by name.</summary>
    public IReadOnlyList<LiveInstance> Alive()
    {
        var oldest = (time.GetUtcNow() - AliveFor).ToUnixTimeMilliseconds();
        lock (_gate)
        {
            return [.. _instances.Values.Where(i => i.Record.Kind != "stop" && i.Record.HeartbeatMs > oldest)
                .OrderBy(i => i.Name, StringComparer.Ordinal)];
        }
    }

    /// <summary>Ends when the next record is read. Ask before looking.</summary>
    public Task Changed
    {
        get
        {
            lock (_gate)
                return _changed.Task;
        }
    }
}
