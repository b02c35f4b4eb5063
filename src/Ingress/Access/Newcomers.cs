using Ingress.Sockets;

namespace Ingress.Access;

/// <summary>
/// Peers without a session that were heard lately. Two sets that take turns: a peer is forgotten between half the time and the whole time
/// after it was last heard, and at once half of them where there are too many.
/// </summary>
sealed class Newcomers(TimeSpan kept, int most = 1 << 16)
{
    readonly long _turn = Math.Max(1, (long)kept.TotalMilliseconds / 2);
    HashSet<Peer> _young = [];
    HashSet<Peer> _old = [];
    long _turned;

    public int Count => _young.Count + _old.Count;

    /// <summary>Whether the peer was heard before; from now on it was.</summary>
    public bool Meet(in Peer peer, long now)
    {
        Forget(now);
        if (_young.Contains(peer))
            return true;
        var known = _old.Remove(peer);
        if (_young.Count >= most / 2)
            Turn(now);
        _young.Add(peer);
        return known;
    }

    /// <summary>Whether the peer was heard lately.</summary>
    public bool Knows(in Peer peer, long now)
    {
        Forget(now);
        return _young.Contains(peer) || _old.Contains(peer);
    }

    /// <summary>Frees what is older than it may be.</summary>
    public void Forget(long now)
    {
        if (Count == 0 || now - _turned < _turn)
        {
            _turned = Count == 0 ? now : _turned;
            return;
        }

        if (now - _turned >= 2 * _turn)
            _young.Clear();
        Turn(now);
    }

    void Turn(long now)
    {
        (_old, _young) = (_young, _old);
        _young.Clear();
        _turned = now;
    }
}
