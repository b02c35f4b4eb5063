using System.ComponentModel;
using System.Net.Sockets;
using System.Runtime.InteropServices;

namespace Tools.Network;

/// <summary>Linux: the cost of waiting does not depend on the number of sockets.</summary>
sealed class EpollPoller : SocketPoller
{
    const int CloseOnExec = 0x80000;
    const int ControlAdd = 1;
    const uint Readable = 1;
    const int Interrupted = 4;
    const int MaxEvents = 256;

    // struct epoll_event is packed on x86 and aligned elsewhere.
    static readonly int DataOffset = RuntimeInformation.ProcessArchitecture is Architecture.X64 or Architecture.X86 ? 4 : 8;
    static readonly int EventSize = DataOffset + 8;

    readonly int _handle;
    readonly byte[] _events = new byte[MaxEvents * 16];
    readonly int[] _keys = new int[MaxEvents];

    public EpollPoller()
    {
        _handle = Create(CloseOnExec);
        if (_handle < 0)
            throw new Win32Exception();
    }

    public override void Add(Socket socket, int key)
    {
        var request = new byte[16];
        BitConverter.TryWriteBytes(request, Readable);
        BitConverter.TryWriteBytes(request.AsSpan(DataOffset), (long)key);
        if (Control(_handle, ControlAdd, (int)socket.Handle, request) < 0)
            throw new Win32Exception();
    }

    // The kernel takes a descriptor out when it is closed.
    public override void Remove(Socket socket)
    {
    }

    public override ReadOnlySpan<int> Wait(int milliseconds)
    {
        var count = Wait(_handle, _events, MaxEvents, milliseconds);
        if (count < 0)
            return Marshal.GetLastPInvokeError() == Interrupted ? default : throw new Win32Exception();
        for (var i = 0; i < count; i++)
            _keys[i] = BitConverter.ToInt32(_events, i * EventSize + DataOffset);
        return _keys.AsSpan(0, count);
    }

    public override void Dispose() => _ = Close(_handle);

    [DllImport("libc", EntryPoint = "epoll_create1", SetLastError = true)]
    static extern int Create(int flags);

    [DllImport("libc", EntryPoint = "epoll_ctl", SetLastError = true)]
    static extern int Control(int handle, int operation, int descriptor, byte[] request);

    [DllImport("libc", EntryPoint = "epoll_wait", SetLastError = true)]
    static extern int Wait(int handle, byte[] events, int maxEvents, int timeout);

    [DllImport("libc", EntryPoint = "close")]
    static extern int Close(int handle);
}
