using System.Net;

namespace Tools.Network;

/// <summary>A socket for each device: everywhere, and as many as the system allows a process to open.</summary>
sealed class OwnPorts : DevicePorts
{
    const int MaxBatch = 16;

    readonly IPEndPoint _gateway;
    readonly DeviceSocket[] _sockets;

    public OwnPorts(IPEndPoint gateway, int count)
        : base(MaxBatch)
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
        old.RemoveFrom(Poller);
        old.Dispose();
    }

    public override void Dispose()
    {
        base.Dispose();
        foreach (var socket in _sockets)
            socket?.Dispose();
    }

    protected override bool TryTake(int entry, Span<byte> buffer, out int device, out int length)
    {
        device = entry;
        return _sockets[entry].TryReceive(buffer, out length);
    }

    void Open(int device)
    {
        _sockets[device] = new DeviceSocket(_gateway);
        _sockets[device].AddTo(Poller, device);
    }
}
