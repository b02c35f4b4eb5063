using Org.BouncyCastle.Tls;

namespace Protocol.Dtls;

/// <summary>What the library takes for the network during a handshake: its thread waits here for datagrams. What is needed when it is over stays here.</summary>
sealed class Wire<TAddress>(IDtlsHost<TAddress> host, TAddress address) : DatagramTransport
    where TAddress : struct, IEquatable<TAddress>
{
    /// <summary>Bytes of a datagram of a handshake: what every path of IPv6 carries (RFC 8200 section 5), less the heads of IPv6 and UDP.</summary>
    const int SendLimit = 1232;
    const int LargestDatagram = 65_507;
    const int MostWaiting = 16;

    readonly object _lock = new();
    readonly List<byte[]> _flight = [];
    Queue<byte[]>? _waiting = [];
    bool _cancelled;
    bool _isChanged;
    bool _isFinished;

    /// <summary>Whether the library knows the key of the handshake.</summary>
    public Func<bool> HasKey { private get; set; } = () => false;

    /// <summary>The newest datagram that the library has taken: at the end that with the peer's Finished.</summary>
    public byte[] Taken { get; private set; } = [];

    /// <summary>What the library has sent since: at the end our last flight, nothing where the peer had the last word.</summary>
    public byte[][] Flight => [.. _flight];

    /// <summary>Epoch and sequence number of the next record of ours that is protected.</summary>
    public ulong NextPosition { get; private set; } = RecordHeader.FirstProtected;

    /// <summary>The next datagram of the handshake; false where too many wait, or the handshake is over.</summary>
    public bool TryOffer(ReadOnlySpan<byte> datagram)
    {
        lock (_lock)
        {
            if (_waiting is null || _waiting.Count >= MostWaiting)
                return false;
            _waiting.Enqueue(datagram.ToArray());
            Monitor.Pulse(_lock);
            return true;
        }
    }

    /// <summary>Ends the handshake as soon as it waits for something.</summary>
    public void Cancel()
    {
        lock (_lock)
        {
            _cancelled = true;
            Monitor.PulseAll(_lock);
        }
    }

    /// <summary>The handshake is over. Returns what the library has not asked for any more.</summary>
    public IEnumerable<byte[]> Establish()
    {
        lock (_lock)
        {
            var rest = _waiting ?? [];
            _waiting = null;
            return rest;
        }
    }

    public int GetReceiveLimit() => LargestDatagram;

    public int GetSendLimit() => SendLimit;

    public int Receive(byte[] buf, int off, int len, int waitMillis) => Receive(buf.AsSpan(off, len), waitMillis);

    public int Receive(Span<byte> buffer, int waitMillis)
    {
        // It has seen Finished and wants more: the peer has another key. It would wait for a better one until the handshake's time is over.
        if (_isFinished)
            throw new TlsFatalAlert(AlertDescription.decrypt_error);
        lock (_lock)
        {
            byte[]? datagram = null;
            while (_waiting?.TryDequeue(out datagram) is not true)
            {
                if (_cancelled)
                    throw new TlsFatalAlert(AlertDescription.user_canceled);
                if (!Monitor.Wait(_lock, waitMillis))
                    return -1;
            }

            _isFinished = RecordHeader.BringsFinished(datagram, HasKey(), ref _isChanged);
            _flight.Clear();
            Taken = datagram!;
            var length = Math.Min(datagram!.Length, buffer.Length);
            datagram.AsSpan(0, length).CopyTo(buffer);
            return length;
        }
    }

    public void Send(byte[] buf, int off, int len) => Send(buf.AsSpan(off, len));

    // The library sends each record by itself.
    public void Send(ReadOnlySpan<byte> buffer)
    {
        _flight.Add(buffer.ToArray());
        if (RecordHeader.PositionOf(buffer) is >= RecordHeader.FirstProtected and var position)
            NextPosition = position + 1;
        host.Send(address, buffer);
    }

    public void Close()
    {
    }
}
