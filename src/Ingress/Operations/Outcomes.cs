using Contracts;
using Google.Protobuf;
using Ingress.Journal;
using Ingress.Messages;
using Ingress.Registrations;
using Messaging;
using Protocol.Coap;

namespace Ingress.Operations;

/// <summary>Tells how commands end, as events on the uplink topic; what Kafka does not take at once is kept and offered again.</summary>
sealed class Outcomes(Node node, MessageLayer messages) : ITimed
{
    const int MostKept = 100_000;
    const int RetryAfter = 100;

    readonly Queue<Told> _kept = new();

    public int Place { get; set; }

    /// <summary>Outcomes that Kafka has not taken yet.</summary>
    public int Kept => _kept.Count;

    /// <summary>The device answered.</summary>
    public void Answered(Session session, QueuedOperation answered, in Message message)
    {
        var outcome = OutcomeOf(session, answered.Operation, Outcome.Answered);
        if (answered.NotificationId is { } notification)
            (outcome.NotificationIdHigh, outcome.NotificationIdLow) = (notification.High, notification.Low);
        TellAnswer(session, outcome, message);
    }

    /// <summary>
    /// The device answered to what is observed again with its new registration: a notification, because the command had its outcome long ago.
    /// Its id is a function of what made it due, so that asking twice tells once; a message of the device's own has its own.
    /// </summary>
    public void ObservedAgain(Session session, QueuedOperation renewal, in Message message)
    {
        TellAnswer(session, RenewedOf(session, renewal), message);
    }

    void TellAnswer(Session session, UplinkEvent outcome, in Message message)
    {
        var frame = message.Frame;
        outcome.Code = (byte)frame.Code;
        if (frame.ContentFormat is { } format)
            outcome.ContentFormat = format;
        if (frame.Observe is { } observe)
            outcome.Observe = observe;
        outcome.Location = LocationOf(frame, outcome.AlternatePath);
        outcome.Payload = ByteString.CopyFrom(message.Payload);
        // A separate response is acknowledged when its outcome is durable.
        Tell(session.Key, outcome, message.Requester);
    }

    /// <summary>The device answered, but its answer cannot be put together, or the request was not taken whole.</summary>
    public void Failed(Session session, QueuedOperation ended, in Message message, CoapCode code, string reason)
    {
        var outcome = ended.Renews > 0 ? RenewedOf(session, ended) : OutcomeOf(session, ended.Operation, Outcome.Answered);
        outcome.Code = (byte)code;
        outcome.Reason = reason;
        Tell(session.Key, outcome, message.Requester);
    }

    /// <summary>The command ended without an answer.</summary>
    public void Ended(Session session, DownlinkOperation operation, Outcome ending, string reason)
    {
        var outcome = OutcomeOf(session, operation, ending);
        outcome.Reason = reason;
        Tell(session.Key, outcome, null);
    }

    /// <summary>The command was for the gateway itself, which has carried it out, or not.</summary>
    public void Managed(Session session, DownlinkOperation operation, CoapCode code)
    {
        var outcome = OutcomeOf(session, operation, Outcome.Answered);
        outcome.Code = (byte)code;
        Tell(session.Key, outcome, null);
    }

    /// <summary>The device has the command; its answer comes later. Not an outcome.</summary>
    public void Acknowledged(Session session, DownlinkOperation operation)
    {
        var id = EventId.Of(System.Text.Encoding.UTF8.GetBytes("acknowledged\0" + operation.Command.CommandId));
        var happened = UplinkRecords.Event(session, session.ToRecord(), EventKind.Acknowledged, id, node.Clock.UnixNanoseconds);
        happened.Path = operation.Path;
        happened.Command = operation.Command;
        happened.Traceparent = operation.Traceparent;
        Tell(session.Key, happened, null);
    }

    /// <summary>An event that is no outcome, and is kept like one until it is durable.</summary>
    public void Tell(Session session, UplinkEvent happened, Action durable) => Keep(new Told(this, session.Key, happened.ToByteArray(), null) { Durable = durable });

    public void OnDue()
    {
        while (_kept.TryPeek(out var told))
        {
            if (!TryHand(told))
                return;
            _kept.Dequeue();
        }
    }

    UplinkEvent RenewedOf(Session session, QueuedOperation renewal)
    {
        var id = renewal.NotificationId ?? UplinkRecords.RenewalId(session.RegistrationId, renewal.Renews, renewal.Operation.Path);
        var notified = UplinkRecords.Event(session, session.ToRecord(), EventKind.Notified, id, node.Clock.UnixNanoseconds);
        notified.Path = renewal.Operation.Path;
        notified.Command = renewal.Operation.Command;
        return notified;
    }

    UplinkEvent OutcomeOf(Session session, DownlinkOperation operation, Outcome ending)
    {
        var outcome = UplinkRecords.Event(session, session.ToRecord(), EventKind.Outcome, EventId.OfOutcome(operation.Command.CommandId), node.Clock.UnixNanoseconds);
        outcome.Path = operation.Path;
        outcome.Command = operation.Command;
        outcome.Outcome = ending;
        outcome.Traceparent = operation.Traceparent;
        return outcome;
    }

    void Tell(byte[] key, UplinkEvent happened, Requester? requester)
    {
        if (happened.Kind == EventKind.Outcome)
            node.Telemetry.Outcomes.Add(1, new KeyValuePair<string, object?>("outcome", happened.Outcome));
        Keep(new Told(this, key, happened.ToByteArray(), requester));
    }

    // In order: what waits goes before what is new.
    void Keep(Told told)
    {
        if (_kept.Count == 0 && TryHand(told))
            return;
        if (_kept.Count < MostKept)
            _kept.Enqueue(told);
        else
            node.Telemetry.OutcomesLost.Add(1);
    }

    bool TryHand(Told told)
    {
        switch (node.Log.TryAppend(node.Topics.Uplink, -1, told.Key, told.Record, told, 0))
        {
            case AppendStatus.Handed:
                return true;
            case AppendStatus.TooLarge when told.TryShorten():
                return TryHand(told);
            case AppendStatus.TooLarge:
                node.Telemetry.OutcomesLost.Add(1);
                return true;
        }

        node.Timetable.Schedule(this, node.Clock.Milliseconds + RetryAfter);
        return false;
    }

    /// <summary>The Location-Path options of the answer to a Create, less the alternate path: the path of the instance.</summary>
    public static string LocationOf(in CoapFrame frame, string alternatePath)
    {
        var location = "";
        foreach (var segment in frame.LocationPath)
            location += "/" + System.Text.Encoding.UTF8.GetString(segment);
        return alternatePath.Length > 1 && location.StartsWith(alternatePath + "/", StringComparison.Ordinal) ? location[alternatePath.Length..] : location;
    }

    sealed class Told(Outcomes owner, byte[] key, byte[] record, Requester? requester) : IAppendSink
    {
        public byte[] Key => key;
        public byte[] Record { get; private set; } = record;
        public Action? Durable { get; init; }

        /// <summary>What Kafka does not take for its size ends as what is too large.</summary>
        public bool TryShorten()
        {
            var happened = UplinkEvent.Parser.ParseFrom(Record);
            if (happened.Payload.IsEmpty)
                return false;
            happened.Code = (byte)CoapCode.RequestEntityTooLarge;
            happened.Reason = $"{happened.Payload.Length} bytes are more than a record of Kafka holds";
            happened.Payload = ByteString.Empty;
            Record = happened.ToByteArray();
            return true;
        }

        void IAppendSink.Appended(long cookie, int partition, long offset, bool succeeded)
        {
            lock (owner.Gate)
            {
                if (!succeeded)
                    owner.Keep(this);
                else
                    owner.IsDurable(requester, Durable);
            }
        }
    }

    Lock Gate => node.Gate;

    void IsDurable(in Requester? device, Action? durable)
    {
        if (device is { } waiting)
            messages.Acknowledge(waiting);
        durable?.Invoke();
    }
}
