using System.Buffers;
using Org.BouncyCastle.Tls;

namespace Protocol.Dtls;

/// <summary>
/// An established session: the records of epoch 1 (RFC 6347 section 4.1), which the library has made the keys for. It has no thread, and its own
/// lock. Takes no memory for a record, unless the library protects it (<see cref="CbcProtection"/>).
/// </summary>
public sealed partial class DtlsSession<TAddress>
    where TAddress : struct, IEquatable<TAddress>
{
    /// <summary>Longest record that is made on the stack: whatever goes over a network without being cut.</summary>
    const int MostOnStack = 2048;

    const byte Finished = 20;

    readonly Lock _lock = new();
    readonly IDtlsHost<TAddress> _host;
    readonly RecordProtection _protection;
    readonly byte[] _random;
    readonly int _mostContent;
    readonly ulong? _id;
    ReplayWindow _window;
    ulong _nextPosition;
    byte[][]? _flight;
    bool _hasFinished;
    TAddress _address;
    long _lastHeard;

    /// <param name="host">Takes what is sent.</param>
    /// <param name="handshake">Is over.</param>
    /// <param name="peer">What has come out of it.</param>
    /// <param name="hear">Takes a datagram as if it came from the network now.</param>
    /// <param name="time">The clock.</param>
    internal DtlsSession(IDtlsHost<TAddress> host, Handshake<TAddress> handshake, HandshakePeer peer, Action<TAddress, byte[]> hear, TimeProvider time)
    {
        (_host, _hear, _time) = (host, hear, time);
        _protection = peer.Protection!;
        _mostContent = peer.MostContent;
        _id = peer.Id;
        Identity = peer.Identity!;
        Suite = peer.Suite!;
        _random = handshake.Random;
        _address = handshake.Address;
        _flight = handshake.Wire.Flight;
        _nextPosition = handshake.Wire.NextPosition;
        _lastHeard = time.GetTimestamp();
        // Those without an id are found by an address that a NAT may have given to somebody else by then.
        if (host.SavesSessions && _id is not null && peer.KeyBlock is not null)
            (_reservation, _keyBlock) = (new Reservation(), peer.KeyBlock);
    }

    /// <summary>Where the peer was heard last.</summary>
    public TAddress Address
    {
        get
        {
            lock (_lock)
                return _address;
        }
    }

    /// <summary>Who has proven to be there.</summary>
    public DtlsIdentity Identity { get; }

    public CipherSuite Suite { get; }

    /// <summary>What the host keeps with it.</summary>
    public object? Tag { get; set; }

    /// <summary>Nothing goes through it any more.</summary>
    public bool IsEnded { get; private set; }

    /// <summary>The connection id that its peer's records bear (RFC 9146); null where they bear none.</summary>
    internal ulong? Id => _id;

    /// <summary>Belongs to the index: the address of the handshake.</summary>
    internal TAddress Origin { get; set; }

    /// <summary>Belongs to the index: what the host calls the peer.</summary>
    internal TAddress Place { get; set; }

    /// <summary>When the last authentic data came, in the clock's timestamps.</summary>
    internal long LastHeard => Interlocked.Read(ref _lastHeard);

    /// <summary>The peer has not shown yet that our last flight has arrived: it may repeat its own.</summary>
    internal bool IsUnproven => Volatile.Read(ref _flight) is not null;

    /// <summary>Protects and sends what may be as long as a record; false where it is longer, or the session has ended.</summary>
    public bool TrySend(ReadOnlySpan<byte> plaintext)
    {
        lock (_lock)
            return !IsEnded && plaintext.Length <= _mostContent && TrySend(RecordHeader.ApplicationData, plaintext);
    }

    internal bool IsOf(ReadOnlySpan<byte> hello) => hello.SequenceEqual(_random);

    /// <summary>
    /// Opens the records of a datagram, one plaintext behind the other. Null: there was something in it; else why not. A datagram that
    /// cannot be opened changes nothing.
    /// </summary>
    /// <param name="from">Where it came from: the peer is there from now on, if it bears the id and is newer than all before (RFC 9146 section 6).</param>
    /// <param name="datagram">Whole records, no more than <paramref name="lengths"/>.</param>
    /// <param name="plaintext">As long as the datagram.</param>
    /// <param name="lengths">Of the plaintexts.</param>
    /// <param name="count">How many there are.</param>
    internal DropReason? Open(in TAddress from, ReadOnlySpan<byte> datagram, Span<byte> plaintext, Span<int> lengths, out int count)
    {
        count = 0;
        lock (_lock)
        {
            if (IsEnded)
                return DropReason.NoSession;
            var whole = datagram;
            var (isHeard, isAhead) = (false, false);
            while (!IsEnded && RecordHeader.TryNext(ref datagram, out var record))
            {
                if (!TryOpen(record, plaintext, out var type, out var length))
                    continue;
                if (_reservation?.MayTake(record.Sequence) == false)
                {
                    // Not seen: it is heard when it comes again.
                    isAhead = true;
                    Reserve(record.Sequence);
                    continue;
                }

                if (_window.Add(record.Sequence) && _id is not null)
                    _address = from;
                if (type != RecordHeader.ApplicationData)
                {
                    isHeard |= Understand(type, plaintext[..length]);
                    continue;
                }

                lengths[count++] = length;
                plaintext = plaintext[length..];
            }

            var isKept = isAhead && TryKeep(from, whole);
            if (count == 0)
                return isHeard || isKept ? null : isAhead ? DropReason.Unreserved : DropReason.Discarded;
            _flight = null;
            ReserveWhereLow();
            Interlocked.Exchange(ref _lastHeard, _time.GetTimestamp());
            return null;
        }
    }

    /// <summary>Ends it, and says so to the peer (close_notify).</summary>
    internal void End(bool tellsPeer)
    {
        lock (_lock)
        {
            if (IsEnded)
                return;
            if (tellsPeer)
                SayFarewell();
            Close();
        }
    }

    bool TryOpen(in RecordHeader record, Span<byte> plaintext, out byte type, out int length)
    {
        (type, length) = (0, 0);
        return record.Epoch == 1
            && (record.Type == RecordHeader.WithConnectionId) == _id is not null
            && _window.IsNew(record.Sequence)
            && _protection.TryOpen(record, plaintext, out type, out length)
            && length <= _mostContent;
    }

    // What is no data. False where nothing was to be done about it, such as a wish for another handshake within the session.
    bool Understand(byte type, ReadOnlySpan<byte> content)
    {
        switch (type)
        {
            case RecordHeader.Alert when content.Length == 2:
                HearAlert(content[0], content[1]);
                return true;
            case RecordHeader.Handshake when content is [Finished, ..]:
                // The first one is that of the handshake. Another one says that what we said last did not arrive (RFC 6347 section 4.2.4).
                if (_hasFinished)
                    SendFlight();
                _hasFinished = true;
                return true;
            default:
                return false;
        }
    }

    void HearAlert(byte level, byte description)
    {
        _host.Alerted(false, AlertDescription.GetName(description));
        if (description == AlertDescription.close_notify)
            SayFarewell();
        if (level == AlertLevel.fatal || description == AlertDescription.close_notify)
            Close();
    }

    void SayFarewell()
    {
        _host.Alerted(true, AlertDescription.GetName(AlertDescription.close_notify));
        TrySend(RecordHeader.Alert, [(byte)AlertLevel.warning, (byte)AlertDescription.close_notify]);
    }

    // The same bytes: no nonce is used for anything else.
    void SendFlight()
    {
        foreach (var datagram in _flight ?? [])
            _host.Send(_address, datagram);
    }

    bool TrySend(byte type, ReadOnlySpan<byte> content)
    {
        // RFC 6347 section 4.1: numbers are not to come round.
        if (_nextPosition >= RecordHeader.EndOfProtected)
        {
            Close();
            return false;
        }

        if (_reservation?.MaySend(_nextPosition - RecordHeader.FirstProtected) == false)
        {
            ReserveWhereLow();
            return false;
        }

        var most = content.Length + _protection.Overhead;
        var rented = most > MostOnStack ? ArrayPool<byte>.Shared.Rent(most) : null;
        var record = rented ?? stackalloc byte[MostOnStack];
        _host.Send(_address, record[.._protection.Protect(_nextPosition++, type, content, record)]);
        if (rented is not null)
            ArrayPool<byte>.Shared.Return(rented);
        // Who has not spoken yet is not written down: of a handshake alone nothing is kept.
        if (_reservation is { IsWritten: true })
            ReserveWhereLow();
        return true;
    }

    void Close()
    {
        IsEnded = true;
        _flight = null;
        _early = null;
        _protection.Dispose();
        if (_reservation is { IsWritten: true })
            Attend();
    }
}
