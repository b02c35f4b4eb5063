using System.Text;
using Ingress.Sockets;
using Protocol.Coap;

namespace Ingress.Capture;

/// <summary>
/// Who peers say they are while they register: before the session is there, and where it never comes to one. Bounded: the oldest go first. Times are ms of the
/// monotonic clock.
/// </summary>
sealed class RegisteringPeers
{
    public const int Most = 1024;

    // As long as a Register may be repeated.
    static readonly long Lifetime = TransmissionParameters.Standard.ExchangeLifetime;

    readonly Dictionary<Peer, (string Endpoint, long Until)> _names = [];
    readonly Queue<(Peer Peer, long Until)> _byAge = new();

    /// <summary>The endpoint of the peer where it is known from a Register, perhaps this very datagram.</summary>
    public string? Name(in Peer peer, ReadOnlySpan<byte> datagram, long now)
    {
        if (CoapFrame.TryParse(datagram, out var frame) != CoapParseError.None || frame.Code != CoapCode.Post || !frame.UriPath.Matches("rd"u8)
            || EndpointOf(frame) is not { Length: > 0 } endpoint)
            return Find(peer, now);
        while (_byAge.Count >= Most || (_byAge.TryPeek(out var oldest) && oldest.Until <= now))
        {
            oldest = _byAge.Dequeue();
            if (_names.TryGetValue(oldest.Peer, out var known) && known.Until == oldest.Until)
                _names.Remove(oldest.Peer);
        }

        _names[peer] = (endpoint, now + Lifetime);
        _byAge.Enqueue((peer, now + Lifetime));
        return endpoint;
    }

    public string? Find(in Peer peer, long now) => _names.TryGetValue(peer, out var known) && known.Until > now ? known.Endpoint : null;

    static string? EndpointOf(in CoapFrame frame)
    {
        foreach (var query in frame.UriQuery)
        {
            if (query.StartsWith("ep="u8))
                return Encoding.UTF8.GetString(query[3..]);
        }

        return null;
    }
}
