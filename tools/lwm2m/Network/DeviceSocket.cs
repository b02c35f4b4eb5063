using System.Net;
using System.Net.Sockets;

namespace Tools.Network;

/// <summary>A UDP socket of one device towards the gateway, without blocking. What the network refuses is lost, as datagrams may be.</summary>
sealed class DeviceSocket : IDisposable
{
    readonly Socket _socket;

    public DeviceSocket(IPEndPoint gateway)
    {
        _socket = new Socket(gateway.AddressFamily, SocketType.Dgram, ProtocolType.Udp) { Blocking = false };
        _socket.Connect(gateway);
    }

    public void AddTo(SocketPoller poller, int key) => poller.Add(_socket, key);

    public void RemoveFrom(SocketPoller poller) => poller.Remove(_socket);

    public void Send(ReadOnlySpan<byte> datagram) => _socket.Send(datagram, SocketFlags.None, out _);

    /// <summary>False where no datagram waits. A refusal of an earlier one (ICMP) is no datagram.</summary>
    public bool TryReceive(Span<byte> buffer, out int length)
    {
        length = _socket.Receive(buffer, SocketFlags.None, out var error);
        return error == SocketError.Success && length > 0;
    }

    public void Dispose() => _socket.Dispose();
}
