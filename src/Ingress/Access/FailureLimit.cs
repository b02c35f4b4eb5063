using Ingress.Sockets;

namespace Ingress.Access;

/// <summary>
/// How often devices behind one address may be turned away before nobody is asked about it any more: a debt that grows by one with each
/// failure and shrinks by one each second. Successes cost nothing, since a whole fleet may stand behind one address.
/// </summary>
sealed class FailureLimit
{
    /// <summary>Failures at once; afterwards one a second.</summary>
    public const int Most = 60;

    const int MostSources = 1 << 16;

    readonly Dictionary<Peer, (double Debt, long At)> _sources = [];
    long _swept;

    public int Count => _sources.Count;

    /// <summary>Whether somebody from there may be asked about.</summary>
    public bool Allows(in Peer peer, long now) => _sources.Count == 0 || Debt(peer.Source, now) < Most;

    public void Fail(in Peer peer, long now)
    {
        var source = peer.Source;
        if (_sources.Count >= MostSources && !_sources.ContainsKey(source))
            Sweep(now);
        // Who has that many addresses is not held up by this in any case.
        if (_sources.Count < MostSources || _sources.ContainsKey(source))
            _sources[source] = (Math.Min(Most, Debt(source, now) + 1), now);
    }

    /// <summary>Frees the sources that owe nothing any more.</summary>
    public void Sweep(long now)
    {
        if (now - _swept < 1000)
            return;
        _swept = now;
        foreach (var (source, (debt, at)) in _sources)
        {
            if (debt <= (now - at) / 1000.0)
                _sources.Remove(source);
        }
    }

    double Debt(in Peer source, long now) =>
        _sources.TryGetValue(source, out var known) ? Math.Max(0, known.Debt - ((now - known.At) / 1000.0)) : 0;
}
