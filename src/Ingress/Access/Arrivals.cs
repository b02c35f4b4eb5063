using Contracts.Configuration;
using Ingress.Registrations;
using Ingress.Sockets;

namespace Ingress.Access;

/// <summary>
/// The limits of a listener. <c>max_connections</c> counts live registrations of its devices that this replica owns, and Registers that are
/// being asked about or written; <c>max_conn_rate</c> counts peers without a session that were not heard for a while.
/// </summary>
sealed class Arrivals(Node node)
{
    readonly Newcomers _newcomers = new(node.Configuration().Lwm2m.IdleTimeout);
    readonly HashSet<Peer> _arriving = [];
    readonly Dictionary<int, int> _arrivingOn = [];
    readonly Dictionary<int, TokenBucket> _rates = [];

    /// <summary>Peers without a session that are remembered.</summary>
    public int Remembered => _newcomers.Count;

    /// <summary>Whether a peer without a session may be listened to now.</summary>
    public bool TryMeet(in Peer peer)
    {
        var perSecond = Settings(peer)?.MaxConnRate ?? double.PositiveInfinity;
        if (double.IsPositiveInfinity(perSecond))
            return true;
        var now = node.Clock.Milliseconds;
        if (_newcomers.Knows(peer, now) || Rate(peer.Listener, perSecond).TryTake(now))
        {
            _newcomers.Meet(peer, now);
            return true;
        }

        node.Telemetry.PeersRefused.Add(1, new KeyValuePair<string, object?>("limit", "max_conn_rate"));
        return false;
    }

    /// <summary>
    /// Whether there is room for one more session. A registration that takes the place of one of the same endpoint on this listener is none.
    /// </summary>
    public bool TryArrive(in Peer peer, Session? known)
    {
        var most = Settings(peer)?.MaxConnections ?? int.MaxValue;
        if (_arriving.Contains(peer) || (known is { IsLive: true } && node.Owns(known) && known.Peer.Listener == peer.Listener))
            return true;
        if (most != int.MaxValue && node.Sessions.LiveOn(node.Slot, peer.Listener) + _arrivingOn.GetValueOrDefault(peer.Listener) >= most)
        {
            node.Telemetry.PeersRefused.Add(1, new KeyValuePair<string, object?>("limit", "max_connections"));
            return false;
        }

        _arriving.Add(peer);
        _arrivingOn[peer.Listener] = _arrivingOn.GetValueOrDefault(peer.Listener) + 1;
        return true;
    }

    /// <summary>Its Register is over, one way or the other.</summary>
    public void End(in Peer peer)
    {
        if (_arriving.Remove(peer))
            _arrivingOn[peer.Listener]--;
    }

    /// <summary>Frees what is not needed any more.</summary>
    public void Sweep() => _newcomers.Forget(node.Clock.Milliseconds);

    ListenerOptions? Settings(in Peer peer) =>
        peer.Listener < node.Listeners.Count ? node.Configuration().Lwm2m.Listeners.Find(node.Listeners[peer.Listener]) : null;

    TokenBucket Rate(int listener, double perSecond)
    {
        if (!_rates.TryGetValue(listener, out var bucket) || bucket.PerSecond != perSecond)
            _rates[listener] = bucket = new TokenBucket(perSecond, node.Clock.Milliseconds);
        return bucket;
    }
}
