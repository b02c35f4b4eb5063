namespace Ingress.Sockets;

/// <summary>Where datagrams leave: the listeners' sockets, or a simulated network.</summary>
interface IDatagramOutlet
{
    /// <summary>Never blocks for long and never throws; a datagram may be lost.</summary>
    void Send(in Peer peer, ReadOnlySpan<byte> datagram);
}
