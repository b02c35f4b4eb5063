using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;

namespace Tools.Network;

/// <summary>
/// The addresses that a number of devices send from, each one its own: a gateway tells devices apart by their address. One thread. Devices are
/// named by their place, from 0 on.
/// </summary>
/// <param name="maxBatch">Datagrams behind one entry of the poller before the others have their turn.</param>
abstract class DevicePorts(int maxBatch) : IDisposable
{
    /// <summary>More devices share sockets where that is possible: processes may not open more than some thousands of them everywhere.</summary>
    public const int MostOwnPorts = 4000;

    int[] _ready = [];
    int _readyCount;
    int _next;
    int _batch;

    protected SocketPoller Poller { get; } = SocketPoller.Create();

    /// <summary>
    /// What suits the number of devices in all and the gateway. <paramref name="first"/> is the number of the first of these devices among all.
    /// Throws SocketException where there are not enough ports.
    /// </summary>
    public static DevicePorts Open(IPEndPoint gateway, int first, int count, int all)
    {
        // The whole of 127.0.0.0/8 is this machine's, on Linux.
        var isShared = OperatingSystem.IsLinux() && RuntimeInformation.ProcessArchitecture is Architecture.X64 or Architecture.Arm64
            && gateway.AddressFamily == AddressFamily.InterNetwork && IPAddress.IsLoopback(gateway.Address);
        return isShared && all > MostOwnPorts ? new SharedPorts(gateway, first, count) : new OwnPorts(gateway, count);
    }

    /// <summary>Loss is allowed.</summary>
    public abstract void Send(int device, ReadOnlySpan<byte> datagram);

    /// <summary>From now on the device sends from another port, as behind a NAT that has forgotten it; what comes to the old one is lost.</summary>
    public abstract void Rebind(int device);

    /// <summary>Waits for a datagram; 0 does not wait.</summary>
    public void Wait(int milliseconds)
    {
        var ready = Poller.Wait(milliseconds);
        if (_ready.Length < ready.Length)
            _ready = new int[ready.Length];
        ready.CopyTo(_ready);
        (_readyCount, _next, _batch) = (ready.Length, 0, 0);
    }

    /// <summary>One of the datagrams that <see cref="Wait"/> has found; false where there is none any more, or others are to have their turn.</summary>
    public bool TryReceive(Span<byte> buffer, out int device, out int length)
    {
        for (; _next < _readyCount; _next++, _batch = 0)
        {
            while (_batch++ < maxBatch && TryTake(_ready[_next], buffer, out device, out length))
            {
                if (device >= 0)
                    return true;
            }
        }
        (device, length) = (0, 0);
        return false;
    }

    public virtual void Dispose() => Poller.Dispose();

    /// <summary>The next datagram behind that entry of the poller, which goes to that device; -1: it is lost.</summary>
    protected abstract bool TryTake(int entry, Span<byte> buffer, out int device, out int length);
}
