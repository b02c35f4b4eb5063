using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;

namespace Tools.Network;

/// <summary>
/// Some sockets for all devices, towards a gateway on this machine: each device has an address of its own in 127.0.0.0/8, which the control data
/// of each datagram names (IP_PKTINFO, ip(7)), and behind one of the sockets a port. So no number of devices is too large for the descriptors that a process may
/// have, and a device costs the kernel nothing. Linux with 64 bits.
/// </summary>
sealed unsafe class SharedPorts : DevicePorts
{
    /// <summary>A device that is bound anew moves on to the next socket, and so gets another port.</summary>
    const int SocketCount = 4;

    const int ReceiveBuffer = 8 << 20;
    const int MaxBatch = 256;

    // 127.16.0.0 on, so that nothing else of the machine is met.
    const uint FirstAddress = 0x7F100000;
    const int MostDevices = 0x00E00000;

    // struct cmsghdr (16 bytes), then struct in_pktinfo: interface, local address, address in the header of the datagram.
    const int ControlLength = 32;
    const int PacketInfoLength = 28;
    const int LocalAddress = 20;
    const int HeaderAddress = 24;
    const int PacketInfo = 8;
    const int DontWait = 0x40;

    readonly Socket[] _sockets = new Socket[SocketCount];
    readonly byte[] _socketOf;
    readonly byte[] _gateway = new byte[16];
    readonly int _first;

    public SharedPorts(IPEndPoint gateway, int first, int count)
        : base(MaxBatch)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(first + count, MostDevices);
        _first = first;
        _socketOf = new byte[count];
        gateway.Serialize().Buffer.Span[..16].CopyTo(_gateway);
        try
        {
            for (var i = 0; i < SocketCount; i++)
            {
                _sockets[i] = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp) { Blocking = false, ReceiveBufferSize = ReceiveBuffer };
                _sockets[i].SetSocketOption(SocketOptionLevel.IP, SocketOptionName.PacketInformation, true);
                _sockets[i].Bind(new IPEndPoint(IPAddress.Any, 0));
                Poller.Add(_sockets[i], i);
            }
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    public override void Send(int device, ReadOnlySpan<byte> datagram)
    {
        var control = stackalloc byte[ControlLength];
        var head = Head(control);
        BinaryPrimitives.WriteUInt32BigEndian(head[LocalAddress..], FirstAddress + (uint)(_first + device));
        fixed (byte* bytes = datagram, gateway = _gateway)
        {
            var vector = new IoVector { Start = bytes, Length = (nuint)datagram.Length };
            var message = new MessageHeader
            {
                Name = gateway, NameLength = 16, Vectors = &vector, VectorCount = 1, Control = control, ControlLength = ControlLength,
            };
            // What the kernel does not take is lost, as datagrams may be.
            _ = SendMessage((int)_sockets[_socketOf[device]].Handle, &message, DontWait);
        }
    }

    public override void Rebind(int device) => _socketOf[device] = (byte)((_socketOf[device] + 1) % SocketCount);

    public override void Dispose()
    {
        base.Dispose();
        foreach (var socket in _sockets)
            socket?.Dispose();
    }

    protected override bool TryTake(int entry, Span<byte> buffer, out int device, out int length)
    {
        var control = stackalloc byte[ControlLength];
        var head = Head(control);
        fixed (byte* bytes = buffer)
        {
            var vector = new IoVector { Start = bytes, Length = (nuint)buffer.Length };
            var message = new MessageHeader { Vectors = &vector, VectorCount = 1, Control = control, ControlLength = ControlLength };
            length = (int)ReceiveMessage((int)_sockets[entry].Handle, &message, DontWait);
        }
        device = (int)(BinaryPrimitives.ReadUInt32BigEndian(head[HeaderAddress..]) - FirstAddress) - _first;
        // A datagram to the port that the device had before is lost.
        if ((uint)device >= (uint)_socketOf.Length || _socketOf[device] != entry)
            device = -1;
        return length > 0;
    }

    static Span<byte> Head(byte* control)
    {
        var bytes = new Span<byte>(control, ControlLength);
        bytes.Clear();
        MemoryMarshal.Write(bytes, (long)PacketInfoLength);
        MemoryMarshal.Write(bytes[12..], PacketInfo);
        return bytes;
    }

    [DllImport("libc", EntryPoint = "sendmsg", SetLastError = true)]
    static extern nint SendMessage(int descriptor, MessageHeader* message, int flags);

    [DllImport("libc", EntryPoint = "recvmsg", SetLastError = true)]
    static extern nint ReceiveMessage(int descriptor, MessageHeader* message, int flags);

    // struct iovec.
    [StructLayout(LayoutKind.Sequential)]
    struct IoVector
    {
        public byte* Start;
        public nuint Length;
    }

    // struct msghdr of 64-bit Linux; the two lengths have the same place in glibc and musl, which are little-endian here.
    [StructLayout(LayoutKind.Sequential)]
    struct MessageHeader
    {
        public byte* Name;
        public uint NameLength;
        public IoVector* Vectors;
        public nuint VectorCount;
        public byte* Control;
        public nuint ControlLength;
        public int Flags;
    }
}
