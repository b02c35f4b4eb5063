using Contracts.Configuration;
using Ingress.Registrations;
using Ingress.Sockets;
using Protocol.Coap;

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
    readonly Dictionary<int, Turns> _rates = [];

    /// <summary>Peers without a session that are remembered.</summary>
    public int Remembered => _newcomers.Count;

    /// <summary>Turns that were given to those that could not be listened to at once.</summary>
    public int Waiting => _rates.Values.Sum(turns => turns.Waiting);

    /// <summary>Whether a peer without a session may be listened to now; else when its request is to come again.</summary>
    public bool TryMeet(in Peer peer, in CoapFrame frame, out TimeSpan wait)
    {
        wait = default;
        var perSecond = Settings(peer)?.MaxConnRate ?? double.PositiveInfinity;
        if (double.IsPositiveInfinity(perSecond))
            return true;
        var now = node.Clock.Milliseconds;
        var turns = Rate(peer.Listener, perSecond);
        var later = 0L;
        if (_newcomers.Knows(peer, now) || (frame.Code.IsRequest ? turns.TryEnter(WhoIs(peer, frame), now, out later) : turns.TryEnter(now)))
        {
            _newcomers.Meet(peer, now);
            return true;
        }

        wait = TimeSpan.FromMilliseconds(later);
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
    public void Sweep()
    {
        _newcomers.Forget(node.Clock.Milliseconds);
        foreach (var turns in _rates.Values)
            turns.Expire(node.Clock.Milliseconds);
    }

    // A device that waits behind a NAT may come from another port then: of a Register, its endpoint says who it is.
    static ulong WhoIs(in Peer peer, in CoapFrame frame)
    {
        if (frame.Code == CoapCode.Post)
        {
            foreach (var query in frame.UriQuery)
            {
                if (query.StartsWith("ep="u8))
                    return MessageDigest.Of(query);
            }
        }

        Span<byte> bytes = stackalloc byte[Peer.MaxLength];
        return MessageDigest.Of(bytes[..peer.Write(bytes)]);
    }

    ListenerOptions? Settings(in Peer peer) =>
        peer.Listener < node.Listeners.Count ? node.Configuration().Lwm2m.Listeners.Find(node.Listeners[peer.Listener]) : null;

    Turns Rate(int listener, double perSecond)
    {
        if (!_rates.TryGetValue(listener, out var bucket) || bucket.PerSecond != perSecond)
            _rates[listener] = bucket = new Turns(perSecond, node.Clock.Milliseconds);
        return bucket;
    }
}
