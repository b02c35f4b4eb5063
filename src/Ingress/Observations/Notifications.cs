using System.Diagnostics;
using Contracts;
using Hosting.Traces;
using Ingress.Blockwise;
using Ingress.Journal;
using Ingress.Messages;
using Ingress.Operations;
using Ingress.Registrations;
using Messaging;
using Protocol.Coap;

namespace Ingress.Observations;

/// <summary>Step 4 for notifications (RFC 7641): one record on the uplink topic, and when Kafka has it, the acknowledgement.</summary>
sealed class Notifications(
    Node node, MessageLayer messages, SessionWork work, OperationRunner operations, NotifiedBodies bodies, Roaming roaming)
{
    readonly Stack<Receipt> _receipts = new();
    byte[] _scratch = new byte[4096];

    /// <summary>Takes a response that no request waits for.</summary>
    public void Receive(in Message message)
    {
        var token = message.Requester.Token;
        if (!node.Sessions.TryGetObservation(token, out var observed))
        {
            RejectUnknown(message, token);
            return;
        }

        var session = observed.Session;
        if (!session.Peer.Equals(message.Requester.Peer))
        {
            roaming.Follow(session, message);
            return;
        }

        var frame = message.Frame;
        var now = node.Clock.Milliseconds;
        var late = frame.Observe is { } sequence && observed.Freshest is { } freshest && !freshest.IsSupersededBy(sequence, now);
        var isPart = frame is { Code.IsSuccess: true, Block2: { More: true } or { Number: > 0 } };
        if (isPart && BlockLimits.Of(node) is { } limits)
        {
            bodies.Receive(message, observed, late, limits);
            return;
        }

        var record = isPart
            ? UplinkRecords.NotPutTogether(session, observed.Observation, frame, node.Clock.UnixNanoseconds, late)
            : UplinkRecords.Notified(session, observed.Context, frame, node.Clock.UnixNanoseconds, late, Scratch(session, observed, frame));
        var receipt = _receipts.TryPop(out var pooled) ? pooled : new Receipt(this);
        receipt.Requester = message.Requester;
        receipt.Session = session;
        receipt.Received = node.Clock.Elapsed;
        receipt.Span = node.Trail.Begin("notify", ActivityKind.Server, session.Endpoint)?.SetTag("lwm2m.path", observed.Path);
        record = UplinkRecords.Traced(record, receipt.Span);
        receipt.Superseded = late || session.Bodies is not { } unread ? null : unread.GetValueOrDefault(observed.Path)?.Fetch?.Head;
        if (node.Log.TryAppend(node.Topics.Uplink, -1, session.Key, record, receipt, 0) != AppendStatus.Handed)
        {
            node.Telemetry.NotTaken.Add(1);
            messages.Forget(message.Requester);
            Close(receipt, "Kafka takes nothing");
            return;
        }

        if (!late && frame.Observe is { } fresh)
            observed.Freshest = new ObserveFreshness(fresh, now);
        // An error ends the observation (RFC 7641 section 3.2).
        if (!frame.Code.IsSuccess)
            operations.EndObservation(session, observed.Path, frame.Code);
        node.Telemetry.Notifications.Add(1);
    }

    void RejectUnknown(in Message message, CoapToken token)
    {
        if (token.Length == sizeof(ulong) && node.Identifiers.IsOurs(token) && !message.IsAtEndOfLog)
            work.DecideAtEndOfLog(message);
        else
            messages.Reject(message.Requester);
    }

    byte[] Scratch(Session session, ObservedPath observed, in CoapFrame frame)
    {
        var needed = UplinkRecords.LargestNotification(session, observed.Context, frame);
        if (_scratch.Length < needed)
            _scratch = new byte[needed];
        return _scratch;
    }

    void Appended(Receipt receipt, bool succeeded)
    {
        var session = receipt.Session!;
        if (succeeded)
        {
            messages.Acknowledge(receipt.Requester);
            node.Telemetry.CountRecorded("notification", node.Clock.Elapsed - receipt.Received);
            if (node.Trail.IsWatched(session.Endpoint))
                node.Trail.Tell(session.Endpoint, receipt.Span?.Id, "the notification stands on Kafka, and is acknowledged");
            if (receipt.Superseded is { } older)
                bodies.Supersede(session, older);
            if (!node.Owns(session) && session is { IsLive: true, Job: null })
                work.Adopt(session);
        }
        else
        {
            // It may stand in the log all the same; the device tries again, under the same event id.
            messages.Forget(receipt.Requester);
        }

        Close(receipt, succeeded ? null : "Kafka has not kept the record");
    }

    void Close(Receipt receipt, string? problem)
    {
        receipt.Span?.End(problem);
        (receipt.Session, receipt.Superseded, receipt.Span) = (null, null, null);
        _receipts.Push(receipt);
    }

    /// <summary>Waits for Kafka's acknowledgement of one notification. Used again and again.</summary>
    sealed class Receipt(Notifications owner) : IAppendSink
    {
        public Requester Requester;
        public Session? Session;

        /// <summary>By the monotonic clock.</summary>
        public TimeSpan Received;

        public Activity? Span;

        /// <summary>An older notification whose blocks were being read when this one came.</summary>
        public NotifiedHead? Superseded;

        void IAppendSink.Appended(long cookie, int partition, long offset, bool succeeded)
        {
            lock (owner.Gate)
                owner.Appended(this, succeeded);
        }
    }

    Lock Gate => node.Gate;
}
