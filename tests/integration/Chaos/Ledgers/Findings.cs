namespace Pipeline.IntegrationTests.Chaos.Ledgers;

/// <summary>All that was found, counted by kind, the first of each in words. Safe from several threads.</summary>
sealed class Findings
{
    const int MostTold = 20;

    readonly Lock _gate = new();

    /// <summary>Is told each finding that is kept in words.</summary>
    public Action<string> Tell { private get; init; } = _ => { };

    readonly Dictionary<FindingKind, (long Count, List<string> Told)> _kinds = [];

    public long this[FindingKind kind]
    {
        get
        {
            lock (_gate)
                return _kinds.TryGetValue(kind, out var found) ? found.Count : 0;
        }
    }

    public bool Any
    {
        get
        {
            lock (_gate)
                return _kinds.Count > 0;
        }
    }

    public string Brief
    {
        get
        {
            lock (_gate)
                return string.Join(", ", _kinds.OrderBy(k => k.Key).Select(k => $"{k.Key} {k.Value.Count}"));
        }
    }

    public void Add(FindingKind kind, string told)
    {
        lock (_gate)
        {
            var (count, all) = _kinds.GetValueOrDefault(kind, (0, []));
            _kinds[kind] = (count + 1, all);
            if (all.Count == MostTold)
                return;
            all.Add(told);
        }

        Tell($"{kind}: {told}");
    }

    public IReadOnlyList<string> Told(FindingKind kind)
    {
        lock (_gate)
            return _kinds.TryGetValue(kind, out var found) ? [.. found.Told] : [];
    }

    public override string ToString()
    {
        lock (_gate)
            return string.Join('\n', _kinds.OrderBy(k => k.Key).Select(k => $"{k.Key}: {k.Value.Count}\n  {string.Join("\n  ", k.Value.Told)}"));
    }
}
