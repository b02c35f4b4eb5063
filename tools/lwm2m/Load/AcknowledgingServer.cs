using System.Net;
using System.Net.Sockets;
using Protocol.Coap;

namespace Tools.Load;

/// <summary>
/// The least that looks like a gateway: accepts every Register, observes /3303/0/5700, acknowledges every notification, forgets all. What the
/// load generator costs by itself, and what UDP on a machine can do, is measured against it.
/// </summary>
sealed class AcknowledgingServer : IDisposable
{
    const int ReceiveBuffer = 4 << 20;

    readonly Socket _socket;
    readonly byte[] _buffer = new byte[2048];
    readonly byte[] _reply = new byte[128];
    ushort _messageId;
    long _received;
    ThreadCpu? _cpu;

    public AcknowledgingServer(IPEndPoint bind)
    {
        _socket = new Socket(bind.AddressFamily, SocketType.Dgram, ProtocolType.Udp) { ReceiveBufferSize = ReceiveBuffer };
        _socket.Bind(bind);
    }

    public IPEndPoint Address => (IPEndPoint)_socket.LocalEndPoint!;

    /// <summary>Every so many-th datagram is ignored, as if it were lost; 0 for none.</summary>
    public int DropEvery { get; init; }

    public long Received => Volatile.Read(ref _received);

    /// <summary>CPU time of its thread so far; null where the system does not tell.</summary>
    public TimeSpan? Cpu => Volatile.Read(ref _cpu)?.Read();

    public void Start() => new Thread(Run) { IsBackground = true, Name = "acknowledging" }.Start();

    public void Dispose() => _socket.Dispose();

    void Run()
    {
        Volatile.Write(ref _cpu, ThreadCpu.Current());
        var peer = new SocketAddress(_socket.AddressFamily);
        try
        {
            while (true)
            {
                var length = _socket.ReceiveFrom(_buffer, SocketFlags.None, peer);
                Volatile.Write(ref _received, _received + 1);
                if (DropEvery > 0 && _received % DropEvery == 0)
                    continue;
                if (CoapFrame.TryParse(_buffer.AsSpan(0, length), out var frame) == CoapParseError.None)
                    Answer(frame, peer);
            }
        }
        catch (Exception exception) when (exception is SocketException or ObjectDisposedException)
        {
            // Disposed.
        }
    }

    void Answer(in CoapFrame frame, SocketAddress peer)
    {
        if (frame.Code.IsResponse && frame.Type == CoapType.Confirmable)
        {
            CoapWriter.TryWriteEmpty(_reply, CoapType.Acknowledgement, frame.MessageId);
            _socket.SendTo(_reply.AsSpan(0, CoapWriter.EmptyMessageLength), SocketFlags.None, peer);
            return;
        }
        if (!frame.Code.IsRequest)
            return;

        var isRegister = frame.Code == CoapCode.Post && frame.UriPath.Matches("rd"u8);
        var code = isRegister ? CoapCode.Created : frame.Code == CoapCode.Delete ? CoapCode.Deleted : CoapCode.Changed;
        var writer = new CoapWriter(_reply, CoapType.Acknowledgement, code, frame.MessageId, frame.Token);
        if (isRegister)
            writer.AddLocationPath("/rd/0");
        Send(writer, peer);
        if (!isRegister)
            return;
        var observe = new CoapWriter(_reply, CoapType.Confirmable, CoapCode.Get, _messageId++, [1, 2, 3, 4, 5, 6, 7, 8]);
        observe.AddOption(CoapOptionNumber.Observe, 0);
        observe.AddUriPath("/3303/0/5700");
        Send(observe, peer);
    }

    void Send(in CoapWriter writer, SocketAddress peer)
    {
        if (writer.TryFinish(out var length))
            _socket.SendTo(_reply.AsSpan(0, length), SocketFlags.None, peer);
    }
}
