using Org.BouncyCastle.Tls;

namespace Protocol.Dtls;

/// <summary>
/// What the library takes for the network. During a handshake its thread waits here for datagrams; afterwards one datagram at a time is put
/// into its hand, and asking for another one ends the call.
/// </summary>
sealed class Wire<TAddress>(IDtlsHost<TAddress> host, TAddress address) : DatagramTransport
    where TAddress : struct, IEquatable<TAddress>
{
    /// <summary>Bytes of a datagram of a handshake: what every path of IPv6 carries (RFC 8200 section 5), less the heads of IPv6 and UDP.</summary>
    const int HandshakeLimit = 1232;
    const int LargestDatagram = 65_507;
    const int MostWaiting = 16;

    // The library loops until its time is over where a record is not to be delivered: 1 ms of processor time for each forged one. This ends it,
    // and is what the library ignores of a peer that ignores corrupt records.
    static readonly TlsFatalAlert NothingMore = new(AlertDescription.bad_record_mac);

    readonly object _lock = new();
    Queue<byte[]>? _waiting = [];
    bool _cancelled;
    ReadOnlyMemory<byte> _inHand;
    bool _taken;
    bool _isChanged;
    bool _isFinished;

    /// <summary>Where the peer is. Changes under the lock of the session.</summary>
    public TAddress Address { get; set; } = address;

    /// <summary>Whether the library knows the key of the handshake.</summary>
    public Func<bool> HasKey { private get; set; } = () => false;

    /// <summary>The library has closed it: after a fatal alert, or close_notify.</summary>
    public bool IsClosed { get; private set; }

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

    /// <summary>
    /// The handshake is over: from now on datagrams come one by one through <see cref="Put"/>. Returns those that the library has not asked for
    /// any more.
    /// </summary>
    public IEnumerable<byte[]> Establish()
    {
        lock (_lock)
        {
            var rest = _waiting ?? [];
            _waiting = null;
            return rest;
        }
    }

    public void Put(ReadOnlyMemory<byte> datagram)
    {
        _inHand = datagram;
        _taken = false;
    }

    /// <summary>What was put into the hand is not the caller's any more.</summary>
    public void TakeBack() => _inHand = default;

    // The library makes a buffer of that size for each call. It takes off what it holds for the cost of the cipher, whose limit we do not know.
    public int GetReceiveLimit() => _waiting is null ? _inHand.Length + 64 : LargestDatagram;

    public int GetSendLimit() => _waiting is null ? LargestDatagram : HandshakeLimit;

    public int Receive(byte[] buf, int off, int len, int waitMillis) => Receive(buf.AsSpan(off, len), waitMillis);

    public int Receive(Span<byte> buffer, int waitMillis)
    {
        if (_waiting is { } waiting)
            return Wait(waiting, buffer, waitMillis);
        if (_taken)
            throw NothingMore;
        _taken = true;
        return Copy(_inHand.Span, buffer);
    }

    public void Send(byte[] buf, int off, int len) => host.Send(Address, buf.AsSpan(off, len));

    public void Send(ReadOnlySpan<byte> buffer) => host.Send(Address, buffer);

    public void Close() => IsClosed = true;

    int Wait(Queue<byte[]> waiting, Span<byte> buffer, int waitMillis)
    {
        // It has seen Finished and wants more: the peer has another key. It would wait for a better one until the handshake's time is over.
        if (_isFinished)
            throw new TlsFatalAlert(AlertDescription.decrypt_error);
        lock (_lock)
        {
            byte[]? datagram;
            while (!waiting.TryDequeue(out datagram))
            {
                if (_cancelled)
                    throw new TlsFatalAlert(AlertDescription.user_canceled);
                if (!Monitor.Wait(_lock, waitMillis))
                    return -1;
            }

            _isFinished = RecordHeader.BringsFinished(datagram, HasKey(), ref _isChanged);
            return Copy(datagram, buffer);
        }
    }

    static int Copy(ReadOnlySpan<byte> datagram, Span<byte> buffer)
    {
        var length = Math.Min(datagram.Length, buffer.Length);
        datagram[..length].CopyTo(buffer);
        return length;
    }
}
