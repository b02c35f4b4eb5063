using Contracts;
using Contracts.Configuration;
using Ingress.Registrations;
using Messaging;

namespace Ingress.Access;

/// <summary>
/// Asks again, from time to time, what registered devices may do. A verdict that has changed is a new session record and registration
/// record; where nobody answers, the old one stays.
/// </summary>
sealed class Reviews(Node node, SessionWork work, SessionRecords records)
{
    const int MostUnderWay = 64;
    const int RetryAfter = 1000;

    // Of the sessions whose review is overdue at a start not all are asked about at once.
    const int SpreadOverdue = 60_000;

    int _underWay;

    /// <summary>Ends a registration that is not wanted any more.</summary>
    public Action<Session, string> End { private get; set; } = (_, _) => { };

    /// <summary>A record of a session that this replica owns was put in force.</summary>
    public void OnCounted(Session session, SessionRecord record, bool isNewRegistration)
    {
        var configuration = node.Configuration();
        if (!record.Live || record.Superuser || (!node.Admission.Authorizes(configuration) && record.Denied == 0))
        {
            session.ReviewAt = long.MaxValue;
            return;
        }

        if (!isNewRegistration && session.ReviewAt != long.MaxValue)
            return;
        var left = record.AuthorizedMs + Interval(configuration) - node.Clock.UnixMilliseconds;
        session.ReviewAt = node.Clock.Milliseconds + (left > 0 ? left : node.Random.Next(SpreadOverdue));
    }

    /// <summary>The device goes on from another address: a verdict that is older than it may be is asked for at once.</summary>
    public void OnMoved(Session session)
    {
        if (session.ReviewAt != long.MaxValue && session.ToRecord().AuthorizedMs + Interval(node.Configuration()) <= node.Clock.UnixMilliseconds)
            session.ReviewAt = node.Clock.Milliseconds;
    }

    public void OnDue(Session session)
    {
        var now = node.Clock.Milliseconds;
        if (now < session.ReviewAt || session is not { IsLive: true, Job: null })
            return;
        if (_underWay >= MostUnderWay)
        {
            session.ReviewAt = now + RetryAfter + node.Random.Next(10 * RetryAfter);
            return;
        }

        session.ReviewAt = now + Interval(node.Configuration());
        var record = session.ToRecord();
        if (!node.Admission.Authorizes(node.Configuration()))
        {
            Take(session, new Verdict(VerdictKind.Admitted));
            return;
        }

        _underWay++;
        var registration = session.RegistrationId;
        var question = new AdmissionQuestion(session.Endpoint, record.Client, Password: null, IsReview: true) { Peerhost = session.Peer.ToEndPoint().Address.ToString() };
        node.Admission.Ask(question, verdict =>
        {
            lock (node.Gate)
            {
                _underWay--;
                if (node.Owns(session) && session.IsLive && session.RegistrationId == registration)
                    Take(session, verdict);
            }
        });
    }

    void Take(Session session, Verdict verdict)
    {
        var result = verdict.Kind switch
        {
            VerdictKind.Unreachable => "unreachable",
            VerdictKind.Refused => "refused",
            _ => session.ToRecord().Denied == (uint)verdict.Denied ? "same" : "changed",
        };
        node.Telemetry.Reviews.Add(1, new KeyValuePair<string, object?>("result", result));
        // What cannot be written now is asked about again: the answer may be another one by then.
        var isWritten = result switch
        {
            "refused" when session.Job is null => EndNow(session, verdict.Reason),
            "changed" when session.Job is null => work.TryStart(session, records.Reviewed(session, verdict), changesRegistration: true) == AppendStatus.Handed,
            "same" or "unreachable" => true,
            _ => false,
        };
        if (!isWritten)
            session.ReviewAt = node.Clock.Milliseconds + RetryAfter;
        node.Timetable.Schedule(session, session.ReviewAt);
    }

    bool EndNow(Session session, string reason)
    {
        End(session, reason);
        return session.Job is not null;
    }

    static long Interval(GatewayConfiguration configuration) => (long)configuration.Authorization.RefreshInterval.TotalMilliseconds;
}
