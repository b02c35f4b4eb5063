using System.Net;
using System.Net.Sockets;
using Contracts.Configuration;

namespace Ingress.Sockets;

/// <summary>
/// One listener: a socket and the threads that read it (step 1 of a reading's journey). Blocking reads cost a third of asynchronous ones
/// per datagram, and hand the bytes on without copying them.
/// </summary>
sealed class UdpListener : IDisposable
{
    public delegate void Receiver(in Peer peer, ReadOnlySpan<byte> datagram);

    const int LargestDatagram = 65_535;
    const int SocketBuffer = 4 << 20;
    const int SioUdpConnectionReset = -1744830452;

    readonly Socket _socket;
    readonly Receiver _receiver;
    readonly int _index;
    readonly List<Thread> _threads = [];
    readonly ThreadLocal<SocketAddress> _target;
    volatile bool _closed;
    long _sendFailures;

    /// <exception cref="SocketException">The address cannot be bound.</exception>
    public UdpListener(int index, string name, ListenerOptions options, int threads, Receiver receiver)
    {
        _index = index;
        _receiver = receiver;
        Name = name;
        _socket = Bind(options);
        LocalEndPoint = (IPEndPoint)_socket.LocalEndPoint!;
        _target = new ThreadLocal<SocketAddress>(() => new SocketAddress(_socket.AddressFamily));
        for (var i = 0; i < threads; i++)
            _threads.Add(new Thread(ReceiveLoop) { IsBackground = true, Name = Name });
    }

    /// <summary>As EMQX writes it: "udp:default", "dtls:default".</summary>
    public string Name { get; }

    public IPEndPoint LocalEndPoint { get; }

    /// <summary>Datagrams that the kernel refused to take.</summary>
    public long SendFailures => Interlocked.Read(ref _sendFailures);

    public Traffic Traffic { get; } = new();

    public void Start() => _threads.ForEach(thread => thread.Start());

    public void Send(in Peer peer, ReadOnlySpan<byte> datagram)
    {
        try
        {
            var target = _target.Value!;
            peer.CopyTo(target);
            _socket.SendTo(datagram, SocketFlags.None, target);
            Traffic.Sent(datagram.Length);
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            // As good as lost on the way: CoAP repeats what matters.
            Interlocked.Increment(ref _sendFailures);
        }
    }

    public void Dispose()
    {
        _closed = true;
        _socket.Dispose();
        foreach (var thread in _threads.Where(thread => thread.IsAlive))
            thread.Join(TimeSpan.FromSeconds(5));
        _target.Dispose();
    }

    static Socket Bind(ListenerOptions options)
    {
        var endPoint = options.Bind.ToEndPoint();
        if (options.Bind.Address is null && !Socket.OSSupportsIPv6)
            endPoint = new IPEndPoint(IPAddress.Any, endPoint.Port);
        var socket = new Socket(endPoint.AddressFamily, SocketType.Dgram, ProtocolType.Udp);
        try
        {
            if (options.Bind.Address is null && endPoint.AddressFamily == AddressFamily.InterNetworkV6)
                socket.DualMode = true;
            socket.ReceiveBufferSize = options.UdpOptions.Recbuf ?? SocketBuffer;
            socket.SendBufferSize = options.UdpOptions.Sndbuf ?? SocketBuffer;
            // Otherwise Windows tells of a closed port of a device as an error of the next receive.
            if (OperatingSystem.IsWindows())
                socket.IOControl(SioUdpConnectionReset, [0], null);
            socket.Bind(endPoint);
            return socket;
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    void ReceiveLoop()
    {
        var buffer = GC.AllocateUninitializedArray<byte>(LargestDatagram, pinned: true);
        var source = new SocketAddress(_socket.AddressFamily);
        while (!_closed)
        {
            int length;
            try
            {
                length = _socket.ReceiveFrom(buffer, SocketFlags.None, source);
            }
            catch (Exception e) when (e is SocketException or ObjectDisposedException)
            {
                continue;
            }

            Traffic.Received(length);
            _receiver(Peer.From(source, _index), buffer.AsSpan(0, length));
        }
    }
}
