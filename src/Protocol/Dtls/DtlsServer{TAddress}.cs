using System.Buffers;
using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;
using Org.BouncyCastle.Security;
using Org.BouncyCastle.Tls;
using Org.BouncyCastle.Tls.Crypto;
using Org.BouncyCastle.Tls.Crypto.Impl.BC;

namespace Protocol.Dtls;

/// <summary>
/// The server side of DTLS 1.2 (RFC 6347) for one listener: datagrams in, plaintext and datagrams out, through its host. It has no socket. A
/// ClientHello is answered with a cookie and forgotten; handshakes of peers that have repeated it run on a bounded number of threads; a session
/// that is established has none. Safe for any number of threads.
/// </summary>
public sealed class DtlsServer<TAddress> : IDisposable
    where TAddress : struct, IEquatable<TAddress>
{
    readonly IDtlsHost<TAddress> _host;
    readonly TimeProvider _time;
    readonly int _mostSessions;
    readonly BcTlsCrypto _crypto = new BcTlsCrypto(new SecureRandom());
    readonly Cookies _cookies;
    readonly HandshakeThreads _threads;
    readonly Resumptions _resumptions;
    readonly SessionIndex<TAddress> _sessions;
    readonly int _slot;
    readonly ConcurrentDictionary<TAddress, Handshake<TAddress>> _handshakes = new();
    readonly Action<TAddress, byte[]> _hear;
    volatile DtlsSettings _settings;
    volatile bool _ended;

    /// <param name="host">Whom it serves.</param>
    /// <param name="settings">What handshakes are made with.</param>
    /// <param name="mostSessions">With one more those go that have been silent for the longest time.</param>
    /// <param name="slot">Of this replica; it stands in the connection ids.</param>
    /// <param name="time">For the age of cookies and of silence; the library has its own clock for retransmissions.</param>
    public DtlsServer(IDtlsHost<TAddress> host, DtlsSettings settings, int mostSessions, int slot, TimeProvider time)
    {
        _host = host;
        _slot = slot;
        _sessions = new SessionIndex<TAddress>(host);
        _settings = settings;
        _mostSessions = mostSessions;
        _time = time;
        _hear = (from, datagram) => Receive(from, datagram);
        _cookies = new Cookies(_crypto, time);
        _resumptions = new Resumptions(_crypto, DtlsServer.MostResumptions, time);
        _threads = new HandshakeThreads("dtls handshake", DtlsServer.MostHandshakes, DtlsServer.MostWaitingHandshakes);
    }

    /// <summary>For handshakes from now on.</summary>
    public DtlsSettings Settings
    {
        get => _settings;
        set => _settings = value;
    }

    /// <summary>Established sessions.</summary>
    public int Sessions => _sessions.Count;

    /// <summary>Sessions that may be taken up again.</summary>
    public int Resumable => _resumptions.Count;

    /// <summary>Handshakes under way.</summary>
    public int Handshakes => _handshakes.Count;

    /// <summary>The session with a peer.</summary>
    /// <param name="peer">As the host calls it.</param>
    public DtlsSession<TAddress>? Find(in TAddress peer) => _sessions.Of(peer);

    /// <summary>A datagram from the network.</summary>
    public void Receive(in TAddress from, ReadOnlySpan<byte> datagram)
    {
        if (!RecordHeader.TryRead(datagram, DtlsServer.MostRecords, out var first))
            _host.Dropped(DropReason.Malformed);
        else if (!RecordHeader.AreMessagesWithin(DtlsServer.MostMessageBytes, datagram))
            _host.Dropped(DropReason.Oversized);
        else if (first.IsClientHello)
            Greet(from, first, datagram);
        else if (first.Epoch == 0)
            Continue(from, first, datagram);
        else
            ReceiveProtected(from, first, datagram);
    }

    /// <summary>Ends a session, and tells the peer.</summary>
    public void End(DtlsSession<TAddress> session)
    {
        if (_sessions.Remove(session))
            session.End(tellsPeer: true);
    }

    /// <summary>Goes on with a session of another process. False where that cannot be: another session has its place, or its id is not of this slot.</summary>
    /// <param name="state">What was written down of it.</param>
    /// <param name="limit">What is reserved for this process.</param>
    /// <param name="identity">Who is at the other end.</param>
    /// <param name="address">Where it was heard last.</param>
    /// <param name="session">It.</param>
    public bool TryRestore(SessionState state, RecordNumbers limit, DtlsIdentity identity, in TAddress address, [NotNullWhen(true)] out DtlsSession<TAddress>? session)
    {
        ArgumentNullException.ThrowIfNull(state);
        session = null;
        if (!state.IsValid || ConnectionId.SlotOf(state.Id) != _slot || _sessions.Count >= _mostSessions)
            return false;
        var made = new DtlsSession<TAddress>(_host, state, limit, identity, address, _hear, _time);
        if (_sessions.TryRestore(made))
            session = made;
        return session is not null;
    }

    /// <summary>
    /// Ends, without a word to their peers, all sessions that another process can go on with, and gives what it needs for that. Those that it
    /// cannot go on with are left, for <see cref="Dispose"/>. Nobody new comes in.
    /// </summary>
    public IReadOnlyList<(DtlsSession<TAddress> Session, SessionState State)> Freeze()
    {
        _ended = true;
        List<(DtlsSession<TAddress>, SessionState)> frozen = [];
        foreach (var session in _sessions.All)
        {
            if (session.TryFreeze(out var state) && _sessions.Remove(session))
                frozen.Add((session, state));
        }

        return frozen;
    }

    /// <summary>Ends all handshakes and sessions, and tells the peers, so that they need not find out by waiting.</summary>
    public void Dispose()
    {
        _ended = true;
        _threads.Dispose();
        foreach (var handshake in _handshakes.Values)
            handshake.Cancel();
        foreach (var session in _sessions.All)
            End(session);
    }

    void Greet(in TAddress from, in RecordHeader hello, ReadOnlySpan<byte> datagram)
    {
        if (!hello.TryReadRandom(out var random))
        {
            _host.Dropped(DropReason.Malformed);
            return;
        }

        if (_handshakes.TryGetValue(from, out var under) && under.IsOf(random))
        {
            if (!under.TryOffer(hello, datagram))
                _host.Dropped(DropReason.Backlog);
            return;
        }

        // A copy that comes late, or one that somebody sends again, is no wish for another session.
        if (_sessions.At(from) is { } session && session.IsOf(random))
            _host.Dropped(DropReason.Stale);
        else if (_ended || Verify(from, hello, datagram) is not { } request)
            return;
        else if (!_host.MayBegin(from))
            _host.Dropped(DropReason.Limited);
        else
            Begin(from, random, request, under);
    }

    DtlsRequest? Verify(in TAddress from, in RecordHeader hello, ReadOnlySpan<byte> datagram)
    {
        Span<byte> bytes = stackalloc byte[IDtlsHost<TAddress>.MostBytes];
        var address = bytes[.._host.Describe(from, bytes)].ToArray();
        try
        {
            return _cookies.Verify(address, datagram.ToArray(), hello.HasCookie, new Wire<TAddress>(_host, from));
        }
        catch (Exception e) when (e is IOException or ArgumentException or IndexOutOfRangeException or InvalidOperationException or InvalidCastException or FormatException)
        {
            // The library reads what strangers send, and says what is wrong with it in many ways.
            _host.Dropped(DropReason.Malformed);
            return null;
        }
    }

    // The session that the peer may have stays until the new one has proven itself.
    void Begin(in TAddress from, ReadOnlySpan<byte> random, DtlsRequest request, Handshake<TAddress>? under)
    {
        under?.Cancel();
        var handshake = new Handshake<TAddress>(from, random.ToArray(), new Wire<TAddress>(_host, from));
        _handshakes[from] = handshake;
        if (_threads.TryRun(() => Run(handshake, request)))
            return;
        Forget(handshake);
        _host.Ended(from, HandshakeResult.Busy, null, null);
    }

    void Run(Handshake<TAddress> handshake, DtlsRequest request)
    {
        var peer = new HandshakePeer(_crypto, _settings, _resumptions, () => _sessions.NewId(_slot), _host.Alerted);
        HandshakeResult result;
        try
        {
            if (handshake.IsCancelled)
            {
                result = HandshakeResult.Cancelled;
            }
            else
            {
                handshake.Wire.HasKey = () => peer.HasKey;
                // It keeps nothing that works: what protects the records from here on is ours.
                new DtlsServerProtocol().Accept(peer, handshake.Wire, request);
                Establish(handshake, peer);
                return;
            }
        }
        catch (Exception e)
        {
            // Whatever the library stumbles over in what a peer sends is the end of this handshake only.
            result = ResultOf(e, peer, handshake.IsCancelled);
        }

        Forget(handshake);
        handshake.End();
        _host.Ended(handshake.Address, result, peer.Identity, peer.Suite?.Name);
    }

    void Establish(Handshake<TAddress> handshake, HandshakePeer peer)
    {
        var address = handshake.Address;
        var rest = handshake.Wire.Establish();
        var session = new DtlsSession<TAddress>(_host, handshake, peer, _hear, _time);
        // Their keys are gone at the other end: nobody could read a farewell.
        foreach (var old in _sessions.Add(session))
            old.End(tellsPeer: false);
        _host.Ended(address, peer.IsResumed ? HandshakeResult.Resumed : HandshakeResult.Established, session.Identity, session.Suite.Name);
        // The Finished that the handshake ended with counts as seen, and data behind it is not lost.
        Open(session, address, handshake.Wire.Taken);
        Forget(handshake);
        foreach (var early in rest.Concat(handshake.End()))
            Receive(address, early);
        if (_sessions.Count > _mostSessions)
            MakeRoom();
        if (_ended)
            End(session);
    }

    void Continue(in TAddress from, in RecordHeader first, ReadOnlySpan<byte> datagram)
    {
        if (_handshakes.TryGetValue(from, out var handshake) && handshake.TryOffer(first, datagram))
            return;
        // Our last flight was lost, and goes again because theirs comes again. Also where the handshake has ended only now.
        if (_sessions.At(from) is not { IsUnproven: true } session || Open(session, from, datagram) is not null)
            _host.Dropped(handshake is null ? DropReason.Stale : DropReason.Backlog);
    }

    void ReceiveProtected(in TAddress from, in RecordHeader first, ReadOnlySpan<byte> datagram)
    {
        var handshake = _handshakes.GetValueOrDefault(from);
        var reason = Open(from, first, datagram, handshake);
        // What the session cannot read may be the first word of the one that is about to take its place, or has taken it since.
        if (reason is null || (handshake is not null && (handshake.TryOffer(first, datagram) || Open(from, first, datagram, handshake) is null)))
            return;
        _host.Dropped(reason.Value);
    }

    DropReason? Open(in TAddress from, in RecordHeader first, ReadOnlySpan<byte> datagram, Handshake<TAddress>? under) =>
        first.Type == RecordHeader.WithConnectionId ? OpenById(from, first.Id, datagram) : OpenByAddress(from, first, datagram, under);

    DropReason? OpenByAddress(in TAddress from, in RecordHeader first, ReadOnlySpan<byte> datagram, Handshake<TAddress>? under) =>
        _sessions.At(from) is { } session && (under is null || first.Type is RecordHeader.ApplicationData or RecordHeader.Alert)
            ? Open(session, from, datagram)
            : DropReason.NoSession;

    DropReason? OpenById(in TAddress from, ulong id, ReadOnlySpan<byte> datagram)
    {
        if (_sessions.With(id) is { } session)
            return Open(session, from, datagram);
        if (ConnectionId.SlotOf(id) == _slot)
            return DropReason.UnknownId;
        return _host.TryForward(from, ConnectionId.SlotOf(id), datagram) ? null : DropReason.OtherSlot;
    }

    DropReason? Open(DtlsSession<TAddress> session, in TAddress from, ReadOnlySpan<byte> datagram)
    {
        Span<int> lengths = stackalloc int[DtlsServer.MostRecords];
        var plaintext = ArrayPool<byte>.Shared.Rent(datagram.Length);
        try
        {
            var before = session.Address;
            var reason = session.Open(from, datagram, plaintext, lengths, out var count);
            if (session.Id is not null && !session.Address.Equals(before))
                Move(session, before);
            var rest = plaintext.AsSpan();
            foreach (var length in lengths[..count])
            {
                _host.Receive(session.Address, session, rest[..length]);
                rest = rest[length..];
            }

            if (session.IsEnded)
                _sessions.Remove(session);
            return reason;
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(plaintext);
        }
    }

    void Move(DtlsSession<TAddress> session, in TAddress before)
    {
        _sessions.Move(session)?.End(tellsPeer: false);
        _host.Moved(session, before, session.Address);
    }

    // The hundredth part that has been silent for the longest time, so that not every newcomer has all looked through.
    void MakeRoom()
    {
        foreach (var session in _sessions.All.OrderBy(s => s.LastHeard).Take(Math.Max(1, _mostSessions / 100)).ToList())
            End(session);
    }

    void Forget(Handshake<TAddress> handshake) => _handshakes.TryRemove(new KeyValuePair<TAddress, Handshake<TAddress>>(handshake.Address, handshake));

    static HandshakeResult ResultOf(Exception e, HandshakePeer peer, bool isCancelled) => e switch
    {
        _ when isCancelled => HandshakeResult.Cancelled,
        TlsTimeoutException => HandshakeResult.Timeout,
        TlsFatalAlertReceived => HandshakeResult.AlertReceived,
        _ when peer.Problem is { } problem => problem,
        TlsFatalAlert { AlertDescription: AlertDescription.bad_record_mac or AlertDescription.decrypt_error } => HandshakeResult.WrongKey,
        TlsFatalAlert { AlertDescription: AlertDescription.handshake_failure or AlertDescription.protocol_version or AlertDescription.unsupported_certificate } => HandshakeResult.NothingInCommon,
        _ => HandshakeResult.Failed,
    };
}
