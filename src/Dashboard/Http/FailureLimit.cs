using System.Net;

namespace Dashboard.Http;

/// <summary>
/// How often each source may fail: a few times at once, then now and again. Sources beyond the table's room share one allowance. Thread-safe.
/// </summary>
sealed class FailureLimit(TimeProvider time)
{
    /// <summary>Failures at once.</summary>
    public const int Burst = 10;

    /// <summary>After which one more is allowed.</summary>
    public static readonly TimeSpan Recovery = TimeSpan.FromSeconds(6);

    const int MostSources = 10_000;

    readonly Lock _gate = new();
    readonly Dictionary<IPAddress, (double Failures, long At)> _sources = [];

    /// <summary>The source has used up its failures.</summary>
    public bool IsReached(IPAddress source)
    {
        lock (_gate)
            return Current(Place(source)) > Burst - 1;
    }

    public void Failed(IPAddress source)
    {
        lock (_gate)
        {
            var place = Place(source);
            if (!_sources.ContainsKey(place) && _sources.Count >= MostSources)
                Forget();
            place = Place(source);
            _sources[place] = (Current(place) + 1, time.GetTimestamp());
        }
    }

    IPAddress Place(IPAddress source) => _sources.ContainsKey(source) || _sources.Count < MostSources ? source : IPAddress.None;

    double Current(IPAddress source) =>
        _sources.TryGetValue(source, out var known) ? Math.Max(0, known.Failures - (time.GetElapsedTime(known.At) / Recovery)) : 0;

    void Forget()
    {
        foreach (var source in _sources.Keys.Where(known => Current(known) == 0).ToList())
            _sources.Remove(source);
    }
}
