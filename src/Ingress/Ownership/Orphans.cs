using Contracts;
using Ingress.Registrations;

namespace Ingress.Ownership;

/// <summary>
/// The sessions of slots that are dead, in the hands of the lowest slot that lives. They stay where they are until their device speaks to
/// somebody, who adopts it; whose lifetime ends, and a grace with it, is ended here as the owner would have done it.
/// </summary>
sealed class Orphans(Node node, Slots slots, RegistrationInterface registrations, Agenda agenda)
{
    /// <summary>Looked at in one go.</summary>
    const int MostPerLook = 1000;

    /// <summary>Ends that are being written at a time.</summary>
    const int MostEnding = 500;

    const int RetryAfter = 200;

    readonly Walk _walk = new();
    readonly HashSet<Session> _ending = [];
    HashSet<int> _watched = [];

    /// <summary>ms; a device whose Update had begun when its owner died repeats it for that long.</summary>
    long Grace => node.Transmission.MaxTransmitWait;

    /// <summary>Slots whose sessions are looked after here.</summary>
    public int Watched => _watched.Count;

    public void Look()
    {
        var dead = slots.IsLowest ? [.. node.Sessions.LiveSlots.Where(slots.IsDead), .. slots.Dead] : new HashSet<int>();
        if (!dead.IsSubsetOf(_watched))
            _walk.Begin(node.Sessions.All);
        _watched = dead;
        for (var looked = 0; looked < MostPerLook && _walk.TryNext(out var session); looked++)
            Schedule(session);
    }

    /// <summary>A record of a session was put in force.</summary>
    public void OnCounted(Session session)
    {
        if (_ending.Remove(session) && node.Owns(session) && !session.IsLive)
            node.Telemetry.OrphansEnded.Add(1);
        Schedule(session);
    }

    /// <summary>It may be time for a session of another slot.</summary>
    public void OnDue(Session session)
    {
        if (!IsOrphan(session))
            return;
        var now = node.Clock.Milliseconds;
        if (now < EndOf(session))
        {
            Schedule(session);
        }
        else if (!session.IsLive)
        {
            agenda.Forget(session);
        }
        else
        {
            if (session.Job is null && _ending.Count < MostEnding)
                End(session, now);
            // Where Kafka does not take it, or it was somebody else's turn.
            node.Timetable.Schedule(session, now + RetryAfter + node.Random.Next(RetryAfter));
        }
    }

    /// <summary>The job of a session is over.</summary>
    public void OnIdle(Session session)
    {
        if (_ending.Count > 0)
            _ending.Remove(session);
    }

    void End(Session session, long now)
    {
        registrations.End(session, EventKind.Expired, now >= session.AdmittedUntil ? "admission expired" : "lifetime expired");
        if (session.Job is not null)
            _ending.Add(session);
    }

    void Schedule(Session session)
    {
        if (_watched.Count > 0 && IsOrphan(session))
            node.Timetable.Schedule(session, EndOf(session));
    }

    bool IsOrphan(Session session) => _watched.Contains(session.Slot) && !node.Owns(session) && node.Sessions.ByEndpoint(session.Endpoint) == session;

    long EndOf(Session session) => (session.IsLive ? session.ExpiresAt : Agenda.GoneAt(session)) + Grace;
}
