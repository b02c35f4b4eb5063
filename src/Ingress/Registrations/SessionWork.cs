using System.Diagnostics;
using Contracts;
using Hosting.Traces;
using Ingress.Journal;
using Ingress.Messages;
using Messaging;
using Protocol.Coap;

namespace Ingress.Registrations;

/// <summary>One job at a time for each session: starts them, and holds the messages that come meanwhile.</summary>
sealed class SessionWork
{
    const int MostHeldPerSession = 16;
    const int MostQuestions = 1024;

    readonly Node _node;
    readonly MessageLayer _messages;
    readonly SessionRecords _records;
    int _questions;

    public SessionWork(Node node, MessageLayer messages, SessionRecords records, SessionLog log)
    {
        _node = node;
        _messages = messages;
        _records = records;
        log.Counted += (session, record, _) => session.Job?.OnCounted(record);
        log.Voided += (session, record) => session.Job?.OnVoided(record);
    }

    /// <summary>Processes a message that was held; true says that "no" may be said.</summary>
    public Action<HeldMessage, bool> Process { private get; set; } = (_, _) => { };

    /// <summary>The job that a message began is over.</summary>
    public Action<HeldMessage> Ended { private get; set; } = _ => { };

    /// <summary>A session has no job any more: whatever waits for that may go on.</summary>
    public Action<Session> Idle { private get; set; } = _ => { };

    /// <summary>True where the session is busy: the message is processed afterwards.</summary>
    public bool Holds(Session session, in Message message)
    {
        if (session.Job is null)
            return false;
        session.Held ??= new Queue<HeldMessage>();
        if (session.Held.Count < MostHeldPerSession)
        {
            session.Held.Enqueue(message.Hold());
        }
        else
        {
            _node.Telemetry.NotHeld.Add(1);
            _messages.Forget(message.Requester);
        }

        return true;
    }

    /// <summary>Jobs that have begun and are not over.</summary>
    public int UnderWay { get; private set; }

    /// <summary>Starts a job. Anything but <see cref="AppendStatus.Handed"/>: nothing has happened.</summary>
    public AppendStatus TryStart(
        Session session, SessionRecord next, bool changesRegistration, HeldMessage? message = null, CoapCode answer = CoapCode.Empty, Func<byte[]>? happened = null)
    {
        UnderWay++;
        var span = SpanOf(next.Endpoint, message, answer);
        var status = new SessionJob(_node, _messages, session, next, OnEnded)
        {
            ChangesRegistration = changesRegistration,
            Message = message,
            AnswerCode = answer,
            Event = happened,
            Span = span,
        }.Start();
        if (status == AppendStatus.Handed)
            return status;
        UnderWay--;
        span?.End("Kafka takes nothing");
        return status;
    }

    // What a device asks of its registration; anything else is not told by a job.
    Activity? SpanOf(string endpoint, HeldMessage? message, CoapCode answer)
    {
        if (message is null || answer == CoapCode.Empty || !_node.Trail.IsTracing)
            return null;
        var name = answer == CoapCode.Created ? "register" : answer == CoapCode.Deleted ? "deregister" : "update";
        return _node.Trail.Begin(name, ActivityKind.Server, endpoint, DateTimeOffset.FromUnixTimeMilliseconds(message.Requester.ReceivedMs));
    }

    /// <summary>Writes what a record that counts still owes: announcements and its registration record. After a restart.</summary>
    public void Finish(Session session)
    {
        UnderWay++;
        new SessionJob(_node, _messages, session, session.ToRecord(), OnEnded) { IsRecorded = true, ChangesRegistration = true }.Start();
    }

    /// <summary>
    /// Writes what the logs should end with for whoever reads them compacted: the session record, where one that does not count covers it; what is
    /// owed and the registration record, where that is missing or an older one covers it.
    /// </summary>
    public void Mend(Session session)
    {
        if (session.IsCovered)
            TryStart(session, _records.Covering(session), changesRegistration: false);
        else if (!session.IsAnnounced)
            Finish(session);
    }

    /// <summary>Takes over a session whose device has come here.</summary>
    public void Adopt(Session session) => TryStart(session, _records.Repeated(session), changesRegistration: true);

    /// <summary>Processes the message again once all sessions that stand in the log now are known; silence where that takes too long.</summary>
    public void DecideAtEndOfLog(in Message message)
    {
        var requester = message.Requester;
        var held = _questions < MostQuestions ? message.Hold() : null;
        if (held is null)
            _messages.Forget(requester);
        else
            AskForEndOfLog(() => Process(held, true), () => _messages.Forget(requester));
    }

    /// <summary>Goes on once all sessions that stand in the log now are known.</summary>
    public void AskForEndOfLog(Action reached, Action? tooLate = null)
    {
        if (_questions >= MostQuestions)
        {
            _node.Telemetry.NotHeld.Add(1);
            return;
        }

        _questions++;
        _node.Log.AskForEndOfSessions(isReached =>
        {
            lock (_node.Gate)
            {
                _questions--;
                if (isReached)
                    reached();
                else
                    tooLate?.Invoke();
            }
        });
    }

    /// <summary>Drops a session that never came to be.</summary>
    public void ForgetIfEmpty(Session session)
    {
        if (session is { Number: 0, Job: null, Held: null or { Count: 0 } })
            _node.Sessions.Remove(session);
    }

    void OnEnded(SessionJob job)
    {
        UnderWay--;
        var session = job.Session;
        if (job.Message is { } done)
            Ended(done);
        if (job is { IsVoid: true, Message: { } message })
            Process(message, false);
        while (session.Job is null && session.Held is { Count: > 0 } held)
            Process(held.Dequeue(), false);
        if (session.Job is not null)
            return;
        session.Held = null;
        Idle(session);
    }
}
