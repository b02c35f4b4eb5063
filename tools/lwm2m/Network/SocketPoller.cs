using System.Net.Sockets;

namespace Tools.Network;

/// <summary>Waits for datagrams on many sockets, one thread. A socket that has something left is reported again.</summary>
abstract class SocketPoller : IDisposable
{
    /// <summary>What suits the operating system: epoll scales to 100 000 sockets, select is everywhere.</summary>
    public static SocketPoller Create() => OperatingSystem.IsLinux() ? new EpollPoller() : new SelectPoller();

    public abstract void Add(Socket socket, int key);

    /// <summary>Before the socket is disposed of.</summary>
    public abstract void Remove(Socket socket);

    /// <summary>Keys of sockets with a datagram or an error, some of them if there are many; valid until the next call. 0 does not wait.</summary>
    public abstract ReadOnlySpan<int> Wait(int milliseconds);

    public abstract void Dispose();
}
