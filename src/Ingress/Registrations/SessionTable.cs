using System.Diagnostics.CodeAnalysis;
using Contracts;
using Ingress.Observations;
using Ingress.Sockets;
using Protocol.Coap;

namespace Ingress.Registrations;

/// <summary>
/// All sessions of the fleet, whoever owns them: the fold of the sessions topic. Found by endpoint, registration id, peer and token.
/// </summary>
sealed class SessionTable(Func<string, int> listenerIndex, Clock clock, Random random)
{
    readonly Dictionary<string, Session> _byEndpoint = [];
    readonly Dictionary<ulong, Session> _byRegistration = [];
    readonly Dictionary<Peer, Session> _byPeer = [];
    readonly Dictionary<CoapToken, ObservedPath> _byToken = [];
    readonly Dictionary<(int Slot, int Listener), int> _liveOn = [];

    public int Count => _byEndpoint.Count;

    /// <summary>Sessions with a live registration.</summary>
    public int Live { get; private set; }

    /// <summary>Live registrations that a slot owns of devices of one listener.</summary>
    public int LiveOn(int slot, int listener) => _liveOn.GetValueOrDefault((slot, listener));

    /// <summary>Live registrations that a slot owns.</summary>
    public int LiveOf(int slot) => _liveOn.Where(tally => tally.Key.Slot == slot).Sum(tally => tally.Value);

    /// <summary>The slots that own live registrations.</summary>
    public IEnumerable<int> LiveSlots => _liveOn.Where(tally => tally.Value > 0).Select(tally => tally.Key.Slot).Distinct();

    public IReadOnlyCollection<Session> All => _byEndpoint.Values;

    public Session? ByEndpoint(string endpoint) => _byEndpoint.GetValueOrDefault(endpoint);

    /// <summary>Also one that has ended, as long as it is the last of its endpoint.</summary>
    public Session? ByRegistration(ulong id) => _byRegistration.GetValueOrDefault(id);

    public Session? ByPeer(in Peer peer) => _byPeer.GetValueOrDefault(peer);

    public bool TryGetObservation(CoapToken token, [NotNullWhen(true)] out ObservedPath? observed) => _byToken.TryGetValue(token, out observed);

    public Session GetOrAdd(string endpoint)
    {
        if (!_byEndpoint.TryGetValue(endpoint, out var session))
            _byEndpoint[endpoint] = session = new Session(endpoint) { NextMessageId = (ushort)random.Next() };
        return session;
    }

    public void Remove(Session session)
    {
        Unindex(session);
        _byEndpoint.Remove(session.Endpoint);
    }

    /// <summary>Forgets the record that counts; somebody is about to write another.</summary>
    public void Empty(Session session)
    {
        Unindex(session);
        session.Number = 0;
    }

    /// <summary>Puts the record that counts in force. True: it begins a new registration.</summary>
    public bool Apply(Session session, SessionRecord record, byte[] bytes)
    {
        Unindex(session);
        var isNewRegistration = session.RegistrationId != record.RegistrationId;
        session.Number = record.Number;
        session.Writer = record.Writer;
        session.Slot = (int)record.Slot;
        session.IsLive = record.Live;
        session.RegistrationId = record.RegistrationId;
        session.Take(bytes);
        session.Lifetime = record.Lifetime * 1000;
        session.IsQueueMode = record.QueueMode;
        session.Peer = Peer.TryRead(record.Peer.Span, listenerIndex(ListenerOf(record)), out var peer) ? peer : default;
        session.Observed = Observed(session, record);
        session.RegistrationNumber = record.RegistrationNumber;
        session.OwedIsAnnounced = false;
        session.IsCovered = false;
        if (isNewRegistration)
            session.Sequence = 0;

        // The log knows wall-clock times of other machines: a lifetime goes on where it was, but never lies in the future.
        var age = Math.Max(0, clock.UnixMilliseconds - (record.Live ? record.RefreshedMs : record.EndedMs));
        session.AdmittedUntil = record.AdmittedUntilMs == 0 ? long.MaxValue : clock.Milliseconds + record.AdmittedUntilMs - clock.UnixMilliseconds;
        session.RefreshWritten = clock.Milliseconds - age;
        session.LastHeard = isNewRegistration ? session.RefreshWritten : Math.Max(session.LastHeard, session.RefreshWritten);
        Index(session);
        return isNewRegistration;
    }

    // What is known of the notifications of an observation outlives the record.
    static ObservedPath[] Observed(Session session, SessionRecord record)
    {
        if (!record.Live || record.Observations.Count == 0)
            return [];
        var observed = record.Observations.Select(o => new ObservedPath(session, o)).ToArray();
        foreach (var path in observed.Where(o => o.Token.Length > 0))
            path.Freshest = Array.Find(session.Observed, known => known.Token == path.Token)?.Freshest;
        return observed;
    }

    static string ListenerOf(SessionRecord record) => record.Listener.Length > 0 ? record.Listener : record.Client?.Listener ?? "";

    void Index(Session session)
    {
        _byRegistration[session.RegistrationId] = session;
        if (!session.IsLive)
            return;
        Tally(session, 1);
        _byPeer[session.Peer] = session;
        foreach (var observed in session.Observed.Where(o => o.Token.Length > 0))
            _byToken[observed.Token] = observed;
    }

    // Another session may have come to the same peer since; its entry stays.
    void Unindex(Session session)
    {
        if (session.Number == 0)
            return;
        _byRegistration.Remove(session.RegistrationId);
        if (!session.IsLive)
            return;
        Tally(session, -1);
        if (_byPeer.TryGetValue(session.Peer, out var atPeer) && atPeer == session)
            _byPeer.Remove(session.Peer);
        foreach (var observed in session.Observed)
            _byToken.Remove(observed.Token);
    }

    void Tally(Session session, int change)
    {
        Live += change;
        System.Runtime.InteropServices.CollectionsMarshal.GetValueRefOrAddDefault(_liveOn, (session.Slot, session.Peer.Listener), out _) += change;
    }
}
