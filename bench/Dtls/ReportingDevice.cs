using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Text;
using Org.BouncyCastle.Tls;
using Protocol.Coap;

namespace Pipeline.Bench.Dtls;

/// <summary>
/// A device with a socket of its own that registers, is observed, and reports: confirmable notifications of 100 bytes, one under way at a time,
/// sent again after <see cref="AckTimeout"/>. With a key it speaks DTLS, with connection id, through the library's client. One thread.
/// </summary>
sealed class ReportingDevice : DatagramTransport, IDisposable
{
    public const string Identity = "bench";

    const int Ccm8 = 0xC0A8;
    const int MostBytes = 2048;
    const int Bytes = 100;
    const byte Acknowledgement = 2;
    const byte Get = 1;
    const byte Created = 0x41;

    static readonly TimeSpan AckTimeout = TimeSpan.FromSeconds(2);
    static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    readonly Socket _socket = new(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
    readonly int _number;
    readonly byte[] _buffer = new byte[MostBytes];
    readonly byte[] _message = new byte[512];
    DtlsTransport? _transport;
    byte[] _token = [];
    ushort _messageId;
    uint _sequence = 2;
    bool _isRegistered;
    int _length;
    long _sentAt;
    long _repeatAt;

    public ReportingDevice(int number, IPEndPoint gateway)
    {
        _number = number;
        _socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        _socket.Connect(gateway);
    }

    /// <summary>What was put on the wire last, for who wants to forge.</summary>
    public byte[] LastDatagram { get; private set; } = [];

    public bool IsWaiting { get; private set; }

    /// <summary>Until it is observed. Throws TimeoutException.</summary>
    public void Start(byte[]? key)
    {
        if (key is not null)
            _transport = new DtlsClientProtocol().Connect(BenchDevice.WithKey(Identity, key, Ccm8), this);
        var started = Stopwatch.GetTimestamp();
        Register();
        var asked = started;
        while (_token.Length == 0)
        {
            _socket.Poll(TimeSpan.FromMilliseconds(100), SelectMode.SelectRead);
            Hear(out _);
            if (Stopwatch.GetElapsedTime(started) > Patience)
                throw new TimeoutException($"device {_number} was not observed");
            if (_isRegistered || Stopwatch.GetElapsedTime(asked) < AckTimeout)
                continue;
            asked = Stopwatch.GetTimestamp();
            Say(_message.AsSpan(0, _length));
        }
    }

    /// <summary>Sends a notification; the one before was acknowledged.</summary>
    public void Report()
    {
        var writer = new CoapWriter(_message, CoapType.Confirmable, CoapCode.Content, ++_messageId, _token);
        writer.AddOption(CoapOptionNumber.Observe, _sequence++);
        writer.AddOption(CoapOptionNumber.ContentFormat, 0);
        Span<byte> value = stackalloc byte[Bytes];
        value.Fill((byte)'1');
        // Whatever the header takes, it is 100 bytes in all.
        writer.AddPayload(value[..(Bytes - 4 - _token.Length - 6)]);
        _length = Finish(writer);
        IsWaiting = true;
        _sentAt = Stopwatch.GetTimestamp();
        _repeatAt = _sentAt + (long)(AckTimeout.TotalSeconds * Stopwatch.Frequency);
        Say(_message.AsSpan(0, _length));
    }

    /// <summary>Takes what is there; true where it was the acknowledgement that was waited for.</summary>
    /// <param name="latency">How long it took from the first sending on.</param>
    public bool Hear(out TimeSpan latency)
    {
        latency = default;
        while (_socket.Available > 0)
        {
            var length = _transport is null ? _socket.Receive(_buffer) : _transport.Receive(_buffer, 0, MostBytes, 1);
            if (length < 4 || !Take(_buffer.AsSpan(0, length)))
                continue;
            IsWaiting = false;
            latency = Stopwatch.GetElapsedTime(_sentAt);
            return true;
        }

        return false;
    }

    /// <summary>Sends again what was not acknowledged in time; true where it did.</summary>
    public bool Repeat()
    {
        if (!IsWaiting || Stopwatch.GetTimestamp() < _repeatAt)
            return false;
        _repeatAt += (long)(AckTimeout.TotalSeconds * Stopwatch.Frequency);
        Say(_message.AsSpan(0, _length));
        return true;
    }

    public int GetReceiveLimit() => MostBytes;

    public int GetSendLimit() => 1232;

    public int Receive(byte[] buf, int off, int len, int waitMillis) => Receive(buf.AsSpan(off, len), waitMillis);

    public int Receive(Span<byte> buffer, int waitMillis) =>
        _socket.Poll(waitMillis == 0 ? -1 : waitMillis * 1000, SelectMode.SelectRead) ? _socket.Receive(buffer) : -1;

    public void Send(byte[] buf, int off, int len) => Send(buf.AsSpan(off, len));

    public void Send(ReadOnlySpan<byte> buffer)
    {
        LastDatagram = buffer.ToArray();
        _socket.Send(buffer);
    }

    public void Close()
    {
    }

    public void Dispose() => _socket.Dispose();

    void Say(ReadOnlySpan<byte> message)
    {
        if (_transport is null)
            Send(message);
        else
            _transport.Send(message);
    }

    void Register()
    {
        var writer = new CoapWriter(_message, CoapType.Confirmable, CoapCode.Post, ++_messageId, [1]);
        writer.AddOption(CoapOptionNumber.UriPath, "rd"u8);
        writer.AddOption(CoapOptionNumber.ContentFormat, 40);
        writer.AddOption(CoapOptionNumber.UriQuery, Encoding.ASCII.GetBytes($"ep=bench-{(_transport is null ? "plain" : "dtls")}-{_number}"));
        writer.AddOption(CoapOptionNumber.UriQuery, "lt=86400"u8);
        writer.AddOption(CoapOptionNumber.UriQuery, "lwm2m=1.0"u8);
        writer.AddOption(CoapOptionNumber.UriQuery, "b=U"u8);
        writer.AddPayload("</3303/0>"u8);
        _length = Finish(writer);
        Say(_message.AsSpan(0, _length));
    }

    // True for the acknowledgement that is waited for.
    bool Take(ReadOnlySpan<byte> message)
    {
        var (type, code) = ((message[0] >> 4) & 3, message[1]);
        var id = (ushort)((message[2] << 8) | message[3]);
        if (type == Acknowledgement)
        {
            _isRegistered |= code == Created;
            return IsWaiting && id == _messageId;
        }

        if (code == Get)
            Observed(id, message.Slice(4, message[0] & 15).ToArray());
        return false;
    }

    void Observed(ushort id, byte[] token)
    {
        Span<byte> answer = stackalloc byte[64];
        var writer = new CoapWriter(answer, CoapType.Acknowledgement, CoapCode.Content, id, token);
        writer.AddOption(CoapOptionNumber.Observe, 1);
        writer.AddOption(CoapOptionNumber.ContentFormat, 0);
        writer.AddPayload("1"u8);
        Say(answer[..Finish(writer)]);
        _token = token;
    }

    static int Finish(in CoapWriter writer) => writer.TryFinish(out var length) ? length : throw new InvalidOperationException("the message is larger than its buffer");
}
