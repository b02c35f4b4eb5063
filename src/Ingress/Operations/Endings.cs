using Contracts;
using Ingress.Blockwise;
using Ingress.Messages;
using Ingress.Observations;
using Ingress.Registrations;
using Protocol.Coap;

namespace Ingress.Operations;

/// <summary>
/// Tells how what was queued for a device ended: a command by its outcome, the rest of a notification, and what was observed again, by a
/// notification.
/// </summary>
sealed class Endings(Outcomes outcomes, MessageLayer messages, OperationTrail trail)
{
    /// <summary>The device has the request. Told once of a command, however many requests it takes.</summary>
    public void Acknowledged(Session session, QueuedOperation queued)
    {
        if (!queued.IsAcknowledged && queued.IsCommand)
            outcomes.Acknowledged(session, queued.Operation);
        queued.IsAcknowledged = true;
    }

    public void Answered(Session session, QueuedOperation ended, in Message whole)
    {
        if (ended is BodyFetch fetch)
            fetch.Answered(whole);
        else if (ended.Renews > 0)
            outcomes.ObservedAgain(session, ended, whole);
        else
            outcomes.Answered(session, ended, whole);
        trail.Over(ended, Outcome.Answered, "");
    }

    /// <summary>The device answered, but the blocks of the request or of the answer did not come together.</summary>
    public void Failed(Session session, QueuedOperation ended, in Message message)
    {
        var (code, reason) = OperationBlocks.FailureOf(ended);
        if (ended is BodyFetch fetch)
        {
            messages.Acknowledge(message.Requester);
            fetch.CutOff(code, reason);
        }
        else
        {
            outcomes.Failed(session, ended, message, code, reason);
            trail.Over(ended, Outcome.Answered, reason);
        }
    }

    public void Ended(Session session, QueuedOperation ended, Outcome ending, string reason)
    {
        if (ended.IsCommand)
        {
            outcomes.Ended(session, ended.Operation, ending, reason);
            trail.Over(ended, ending, reason);
        }
        else if (ended is BodyFetch { IsAbandoned: false } fetch)
            fetch.CutOff(CoapCode.RequestEntityIncomplete, reason);
    }

    /// <summary>The deadline has come.</summary>
    public void Overdue(Session session, QueuedOperation ended)
    {
        if (!ended.HasBegun)
            Ended(session, ended, Outcome.NeverSent, "expired: the device was not to be reached before the deadline");
        else if (ended.Operation.Payload.IsEmpty)
            Ended(session, ended, Outcome.TimedOut, "the deadline passed before the whole answer came");
        else
            Ended(session, ended, Outcome.TimedOut, $"the deadline passed after {ended.Blocks?.Sent ?? 0} of {ended.Operation.Payload.Length} bytes");
    }
}
