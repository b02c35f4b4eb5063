using Contracts;
using Ingress.Blockwise;
using Ingress.Journal;
using Ingress.Messages;
using Ingress.Observations;
using Ingress.Registrations;
using Protocol.Coap;
using Protocol.Coap.Blockwise;

namespace Ingress.Operations;

/// <summary>
/// Step 4 of a command's journey: carries out what <see cref="OperationIntake"/> has taken at the devices of this replica, one operation at a
/// time for each (NSTART = 1, RFC 7252 section 4.7), and tells how each ended, once.
/// </summary>
sealed class OperationRunner
{
    const int LargestRequest = 65_000;

    readonly Node _node;
    readonly SessionWork _work;
    readonly Wishes _wishes;
    readonly Endings _endings;
    readonly OperationBlocks _blocks;
    readonly OperationTrail _trail;
    readonly byte[] _request = new byte[LargestRequest];

    public OperationRunner(Node node, SessionWork work, Wishes wishes, MessageLayer messages, Outcomes outcomes)
    {
        _node = node;
        _work = work;
        _wishes = wishes;
        _trail = new OperationTrail(node);
        _endings = new Endings(outcomes, messages, _trail);
        _blocks = new OperationBlocks(node, messages);
    }

    /// <summary>Whether nothing new may be started for a session.</summary>
    public Predicate<Session> IsLeaving { private get; set; } = _ => false;

    /// <summary>Takes an operation into the queue of its device.</summary>
    public void Add(Session session, DownlinkOperation operation)
    {
        var queued = new QueuedOperation(operation);
        _trail.Taken(queued);
        (session.Operations ??= new OperationQueue()).Add(queued);
        Pump(session);
        _node.Timetable.Schedule(session, NextDeadline(session));
    }

    /// <summary>An operation that was not sent is not wanted any more.</summary>
    public void Cancel(Session session, QueuedOperation waiting, string reason)
    {
        session.Operations!.Remove(waiting);
        _endings.Ended(session, waiting, Outcome.Cancelled, reason);
        Wishes.Withdraw(session, session.Operations, waiting);
    }

    /// <summary>Starts what can be started.</summary>
    public void Pump(Session session)
    {
        if (session.Operations is not { } queue || session.Job is not null || !_node.Owns(session))
            return;
        EndOverdue(session, queue);
        if (queue.QuietSince < session.LastHeard || !session.IsLive)
            queue.QuietSince = null;
        while (session.IsLive && (queue.Active ??= TakeNext(session, queue)) is { Exchange: null } taken
            && Wishes.IsStale(session, queue, taken))
            queue.Active = null;
        if (queue.Active is { Exchange: null } next && session.IsLive)
            StartOrMark(session, queue, next);
        else if (queue is { Active: null, Marks.Count: > 0 })
            _wishes.Mark(session, queue, null);
        if (queue.IsIdle && session.Job is null)
            session.Operations = null;
    }

    /// <summary>True where the message answers the request that is under way.</summary>
    public bool TryReceive(Session session, in Message message)
    {
        if (session.Operations?.Active is not { Exchange: { } exchange } active)
            return false;
        switch (exchange.OnMessage(_node.Clock.Milliseconds, message.Frame))
        {
            case ExchangeStep.Acknowledged:
                _endings.Acknowledged(session, active);
                break;
            case ExchangeStep.Completed or ExchangeStep.CompletedConfirmable:
                Complete(session, active, message);
                break;
            case ExchangeStep.Reset:
                EndActive(session, active, Outcome.Reset, "");
                break;
            default:
                return false;
        }

        return true;
    }

    /// <summary>Reads the rest of a notification.</summary>
    public void Fetch(Session session, BodyFetch fetch)
    {
        (session.Operations ??= new OperationQueue()).Add(fetch);
        Pump(session);
    }

    /// <summary>The device has ended the observation of that path.</summary>
    public void EndObservation(Session session, string path, CoapCode code)
    {
        Wishes.Ended(session, path, code);
        Pump(session);
    }

    /// <summary>Retransmits, gives up, ends what is overdue.</summary>
    public void OnDue(Session session)
    {
        if (session.Operations?.Active is { Exchange: { } exchange } active)
        {
            switch (exchange.OnTimeout(_node.Clock.Milliseconds))
            {
                case ExchangeStep.Retransmit:
                    _node.Telemetry.Retransmissions.Add(1);
                    _node.Send(session.Peer, active.Datagram);
                    OperationTrail.Repeated(active);
                    break;
                case ExchangeStep.TimedOut:
                    GiveUp(session, active);
                    break;
            }
        }

        Pump(session);
    }

    /// <summary>A record of a session of ours counts: observes what that makes due.</summary>
    public void OnCounted(Session session, bool isNewRegistration)
    {
        if (isNewRegistration)
            OnRegistered(session);
        if (session.IsLive)
            Wishes.Plan(session);
        else
            session.Operations?.RemoveRenewals();
    }

    /// <summary>This process goes on where another has ended: what is due is due now.</summary>
    public void Resume(Session session)
    {
        if (session.IsLive)
            Wishes.Plan(session, hasRestarted: true);
        Pump(session);
    }

    // The device knows nothing of the request that is under way, nor of what it observed.
    void OnRegistered(Session session)
    {
        session.Operations?.BeginAnew();
        if (session.Operations?.Active is not { HasBegun: true } active)
            return;
        if (active.IsOnceOnly)
            EndActive(session, active, Outcome.TimedOut, "");
        else
            (active.Exchange, active.Blocks) = (null, null);
    }

    /// <summary>When <see cref="OnDue"/> has something to do.</summary>
    public long NextDeadline(Session session)
    {
        if (session.Operations is not { } queue)
            return long.MaxValue;
        var ahead = _node.Clock.Milliseconds - _node.Clock.UnixMilliseconds;
        var next = queue.Active is { } active ? active.Exchange?.NextDeadline ?? (active.Operation.DeadlineMs + ahead) : long.MaxValue;
        foreach (var waiting in queue.Waiting)
            next = Math.Min(next, waiting.Operation.DeadlineMs + ahead);
        return next;
    }

    QueuedOperation? TakeNext(Session session, OperationQueue queue) => IsLeaving(session) ? null : queue.TakeNext(o => MayStart(session, o));

    bool MayStart(Session session, QueuedOperation queued) =>
        (queued.Operation.Immediate || !IsAsleep(session)) && session.LastHeard > queued.UnansweredAt;

    bool IsAsleep(Session session) => session.Operations is { QuietSince: not null } || IsAsleepByQueueMode(session);

    bool IsAsleepByQueueMode(Session session) => session.IsQueueMode
        && (_node.Clock.Milliseconds - session.LastHeard >= _node.Configuration().Lwm2m.QmodeTimeWindow.TotalMilliseconds
            || session.Operations?.UnansweredSince == session.LastHeard);

    void EndOverdue(Session session, OperationQueue queue)
    {
        var now = _node.Clock.UnixMilliseconds;
        if (queue.Active is { Exchange: null } active && active.Operation.DeadlineMs <= now)
            queue.Active = EndUnsent(session, active);
        foreach (var waiting in queue.Waiting.Where(o => o.Operation.DeadlineMs <= now).ToList())
        {
            queue.Remove(waiting);
            EndUnsent(session, waiting);
        }
    }

    QueuedOperation? EndUnsent(Session session, QueuedOperation operation)
    {
        _endings.Overdue(session, operation);
        Wishes.Withdraw(session, session.Operations!, operation);
        return null;
    }

    void StartOrMark(Session session, OperationQueue queue, QueuedOperation next)
    {
        if (next.IsOnceOnly)
            StartOnce(session, queue, next);
        else if (!Wishes.HasRoomFor(session, next))
            EndActive(session, next, Outcome.QueueFull, $"queue full: {Wishes.MostPerDevice} paths of this device are observed already");
        else if (Wishes.NeedsMark(session, queue, next))
            _wishes.Mark(session, queue, next);
        else
            Send(session, queue, next);
    }

    // What must not be done twice leaves only after its id stands in a record that counts; an id that somebody else wrote is not started.
    void StartOnce(Session session, OperationQueue queue, QueuedOperation next)
    {
        switch (session.ToRecord().Started.FirstOrDefault(s => s.CommandId == next.Id))
        {
            case null:
                _wishes.Mark(session, queue, next);
                break;
            case var started when (long)started.Epoch == _node.Epoch && started.Slot == _node.Slot:
                Send(session, queue, next);
                break;
            default:
                EndActive(session, next, Outcome.Unknown, OperationIntake.MayHaveBeenDone);
                break;
        }
    }

    void Send(Session session, OperationQueue queue, QueuedOperation next)
    {
        var operation = next.Operation;
        (next as BodyFetch)?.TurnToNewer();
        if (next.Blocks is null)
        {
            next.Token = null;
            Wishes.AskAsObserved(session, operation);
        }

        var part = _blocks.Next(next);
        // The rest of an answer to an Observe bears a token of its own: that of the observation is its notifications'.
        var token = (part.IsFollowUp ? null : Wishes.TokenOf(session, operation)) ?? (next.Token ??= _node.Identifiers.NextToken());
        var messageId = session.NextMessageId++;
        if (!OperationRequest.TryWrite(operation, session.ToRecord().AlternatePath, messageId, token, part, _request, out var length))
        {
            EndActive(session, next, Outcome.Invalid, "the request does not fit into a datagram");
            return;
        }

        var now = _node.Clock.Milliseconds;
        next.Datagram = _request.AsSpan(0, length).ToArray();
        next.Exchange = new RequestExchange(
            now, _node.Random, _node.Transmission, messageId, token, !part.IsFollowUp && operation.Kind == OperationKind.CancelObservation);
        _node.Send(session.Peer, next.Datagram);
        _trail.Sent(session, next);
        _node.Timetable.Schedule(session, next.Exchange.NextDeadline);
        _node.Telemetry.Requests.Add(1);
        if (next.Renews > 0)
            _node.Telemetry.Renewed.Add(1);
    }

    void Complete(Session session, QueuedOperation active, in Message message)
    {
        OperationTrail.Answered(active, message.Frame.Code);
        if (message.Frame is { Type: not CoapType.Acknowledgement, Code.IsSuccess: true, Observe: not null })
            active.NotificationId ??= UplinkRecords.MessageId(session.RegistrationId, EventKind.Notified, message.Frame);
        if (active is BodyFetch { HasNewer: true } or BodyFetch { IsAbandoned: true })
        {
            _blocks.PassOver(message);
            Continue(session, active);
            return;
        }

        var step = _blocks.Take(active, message, out var whole);
        if (step == BlockwiseStep.SendNext)
        {
            Continue(session, active);
            return;
        }

        var queue = session.Operations!;
        queue.Active = null;
        if (step == BlockwiseStep.Answered)
        {
            _endings.Answered(session, active, whole);
            if (whole.Frame.Code.IsSuccess && ServerObject.IsDisable(active.Operation))
                queue.QuietSince = session.LastHeard;
            _wishes.Answered(session, queue, active, whole.Frame);
        }
        else
        {
            _endings.Failed(session, active, message);
            Wishes.Failed(session, queue, active);
        }

        Pump(session);
    }

    // The next request of the same operation, under a new message id.
    void Continue(Session session, QueuedOperation active)
    {
        active.Exchange = null;
        if (active is BodyFetch { IsAbandoned: true })
            session.Operations!.Active = null;
        Pump(session);
    }

    // A device that sleeps is asked again when it wakes, as long as that does no harm.
    void GiveUp(Session session, QueuedOperation active)
    {
        if (active is BodyFetch { IsAbandoned: false })
        {
            session.Operations!.PutLast(active, session.LastHeard);
            if (session.IsQueueMode)
                session.Operations.UnansweredSince = session.LastHeard;
            Pump(session);
            return;
        }

        if (session.IsQueueMode && !active.IsOnceOnly && !active.Operation.Immediate)
        {
            active.Exchange = null;
            session.Operations!.PutBack(active);
            session.Operations.UnansweredSince = session.LastHeard;
            return;
        }

        // A transfer goes on until its deadline; what is observed again has none.
        if (active is { Blocks: not null, IsOnceOnly: false, Renews: 0 } or BodyFetch)
            Continue(session, active);
        else
            EndActive(session, active, Outcome.TimedOut, "");
    }

    void EndActive(Session session, QueuedOperation active, Outcome ending, string reason)
    {
        var queue = session.Operations!;
        queue.Active = null;
        _endings.Ended(session, active, ending, reason);
        Wishes.Failed(session, queue, active);
        Pump(session);
    }
}
