using Contracts;
using Protocol.Lwm2m;

namespace Dashboard.Results;

/// <summary>
/// The last recorded results, by device, path and action: a bounded number of each device, a bounded number of bytes of all; the oldest
/// make room. Thread-safe.
/// </summary>
sealed class ResultTable(Action evicted)
{
    /// <summary>Of one device.</summary>
    public const int MostOfDevice = 100;

    /// <summary>Bytes of all.</summary>
    public const long MostBytes = 64 * 1024 * 1024;

    // A larger one would push out thousands of others.
    const int LargestEvent = 1024 * 1024;

    readonly Lock _gate = new();
    readonly Dictionary<string, List<LinkedListNode<RecordedResult>>> _byEndpoint = [];
    readonly LinkedList<RecordedResult> _oldestFirst = [];
    long _bytes;

    public int Count
    {
        get
        {
            lock (_gate)
                return _oldestFirst.Count;
        }
    }

    public long Bytes
    {
        get
        {
            lock (_gate)
                return _bytes;
        }
    }

    /// <summary>A command is on its way: what was answered before counts no more, unless it is the answer to this one, or a later one's.</summary>
    public void Asked(string endpoint, string path, string action, string commandId, long at)
    {
        var id = EventId.OfOutcome(commandId).ToString();
        lock (_gate)
        {
            var before = Find(endpoint, Normal(path), action)?.Value;
            if (before is null || (before.EventId != id && before.At < at))
                Put(new RecordedResult(endpoint, Normal(path), action, null, id, at));
        }
    }

    public void Answered(string endpoint, string path, string action, byte[] json, string eventId, long at)
    {
        if (json.Length > LargestEvent)
            return;
        lock (_gate)
            Put(new RecordedResult(endpoint, Normal(path), action, json, eventId, at));
    }

    /// <summary>Null: nothing of the kind has been asked or heard, as far as is remembered.</summary>
    public RecordedResult? Find(string endpoint, string path, string action, bool answered)
    {
        lock (_gate)
            return Find(endpoint, Normal(path), action)?.Value is { } found && (found.Event is not null || !answered) ? found : null;
    }

    /// <summary>"3/0/0?a=b" is "/3/0/0"; what is no path stays as it is.</summary>
    public static string Normal(string path) => RequestTarget.TryParse(path, out var target) ? target.Path.ToString() : path;

    void Put(RecordedResult result)
    {
        if (Find(result.Endpoint, result.Path, result.Action) is { } before)
        {
            _bytes += result.Size - before.Value.Size;
            before.Value = result;
            _oldestFirst.Remove(before);
            _oldestFirst.AddLast(before);
        }
        else
        {
            if (!_byEndpoint.TryGetValue(result.Endpoint, out var results))
                _byEndpoint.Add(result.Endpoint, results = new List<LinkedListNode<RecordedResult>>(1));
            if (results.Count >= MostOfDevice)
                Evict(results.MinBy(node => node.Value.At)!);
            // Evicting the last of a device takes its list away, but it has just been full.
            results.Add(_oldestFirst.AddLast(result));
            _bytes += result.Size;
        }

        while (_bytes > MostBytes && _oldestFirst.First is { } oldest && oldest.Value != result)
            Evict(oldest);
    }

    void Evict(LinkedListNode<RecordedResult> node)
    {
        _oldestFirst.Remove(node);
        _bytes -= node.Value.Size;
        var results = _byEndpoint[node.Value.Endpoint];
        results.Remove(node);
        if (results.Count == 0)
            _byEndpoint.Remove(node.Value.Endpoint);
        evicted();
    }

    LinkedListNode<RecordedResult>? Find(string endpoint, string path, string action) =>
        _byEndpoint.TryGetValue(endpoint, out var results) ? results.Find(node => node.Value.Path == path && node.Value.Action == action) : null;
}
