using System.Diagnostics.CodeAnalysis;
using Contracts;

namespace Dashboard.Clients;

/// <summary>
/// Who is registered, as of what has been read of the registrations topic, in the order of client ids. Records share what many devices
/// have in common. Thread-safe.
/// </summary>
sealed class ClientTable
{
    readonly Lock _gate = new();
    readonly Dictionary<string, Entry> _byEndpoint = [];
    readonly SortedSet<Entry> _inOrder = new(new ByClientId());
    readonly SharedParts _shared = new();
    readonly Dictionary<string, List<(string RegistrationId, TaskCompletionSource Gone)>> _awaited = [];

    public int Count
    {
        get
        {
            lock (_gate)
                return _inOrder.Count;
        }
    }

    /// <summary>Enters a record. The highest number counts; null is a tombstone.</summary>
    public void Fold(string endpoint, RegistrationRecord? record)
    {
        lock (_gate)
        {
            _byEndpoint.TryGetValue(endpoint, out var known);
            if (record is null)
            {
                if (known is not null)
                    TakeOut(known);
                _byEndpoint.Remove(endpoint);
            }
            else if (known is null || known.Number <= record.Number)
            {
                Enter(known, record);
            }

            TellAwaiting(endpoint);
        }
    }

    /// <summary>The client of that id; of several endpoints that use one id, the one that registered last.</summary>
    public bool TryFind(string clientId, [NotNullWhen(true)] out RegistrationRecord? client)
    {
        lock (_gate)
        {
            client = null;
            foreach (var entry in _inOrder.GetViewBetween(Entry.First(clientId), Entry.Last(clientId)))
            {
                if (client is null || entry.Record!.RegisteredAt > client.RegisteredAt)
                    client = entry.Record;
            }

            return client is not null;
        }
    }

    /// <summary>One page of those that the filter lets through, and how many there are on all pages.</summary>
    /// <param name="skip">Before the page.</param>
    public (List<RegistrationRecord> Page, int Count) List(ClientFilter filter, int skip, int limit)
    {
        var page = new List<RegistrationRecord>(Math.Min(limit, 100));
        var count = 0;
        lock (_gate)
        {
            foreach (var entry in _inOrder)
            {
                if (!filter.Takes(entry.Record!))
                    continue;
                if (count >= skip && page.Count < limit)
                    page.Add(entry.Record!);
                count++;
            }
        }

        return (page, count);
    }

    /// <summary>How many clients each listener has: "udp:default".</summary>
    public Dictionary<string, int> CountByListener()
    {
        var counts = new Dictionary<string, int>();
        lock (_gate)
        {
            foreach (var entry in _inOrder)
                counts[entry.Record!.Client.Listener] = counts.GetValueOrDefault(entry.Record.Client.Listener) + 1;
        }

        return counts;
    }

    /// <summary>Ends when that registration is over.</summary>
    public Task WhenGone(string endpoint, string registrationId)
    {
        lock (_gate)
        {
            if (IsGone(endpoint, registrationId))
                return Task.CompletedTask;
            if (!_awaited.TryGetValue(endpoint, out var waiting))
                _awaited.Add(endpoint, waiting = []);
            var gone = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            waiting.Add((registrationId, gone));
            return gone.Task;
        }
    }

    /// <summary>Nobody waits any more for that to end.</summary>
    public void Forget(string endpoint, Task gone)
    {
        lock (_gate)
        {
            if (_awaited.TryGetValue(endpoint, out var waiting) && waiting.RemoveAll(w => w.Gone.Task == gone) > 0 && waiting.Count == 0)
                _awaited.Remove(endpoint);
        }
    }

    void Enter(Entry? known, RegistrationRecord record)
    {
        if (known is null)
            _byEndpoint.Add(record.Endpoint, known = new Entry(record.Endpoint));
        var stays = record.IsLive && known.Record is { } before && before.Client.Clientid == record.Client.Clientid;
        if (!stays)
            TakeOut(known);
        known.Number = record.Number;
        known.Record = record.IsLive ? _shared.Compact(record, known.Endpoint) : null;
        if (record.IsLive && !stays)
            _inOrder.Add(known);
    }

    void TakeOut(Entry entry)
    {
        if (entry.Record is null)
            return;
        _inOrder.Remove(entry);
        entry.Record = null;
    }

    void TellAwaiting(string endpoint)
    {
        if (!_awaited.TryGetValue(endpoint, out var waiting))
            return;
        foreach (var (_, gone) in waiting.Where(w => IsGone(endpoint, w.RegistrationId)))
            gone.TrySetResult();
        waiting.RemoveAll(w => w.Gone.Task.IsCompleted);
        if (waiting.Count == 0)
            _awaited.Remove(endpoint);
    }

    bool IsGone(string endpoint, string registrationId) =>
        !_byEndpoint.TryGetValue(endpoint, out var entry) || entry.Record?.RegistrationId != registrationId;

    /// <summary>An endpoint; without a record it is gone, and only its number is remembered until the tombstone.</summary>
    sealed class Entry(string endpoint)
    {
        readonly string? _clientId;

        Entry(string endpoint, string clientId) : this(endpoint) => _clientId = clientId;

        public string Endpoint => endpoint;

        public ulong Number { get; set; }

        public RegistrationRecord? Record { get; set; }

        public string ClientId => Record?.Client.Clientid ?? _clientId!;

        public static Entry First(string clientId) => new("", clientId);

        // No endpoint holds a lone surrogate, and none sorts behind this one.
        public static Entry Last(string clientId) => new("\uFFFF", clientId);
    }

    sealed class ByClientId : IComparer<Entry>
    {
        public int Compare(Entry? x, Entry? y)
        {
            var order = string.CompareOrdinal(x!.ClientId, y!.ClientId);
            return order != 0 ? order : string.CompareOrdinal(x.Endpoint, y.Endpoint);
        }
    }
}
