using System.Net;
using System.Net.Sockets;
using Ingress.Sockets;

namespace Ingress.Capture;

/// <summary>
/// The address at which a peer is talked to: that of its listener, or, where that is bound to all addresses, the one that the kernel's routes choose for datagrams
/// to the peer. (The socket does not say to which address a datagram came; answers leave by this one in any case.) For one thread.
/// </summary>
sealed class LocalAddresses(Func<int, IPEndPoint?> listener)
{
    const int MostKept = 4096;

    readonly Dictionary<(Peer Source, IPEndPoint Bound), IPAddress> _routes = [];

    /// <summary>Null where the listener is not there any more.</summary>
    public IPEndPoint? Of(in Peer peer)
    {
        if (listener(peer.Listener) is not { } bound)
            return null;
        if (!bound.Address.Equals(IPAddress.Any) && !bound.Address.Equals(IPAddress.IPv6Any))
            return bound;
        if (!_routes.TryGetValue((peer.Source, bound), out var address))
        {
            if (_routes.Count >= MostKept)
                _routes.Clear();
            _routes[(peer.Source, bound)] = address = Route(peer.ToEndPoint()) ?? bound.Address;
        }

        return new IPEndPoint(address, bound.Port);
    }

    // To connect a UDP socket sends nothing.
    static IPAddress? Route(IPEndPoint peer)
    {
        try
        {
            using var socket = new Socket(peer.AddressFamily, SocketType.Dgram, ProtocolType.Udp);
            socket.Connect(peer);
            return ((IPEndPoint)socket.LocalEndPoint!).Address;
        }
        catch (SocketException)
        {
            return null;
        }
    }
}
