using System.Diagnostics;
using Contracts;
using Hosting.Traces;
using Ingress.Blockwise;
using Ingress.Journal;
using Ingress.Messages;
using Ingress.Registrations;
using Messaging;
using Protocol.Coap;

namespace Ingress.Sends;

/// <summary>
/// Step 4 for Send (LwM2M Core 1.1 section 6.4.6): one record on the uplink topic, and when Kafka has it, the answer. Where it is refused the
/// record says why: whoever waits for the values learns that they did not come.
/// </summary>
sealed class SendInterface(Node node, MessageLayer messages, SessionWork work, Uploads uploads)
{
    byte[] _scratch = new byte[4096];

    /// <summary>Takes a POST to /dp, or one block of it.</summary>
    public void Receive(in Message message)
    {
        if (!TryFind(message, out var session) || !uploads.IsWhole(message, default, int.MaxValue, out var whole))
            return;
        var verdict = session.SendScope.Judge(whole.Frame.ContentFormat, whole.Payload, node.Clock.UnixMilliseconds);
        var receipt = new Receipt(this, session, whole.Requester, verdict)
        {
            Received = node.Clock.Elapsed, Span = node.Trail.Begin("send", ActivityKind.Server, session.Endpoint)?.SetTag("coap.response.code", verdict.Code.Dotted),
        };
        var record = UplinkRecords.Traced(
            UplinkRecords.Sent(session, whole, node.Clock.UnixNanoseconds, verdict, Scratch(session, whole, verdict)), receipt.Span);
        var status = node.Log.TryAppend(node.Topics.Uplink, -1, session.Key, record, receipt, 0);
        if (status != AppendStatus.Handed)
            receipt.Span?.End("Kafka does not take the record");
        switch (status)
        {
            case AppendStatus.Handed:
                node.Telemetry.Sends.Add(1, new KeyValuePair<string, object?>("code", verdict.Code.Dotted));
                break;
            case AppendStatus.TooLarge:
                var tooLarge = new SendVerdict(CoapCode.RequestEntityTooLarge, "this is more than a record of Kafka holds");
                Answer(whole.Requester, verdict.IsTaken ? tooLarge : verdict);
                break;
            default:
                messages.AnswerLater(whole.Requester);
                break;
        }
    }

    // Who sends is known by the address alone. Whoever does not own the session reads the log to its end before it says "no", or whose it is:
    // another replica may have registered the device just now, or another device there.
    bool TryFind(in Message message, out Session session)
    {
        session = node.Sessions.ByPeer(message.Requester.Peer)!;
        if (session is not null && (message.IsAtEndOfLog || node.Owns(session)))
            return true;
        if (message.IsAtEndOfLog)
            Answer(message.Requester, new SendVerdict(CoapCode.NotFound, "no registration"));
        else
            work.DecideAtEndOfLog(message);
        return false;
    }

    byte[] Scratch(Session session, in Message message, in SendVerdict verdict)
    {
        var needed = UplinkRecords.LargestSend(session, message, verdict);
        if (_scratch.Length < needed)
            _scratch = new byte[needed];
        return _scratch;
    }

    void Appended(Receipt receipt, bool succeeded)
    {
        receipt.Span?.End(succeeded ? null : "Kafka has not kept the record");
        if (!succeeded)
        {
            // It may stand in the log all the same; the device tries again, under the same event id.
            messages.Forget(receipt.Requester);
            return;
        }

        Answer(receipt.Requester, receipt.Verdict);
        node.Telemetry.CountRecorded("send", node.Clock.Elapsed - receipt.Received);
        if (node.Trail.IsWatched(receipt.Session.Endpoint))
            node.Trail.Tell(receipt.Session.Endpoint, receipt.Span?.Id, "the Send stands on Kafka, and is answered");
        if (!node.Owns(receipt.Session) && receipt.Session is { IsLive: true, Job: null })
            work.Adopt(receipt.Session);
    }

    void Answer(in Requester requester, in SendVerdict verdict)
    {
        if (!verdict.IsTaken)
            node.Telemetry.Refused.Add(1, new KeyValuePair<string, object?>("code", verdict.Code.Dotted));
        messages.Answer(requester, verdict.Code, default, verdict.Reason);
    }

    /// <summary>Waits for Kafka's acknowledgement of one Send.</summary>
    sealed class Receipt(SendInterface owner, Session session, Requester requester, SendVerdict verdict) : IAppendSink
    {
        public Session Session => session;
        public Requester Requester => requester;
        public SendVerdict Verdict => verdict;

        /// <summary>By the monotonic clock.</summary>
        public required TimeSpan Received { get; init; }

        public Activity? Span { get; init; }

        void IAppendSink.Appended(long cookie, int partition, long offset, bool succeeded)
        {
            lock (owner.Gate)
                owner.Appended(this, succeeded);
        }
    }

    Lock Gate => node.Gate;
}
