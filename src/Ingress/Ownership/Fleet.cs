using Ingress.Registrations;
using Ingress.Sockets;

namespace Ingress.Ownership;

/// <summary>
/// One Ingress among others: who lives, what the dead have left, and what goes to others or comes from them. Used under the node's gate.
/// </summary>
sealed class Fleet
{
    const long LookEvery = 500;
    const long LookEveryInPass = 20;

    readonly Node _node;
    readonly Slots _slots;
    readonly Orphans _orphans;
    readonly Drain _drain;

    volatile IReadOnlyDictionary<int, Peer> _doors = new Dictionary<int, Peer>();
    long _nextLook;

    // Before, a record that counts may not be the last one.
    bool _hasResumed;

    public Fleet(Node node, SessionWork work, SessionRecords records, RegistrationInterface registrations, Agenda agenda)
    {
        _node = node;
        _slots = new Slots(node.Slot);
        _orphans = new Orphans(node, _slots, registrations, agenda);
        _drain = new Drain(node, _slots, work, records);
    }

    /// <summary>A session that was held back may go on.</summary>
    public Action<Session> Stays { private get; set; } = _ => { };

    /// <summary>When <see cref="OnTimer"/> wants to be called again.</summary>
    public long NextLook => _nextLook;

    public FleetStatus Status => new(_drain.IsWished, _drain.IsAlone, _node.Sessions.LiveOf(_node.Slot), _orphans.Watched);

    /// <summary>Where datagrams for another slot are handed to; null where it does not live or says nothing of it. For any thread; as of the last look.</summary>
    public Peer? DoorOf(int slot) => _doors.TryGetValue(slot, out var door) ? door : null;

    /// <summary>How many other slots have one. For any thread.</summary>
    public int Doors => _doors.Count;

    /// <summary>A record of the instances topic; null is a tombstone.</summary>
    public void Read(byte[] key, byte[]? value, long offset) => _slots.Read(key, value, offset, _node.Clock.Milliseconds);

    public void OnTimer()
    {
        var now = _node.Clock.Milliseconds;
        if (now < _nextLook)
            return;
        _doors = _slots.Doors;
        _orphans.Look();
        foreach (var session in _drain.Look())
            Stays(session);
        _nextLook = now + (_drain.IsPassing ? LookEveryInPass : LookEvery);
    }

    /// <summary>A session record was put in force. Its registration record is missing, where another slot has handed it over: it is mended by who owns it now.</summary>
    public void OnCounted(Session session)
    {
        if (!_hasResumed)
            return;
        _orphans.OnCounted(session);
        if (session.Job is null && _node.Owns(session))
            _node.Telemetry.TakenOver.Add(1);
    }

    /// <summary>All sessions have been read.</summary>
    public void Resume() => _hasResumed = true;

    /// <summary>It may be time for a session of another slot.</summary>
    public void OnDue(Session session) => _orphans.OnDue(session);

    /// <summary>Nothing new may be started for the session now.</summary>
    public bool IsLeaving(Session session) => _drain.IsLeaving(session);

    /// <summary>The session has no job any more. True: it has a new one.</summary>
    public bool OnIdle(Session session)
    {
        _orphans.OnIdle(session);
        return _drain.OnIdle(session);
    }
}
