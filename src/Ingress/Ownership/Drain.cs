using Ingress.Observations;
using Ingress.Registrations;
using Messaging;

namespace Ingress.Ownership;

/// <summary>
/// Empties this slot where an operator wishes it: sessions go to the other slots that live, in turn, each by the next session record. Whoever
/// speaks here is served as ever, and adopted again; it is handed over again with the next pass.
/// </summary>
sealed class Drain(Node node, Slots slots, SessionWork work, SessionRecords records)
{
    /// <summary>ms from the wish to the first session: load balancers see /readyz turn red, and send new devices elsewhere.</summary>
    public const long Settle = 5_000;

    /// <summary>ms between two passes.</summary>
    const long PassEvery = 10_000;

    /// <summary>In one look, of which there are at most 50 a second.</summary>
    const int MostPerLook = 20;

    const int MostUnderWay = 100;

    readonly Walk _pass = new();
    readonly HashSet<Session> _underWay = [];

    // Found busy: nothing new is started for them, and they go as soon as what is under way has ended.
    readonly HashSet<Session> _waiting = [];
    int[] _targets = [];
    int _turn;
    long? _since;
    long _nextPass;

    /// <summary>The wish was read, and is not taken back.</summary>
    public bool IsWished => slots.IsDrainWished(node.Slot);

    /// <summary>Nobody is there to take the sessions.</summary>
    public bool IsAlone { get; private set; }

    /// <summary>Whether there is something to do very soon.</summary>
    public bool IsPassing => !_pass.IsOver;

    /// <summary>Nothing new may be started for the session: it goes when it is free.</summary>
    public bool IsLeaving(Session session) => _waiting.Count > 0 && _waiting.Contains(session);

    /// <summary>Gives those that waited to leave and may stay.</summary>
    public IReadOnlyList<Session> Look()
    {
        var now = node.Clock.Milliseconds;
        _targets = IsWished ? [.. slots.Staying] : [];
        IsAlone = IsWished && _targets.Length == 0;
        if (!IsWished)
            _since = null;
        else
            _since ??= now;
        if (_targets.Length == 0)
            return StayAll();

        if (_pass.IsOver && now - _since >= Settle && now >= _nextPass)
        {
            _pass.Begin(node.Sessions.All.Where(s => s.IsLive && node.Owns(s)));
            _nextPass = now + PassEvery;
        }

        for (var looked = 0; looked < MostPerLook && _underWay.Count < MostUnderWay && _pass.TryNext(out var session); looked++)
        {
            if (node.Sessions.ByEndpoint(session.Endpoint) == session)
                TryHandOver(session);
        }

        return [];
    }

    /// <summary>The session is free. True: it leaves.</summary>
    public bool OnIdle(Session session)
    {
        if (_underWay.Count > 0 && _underWay.Remove(session) && !node.Owns(session))
            node.Telemetry.HandedOver.Add(1);
        return IsLeaving(session) && TryHandOver(session);
    }

    bool TryHandOver(Session session)
    {
        _waiting.Remove(session);
        if (!session.IsLive || !node.Owns(session) || _targets.Length == 0)
            return false;
        if (!IsFree(session))
        {
            _waiting.Add(session);
            return false;
        }

        var target = _targets[_turn++ % _targets.Length];
        if (work.TryStart(session, records.HandedOver(session, target, slots.EpochOf(target)), changesRegistration: false) != AppendStatus.Handed)
            return false;
        if (session.Job is not null)
            _underWay.Add(session);
        return true;
    }

    // What is being read of a notification is read again by the new owner; what is being told is waited for.
    static bool IsFree(Session session) => session is { Job: null, Held: null or { Count: 0 }, IsKicked: false }
        && session.Operations is null or { Active: null, Marks.Count: 0 }
        && (session.Bodies is null || session.Bodies.Values.All(b => b is { IsExpected: false, Untold: 0, Fetch: not null }));

    List<Session> StayAll()
    {
        var waited = _waiting.ToList();
        _waiting.Clear();
        _pass.End();
        return waited;
    }
}
