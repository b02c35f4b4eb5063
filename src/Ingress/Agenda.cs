using Contracts;
using Ingress.Access;
using Ingress.Journal;
using Ingress.Observations;
using Ingress.Operations;
using Ingress.Registrations;
using Messaging;

namespace Ingress;

/// <summary>What a session has to do when nothing is heard: requests that are repeated or given up, lifetimes, reviews, and its end.</summary>
sealed class Agenda(Node node, SessionWork work, RegistrationInterface registrations, OperationRunner operations, NotifiedBodies bodies, Reviews reviews)
{
    const int RetryAfter = 100;

    static readonly TimeSpan GoneIsKept = TimeSpan.FromHours(24);

    // Until the tombstones have been read back.
    static readonly TimeSpan GoneAgain = TimeSpan.FromMinutes(1);

    /// <summary>Does what is due for a session, in the order of urgency.</summary>
    public void OnDue(Session session)
    {
        if (!node.Owns(session) || node.Sessions.ByEndpoint(session.Endpoint) != session)
            return;
        if (session.Job is null)
            work.Mend(session);
        if (session is { IsLive: false, Job: null, Operations: null })
        {
            Forget(session);
            return;
        }

        operations.OnDue(session);
        bodies.Settle(session);
        var now = node.Clock.Milliseconds;
        if (session is { Job: null, IsLive: true })
        {
            if (now >= session.ExpiresAt)
                registrations.End(session, EventKind.Expired, now >= session.AdmittedUntil ? "admission expired" : "lifetime expired");
            else if (IsRefreshDue(session, now))
                registrations.Refresh(session);
            reviews.OnDue(session);
        }

        Schedule(session);
        // Kafka did not take what was due.
        if (node.Timetable.DueTime(session) <= now)
            node.Timetable.Schedule(session, now + RetryAfter);
    }

    /// <summary>Says when there is something to do next.</summary>
    public void Schedule(Session session)
    {
        if (!node.Owns(session))
            return;
        var next = operations.NextDeadline(session);
        if (!session.IsLive)
            next = Math.Min(next, GoneAt(session));
        else if (session.LastHeard > session.RefreshWritten)
            next = Math.Min(Math.Min(next, session.ReviewAt), Math.Min(session.ExpiresAt, session.RefreshWritten + (session.Lifetime / 2)));
        else
            next = Math.Min(Math.Min(next, session.ReviewAt), session.ExpiresAt);
        // By chance: a paused process of the same slot may be about to do the same.
        if ((session.IsCovered || !session.IsAnnounced) && session.Job is null)
            next = Math.Min(next, node.Clock.Milliseconds + node.Random.Next(RetryAfter, 2 * RetryAfter));
        node.Timetable.Schedule(session, Math.Max(next, session.Job is null ? 0 : node.Clock.Milliseconds + RetryAfter));
    }

    static bool IsRefreshDue(Session session, long now) =>
        session.LastHeard > session.RefreshWritten && now >= session.RefreshWritten + (session.Lifetime / 2);

    // "Gone" stays known for a day, so that its number goes on; then the log may forget the endpoint.
    public void Forget(Session session)
    {
        var now = node.Clock.Milliseconds;
        node.Timetable.Schedule(session, Math.Max(GoneAt(session), now + (long)GoneAgain.TotalMilliseconds));
        if (now < GoneAt(session))
            return;
        // One after the other: a device that comes back meanwhile, elsewhere, finds its session covered only when its registration is, too.
        node.Log.TryAppend(node.Topics.Registrations, -1, session.Key, null, new Forgotten(node, session), 0);
    }

    sealed class Forgotten(Node node, Session session) : IAppendSink
    {
        void IAppendSink.Appended(long cookie, int partition, long offset, bool succeeded)
        {
            lock (node.Gate)
            {
                if (succeeded && session is { IsLive: false, Job: null } && node.Sessions.ByEndpoint(session.Endpoint) == session)
                    node.Log.TryAppend(node.Topics.Sessions, -1, session.Key, null, Unheeded.Sink, 0);
            }
        }
    }

    /// <summary>ms of the monotonic clock: when the log may forget a registration that has ended.</summary>
    public static long GoneAt(Session session) => session.RefreshWritten + (long)GoneIsKept.TotalMilliseconds;
}
