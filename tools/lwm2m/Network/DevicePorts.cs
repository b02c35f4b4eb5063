using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;

namespace Tools.Network;

/// <summary>
/// The addresses that a number of devices send from, each one its own: a gateway tells devices apart by their address. One thread. Devices are
/// named by their place, from 0 on.
/// </summary>
abstract class DevicePorts : IDisposable
{
    /// <summary>More devices share sockets where that is possible: processes may not open more than some thousands of them everywhere.</summary>
    public const int MostOwnPorts = 4000;

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
    public abstract void Wait(int milliseconds);

    /// <summary>One of the datagrams that <see cref="Wait"/> has found; false where there is none any more, or others are to have their turn.</summary>
    public abstract bool TryReceive(Span<byte> buffer, out int device, out int length);

    public abstract void Dispose();
}
