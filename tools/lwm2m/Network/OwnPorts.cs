using System.Net;

namespace Tools.Network;

/// <summary>A socket for each device: everywhere, and as many as the system allows a process to open.</summary>
sealed class OwnPorts : DevicePorts
{
    /// <summary>Datagrams of one device before the others have their turn.</summary>
    const int MaxBatch = 16;

    readonly IPEndPoint _gateway;
    readonly DeviceSocket[] _sockets;
    readonly SocketPoller _poller = SocketPoller.Create();
    int[] _ready = [];
    int _readyCount;
    int _next;
    int _batch;

    public OwnPorts(IPEndPoint gateway, int count)
    {
        _gateway = gateway;
        _sockets = new DeviceSocket[count];
        try
        {
            for (var i = 0; i < count; i++)
                Open(i);
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    public override void Send(int device, ReadOnlySpan<byte> datagram) => _sockets[device].Send(datagram);

    public override void Rebind(int device)
    {
        var old = _sockets[device];
        // Opened first, so that it is another port.
        Open(device);
        old.RemoveFrom(_poller);
        old.Dispose();
    }

    public override void Wait(int milliseconds)
    {
        var ready = _poller.Wait(milliseconds);
        if (_ready.Length < ready.Length)
            _ready = new int[ready.Length];
        ready.CopyTo(_ready);
        (_readyCount, _next, _batch) = (ready.Length, 0, 0);
    }

    public override bool TryReceive(Span<byte> buffer, out int device, out int length)
    {
        for (; _next < _readyCount; _next++, _batch = 0)
        {
            device = _ready[_next];
            if (_batch++ < MaxBatch && _sockets[device].TryReceive(buffer, out length))
                return true;
        }
        (device, length) = (0, 0);
        return false;
    }

    public override void Dispose()
    {
        _poller.Dispose();
        foreach (var socket in _sockets)
            socket?.Dispose();
    }

    void Open(int device)
    {
        _sockets[device] = new DeviceSocket(_gateway);
        _sockets[device].AddTo(_poller, device);
    }
}
