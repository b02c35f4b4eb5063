using System.Buffers;
using Org.BouncyCastle.Tls;

namespace Protocol.Dtls;

/// <summary>An established session: it has no thread, and its own lock.</summary>
public sealed class DtlsSession<TAddress>
    where TAddress : struct, IEquatable<TAddress>
{
    readonly Lock _lock = new();
    readonly DtlsTransport _transport;
    readonly Wire<TAddress> _wire;
    readonly byte[] _random;
    readonly DtlsRecordCallback? _opened;
    long _lastHeard;
    bool _isNewest;

    internal DtlsSession(DtlsIdentity identity, CipherSuite suite, ulong? id, byte[] random, Wire<TAddress> wire, DtlsTransport transport, long now)
    {
        Identity = identity;
        Suite = suite;
        _random = random;
        _wire = wire;
        _transport = transport;
        _lastHeard = now;
        Id = id;
        // Records of a peer without an id are its own by its address alone.
        if (id is not null)
            _opened = flags => _isNewest |= flags == (DtlsRecordFlags.IsNewest | DtlsRecordFlags.UsesConnectionID);
    }

    /// <summary>Where the peer was heard last.</summary>
    public TAddress Address
    {
        get
        {
            lock (_lock)
                return _wire.Address;
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
    internal ulong? Id { get; }

    /// <summary>Belongs to the index: the address of the handshake.</summary>
    internal TAddress Origin { get; set; }

    /// <summary>Belongs to the index: what the host calls the peer.</summary>
    internal TAddress Place { get; set; }

    /// <summary>When the last authentic data came, in the clock's timestamps.</summary>
    internal long LastHeard => Interlocked.Read(ref _lastHeard);

    /// <summary>The peer has not shown yet that our last flight has arrived: it may repeat its own.</summary>
    internal bool IsUnproven { get; private set; } = true;

    /// <summary>Protects and sends what may be as long as a record; false where it is longer, or the session has ended.</summary>
    public bool TrySend(ReadOnlySpan<byte> plaintext)
    {
        lock (_lock)
        {
            if (IsEnded || plaintext.Length > _transport.GetSendLimit())
                return false;
            try
            {
                _transport.Send(plaintext);
                return true;
            }
            catch (IOException)
            {
                IsEnded = true;
                return false;
            }
        }
    }

    internal bool IsOf(ReadOnlySpan<byte> hello) => hello.SequenceEqual(_random);

    /// <summary>
    /// Opens the records of a datagram, one plaintext behind the other. Null: there is something to deliver; else why not. A datagram that
    /// cannot be opened changes nothing.
    /// </summary>
    /// <param name="from">Where it came from: the peer is there from now on, if it bears the id and is newer than all before (RFC 9146 section 6).</param>
    internal DropReason? Open(in TAddress from, ReadOnlySpan<byte> datagram, int records, Span<byte> plaintext, Span<int> lengths, out int count, long now)
    {
        count = 0;
        if (!RecordHeader.AreOf(Suite, Id is not null, datagram))
            return DropReason.Discarded;
        var copy = ArrayPool<byte>.Shared.Rent(datagram.Length);
        try
        {
            datagram.CopyTo(copy);
            lock (_lock)
            {
                if (IsEnded)
                    return DropReason.NoSession;
                _isNewest = false;
                _wire.Put(copy.AsMemory(0, datagram.Length));
                var left = plaintext;
                for (var i = 0; i < records && !_wire.IsClosed; i++)
                {
                    var length = i == 0 ? _transport.Receive(left, 1, _opened) : _transport.ReceivePending(left, _opened);
                    if (length < 0)
                        continue;
                    lengths[count++] = length;
                    left = left[length..];
                }

                IsEnded |= _wire.IsClosed;
                if (_isNewest)
                    _wire.Address = from;
            }

            // An alert that has ended it was authentic.
            if (count == 0)
                return IsEnded ? null : DropReason.Discarded;
            IsUnproven = false;
            Interlocked.Exchange(ref _lastHeard, now);
            return null;
        }
        catch (IOException)
        {
            // A fatal alert of the peer: authentic, or it would not have been read.
            IsEnded = true;
            return null;
        }
        finally
        {
            _wire.TakeBack();
            ArrayPool<byte>.Shared.Return(copy);
        }
    }

    /// <summary>Ends it, and says so to the peer (close_notify).</summary>
    internal void End(bool tellsPeer)
    {
        lock (_lock)
        {
            if (IsEnded)
                return;
            IsEnded = true;
            if (!tellsPeer)
                return;
            try
            {
                _transport.Close();
            }
            catch (IOException)
            {
                // It has failed in between: nothing is left to be told.
            }
        }
    }
}
