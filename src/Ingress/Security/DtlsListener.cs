using System.Net.Sockets;
using System.Text;
using Contracts.Configuration;
using Ingress.Access;
using Ingress.Forwarding;
using Ingress.Sockets;
using Microsoft.Extensions.Logging;
using Protocol.Dtls;

namespace Ingress.Security;

/// <summary>
/// A listener for CoAP over DTLS (step 2 of a reading's journey): a socket with a DTLS server behind it. What it hands on comes from a peer that
/// bears what was proven, and what is sent to such a peer reaches nobody else at its address.
/// </summary>
sealed partial class DtlsListener : IDtlsHost<Route>, IDisposable
{
    /// <summary>Told that a peer is at another address now.</summary>
    public delegate void Mover(in Peer from, in Peer to);

    static readonly TimeSpan LogPeriod = TimeSpan.FromSeconds(10);

    readonly DtlsNeeds _needs;
    readonly ILogger _logger;
    readonly string _name;
    readonly byte[] _utf8Name;
    readonly UdpListener.Receiver _receiver;
    readonly Mover _mover;
    readonly CertificateFiles _certificates;
    readonly DtlsServer<Route> _server;
    readonly Lock _lock = new();
    readonly FailureLimit _failures = new();
    readonly Dictionary<Peer, int> _handshakesOf = [];
    volatile AccessList _rules;
    long _failed;
    long _told;

    /// <exception cref="SocketException">The address cannot be bound.</exception>
    public DtlsListener(int index, string name, DtlsListenerOptions options, int threads, UdpListener.Receiver receiver, Mover mover, DtlsNeeds needs)
    {
        _needs = needs;
        _name = name;
        _utf8Name = Encoding.UTF8.GetBytes(name);
        Index = index;
        _logger = needs.Logger;
        _receiver = receiver;
        _mover = mover;
        _rules = new AccessList(options.AccessRules);
        _certificates = new CertificateFiles(name, options.DtlsOptions, needs);
        _server = new DtlsServer<Route>(this, SettingsOf(options.DtlsOptions), needs.MaxSessions, needs.Slot, needs.Time);
        needs.Saved?.Take(name, index, _server);
        Socket = new UdpListener(index, name, options, threads, Receive);
        _told = needs.Time.GetTimestamp();
    }

    public UdpListener Socket { get; }

    /// <summary>By which peers name it.</summary>
    public int Index { get; }

    public int Sessions => _server.Sessions;

    public int Handshakes => _server.Handshakes;

    /// <summary>Sessions that may be taken up again.</summary>
    public int Resumable => _server.Resumable;

    /// <summary>Takes what can change while sessions live.</summary>
    public void Follow(DtlsListenerOptions now)
    {
        _rules = new AccessList(now.AccessRules);
        _certificates.Follow(now.DtlsOptions);
        _server.Settings = SettingsOf(now.DtlsOptions);
    }

    /// <summary>What the peer has proven; null where that is nothing, or its session has ended.</summary>
    public Credential? ProvenBy(in Peer peer) =>
        _server.Find(Route.Direct(peer)) is { } session && IsInForce(session) ? session.Identity.Credential as Credential : null;

    public void Send(in Peer peer, ReadOnlySpan<byte> datagram)
    {
        if (_server.Find(Route.Direct(peer)) is not { } session || !IsInForce(session) || !session.TrySend(datagram))
            _needs.Telemetry.DtlsNotSent.Add(1);
    }

    /// <summary>Whether it has that name, UTF-8.</summary>
    public bool Is(ReadOnlySpan<byte> name) => name.SequenceEqual(_utf8Name);

    /// <summary>A datagram that another replica has heard.</summary>
    public void TakeForwarded(in Route from, ReadOnlySpan<byte> datagram) => Receive(from, datagram);

    /// <summary>Ends the sessions that a successor can go on with, for it; their peers hear nothing of it.</summary>
    public IEnumerable<(string Listener, DtlsSession<Route> Session, SessionState State)> Freeze() => _server.Freeze().Select(f => (_name, f.Session, f.State));

    /// <summary>Ends all sessions, and tells the peers. The socket is closed by whoever has it.</summary>
    public void Dispose() => _server.Dispose();

    void Receive(in Peer peer, ReadOnlySpan<byte> datagram) => Receive(Route.Direct(peer), datagram);

    void Receive(in Route from, ReadOnlySpan<byte> datagram)
    {
        if (_rules.Allows(from.Peer))
            _server.Receive(from, datagram);
        else
            _needs.Telemetry.AccessDenied.Add(1);
    }

    void IDtlsHost<Route>.Send(in Route to, ReadOnlySpan<byte> datagram)
    {
        if (to.IsDirect)
            Socket.Send(to.Peer, datagram);
        else
            _needs.Forwarder?.Answer(to, _utf8Name, datagram);
    }

    void IDtlsHost<Route>.Receive(in Route from, DtlsSession<Route> session, ReadOnlySpan<byte> plaintext)
    {
        if (IsInForce(session))
            _receiver(At(from, session.Identity), plaintext);
    }

    // What is said of a device does not depend on who hears it.
    Route IDtlsHost<Route>.PeerOf(in Route address, DtlsIdentity identity) => Route.Direct(At(address, identity));

    void IDtlsHost<Route>.Moved(DtlsSession<Route> session, in Route from, in Route to)
    {
        _needs.Telemetry.DtlsMoves.Add(1);
        if (IsInForce(session))
            _mover(At(from, session.Identity), At(to, session.Identity));
    }

    bool IDtlsHost<Route>.TryForward(in Route from, int slot, ReadOnlySpan<byte> datagram) =>
        from.IsDirect && _needs.Forwarder is { } forwarder && forwarder.TryForward(slot, from.Peer, _utf8Name, datagram);

    bool IDtlsHost<Route>.SavesSessions => _needs.Saved is not null;

    void IDtlsHost<Route>.Attend(DtlsSession<Route> session) => _needs.Saved?.Attend(_name, session);

    int IDtlsHost<Route>.Describe(in Route address, Span<byte> bytes) => address.Peer.Write(bytes);

    bool IDtlsHost<Route>.MayBegin(in Route from)
    {
        var source = from.Peer.Source;
        lock (_lock)
        {
            var under = _handshakesOf.GetValueOrDefault(source);
            if (under >= DtlsServer.MostHandshakes / 4 || !_failures.Allows(from.Peer, Milliseconds))
                return false;
            _handshakesOf[source] = under + 1;
            return true;
        }
    }

    void IDtlsHost<Route>.Ended(in Route with, HandshakeResult result, DtlsIdentity? identity, string? cipher)
    {
        _needs.Telemetry.DtlsHandshakes.Add(1, Tag("result", Labels<HandshakeResult>.Of(result)), Tag("cipher", cipher ?? "none"));
        var hasFailed = result is not (HandshakeResult.Established or HandshakeResult.Resumed or HandshakeResult.Busy or HandshakeResult.Cancelled or HandshakeResult.Unreachable);
        if (hasFailed)
            _needs.Failures?.Tell(_name, with.Peer, identity, result);
        if (Account(with.Peer, hasFailed) is { } failed)
        {
            // Who is not known chose the name himself: it is not for the log.
            LogFailed(_name, with.Peer.ToString(), Labels<HandshakeResult>.Of(result), result == HandshakeResult.WrongKey ? identity?.Name : null, failed);
        }
    }

    void IDtlsHost<Route>.Alerted(bool isSent, string description) =>
        _needs.Telemetry.DtlsAlerts.Add(1, Tag("direction", isSent ? "sent" : "received"), Tag("alert", description));

    void IDtlsHost<Route>.Dropped(DropReason reason) => _needs.Telemetry.DtlsDropped.Add(1, Tag("reason", Labels<DropReason>.Of(reason)));

    // A credential that was taken away or has another key ends the session with the next message, in either direction.
    bool IsInForce(DtlsSession<Route> session)
    {
        if (session.Identity.Credential is not Credential credential)
            return true;
        var edition = _needs.Credentials.Edition;
        if (ReferenceEquals(session.Tag, edition))
            return true;
        if (_needs.Credentials.Holds(credential))
        {
            session.Tag = edition;
            return true;
        }

        _needs.Telemetry.DtlsRevoked.Add(1);
        _server.End(session);
        return false;
    }

    // How many have failed, where that is to be logged now.
    long? Account(in Peer peer, bool hasFailed)
    {
        lock (_lock)
        {
            var source = peer.Source;
            if (_handshakesOf.GetValueOrDefault(source) is > 1 and var under)
                _handshakesOf[source] = under - 1;
            else
                _handshakesOf.Remove(source);
            _failures.Sweep(Milliseconds);
            if (!hasFailed)
                return null;
            _failures.Fail(peer, Milliseconds);
            _failed++;
            if (_needs.Time.GetElapsedTime(_told) < LogPeriod)
                return null;
            _told = _needs.Time.GetTimestamp();
            return _failed;
        }
    }

    // Without a proof: who has not been asked for one.
    static Peer At(in Route address, DtlsIdentity identity) => identity.Credential is Credential credential ? address.Peer.With(credential.Proof) : address.Peer;

    DtlsSettings SettingsOf(DtlsOptions options)
    {
        var named = options.Ciphers.Select(CipherSuite.Find).OfType<CipherSuite>().ToList();
        var unknown = options.Ciphers.Where(name => CipherSuite.Find(name) is null).ToList();
        if (unknown.Count > 0)
            LogUnknown(_name, string.Join(", ", unknown), string.Join(", ", CipherSuite.All.Select(s => s.OpenSslName)));
        return new DtlsSettings
        {
            FindKey = identity => _needs.Credentials.FindPsk(identity) is { } credential ? new PreSharedKey(credential.Key, credential) : null,
            Certification = () => _certificates.Current,
            Resumes = options.ReuseSessions,
            CipherSuites = named.Count > 0 ? named : CipherSuite.Usual,
            PrefersOwnOrder = options.HonorCipherOrder,
            HandshakeTimeout = options.HandshakeTimeout,
        };
    }

    long Milliseconds => (long)_needs.Time.GetElapsedTime(0).TotalMilliseconds;

    static KeyValuePair<string, object?> Tag(string name, string value) => new(name, value);

    [LoggerMessage(52, LogLevel.Warning, "{Listener}: the handshake with {Peer} has failed: {Result}, identity {Identity}; {Failed} have failed since the start")]
    partial void LogFailed(string listener, string peer, string result, string? identity, long failed);

    [LoggerMessage(53, LogLevel.Warning, "{Listener}: cipher suites that are not to be had here are passed over: {Unknown}; known are {Known}")]
    partial void LogUnknown(string listener, string unknown, string known);
}
