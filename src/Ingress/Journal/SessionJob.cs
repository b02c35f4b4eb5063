using System.Diagnostics;
using Contracts;
using Hosting.Traces;
using Ingress.Messages;
using Ingress.Registrations;
using Messaging;
using Protocol.Coap;

namespace Ingress.Journal;

/// <summary>
/// One change of a session, step by step, each acknowledged by Kafka before the next: the session record, read back; what the change ends is
/// announced; the registration record; the event; the answer to the device. Whatever Kafka does, a job that has begun goes on until its
/// record turns out to be void.
/// </summary>
sealed class SessionJob : IAppendSink, ITimed
{
    const int RetryAfter = 100;

    readonly Node _node;
    readonly MessageLayer _messages;
    readonly Action<SessionJob> _ended;
    readonly byte[] _key;
    Step _step;
    int _announced;
    long _offer;
    bool _isRetryDue;

    public SessionJob(Node node, MessageLayer messages, Session session, SessionRecord next, Action<SessionJob> ended)
    {
        _node = node;
        _messages = messages;
        _ended = ended;
        _key = session.Key;
        Session = session;
        Next = next;
    }

    enum Step
    {
        Session,
        ReadBack,
        Owed,
        Registration,
        Event,
        Ended,
    }

    public int Place { get; set; }

    public Session Session { get; }

    /// <summary>The record to be written.</summary>
    public SessionRecord Next { get; }

    /// <summary>Starts behind the session record: it stands already, and only what it owes is to be finished.</summary>
    public bool IsRecorded { get; init; }

    /// <summary>Whether the change shows in the registration record.</summary>
    public bool ChangesRegistration { get; init; }

    /// <summary>Made once the record counts, so that it is a function of what counts. Null: the change is no event of its own.</summary>
    public Func<byte[]>? Event { get; init; }

    /// <summary>The message that the job is about; null where the gateway began by itself.</summary>
    public HeldMessage? Message { get; init; }

    public CoapCode AnswerCode { get; init; }

    /// <summary>From the message to its answer; null where that is not traced.</summary>
    public Activity? Span { get; init; }

    /// <summary>The record turned out to be void: the message, if there is one, is to be decided again.</summary>
    public bool IsVoid { get; private set; }

    byte[]? _event;

    /// <summary>Hands the first record to Kafka. Anything but <see cref="AppendStatus.Handed"/>: nothing has happened, and the job is over.</summary>
    public AppendStatus Start()
    {
        Session.Job = this;
        if (IsRecorded)
        {
            _step = Step.Owed;
            Advance();
            return AppendStatus.Handed;
        }

        var status = Append(_node.Topics.Sessions, Encode());
        if (status != AppendStatus.Handed)
            Session.Job = null;
        return status;
    }

    /// <summary>A record of this session came by in the log and counts.</summary>
    public void OnCounted(SessionRecord record)
    {
        if (_step > Step.ReadBack)
            return;
        if (record.Writer == Next.Writer)
        {
            GoTo(Step.Owed);
            Advance();
        }
        else if (record.Number >= Next.Number)
        {
            End(isVoid: true);
        }
    }

    /// <summary>A record of this session came by in the log and is void.</summary>
    public void OnVoided(SessionRecord? record)
    {
        if (_step <= Step.ReadBack && record?.Writer == Next.Writer)
            End(isVoid: true);
    }

    void IAppendSink.Appended(long cookie, int partition, long offset, bool succeeded)
    {
        lock (_node.Gate)
        {
            // What was read back does not wait for its acknowledgement, which then comes late; nor is any but the last offer waited for.
            if (cookie != _offer)
                return;
            if (!succeeded)
                Retry();
            else
                StepDone(offset);
        }
    }

    /// <summary>Tries again what Kafka did not take, unless it turned out since to stand in the log.</summary>
    public void OnDue()
    {
        if (!_isRetryDue)
            return;
        _isRetryDue = false;
        Advance();
    }

    void StepDone(long offset)
    {
        switch (_step)
        {
            case Step.Session:
                GoTo(Step.ReadBack);
                return;
            case Step.Owed when ++_announced < Next.Owed.Count:
                Advance();
                return;
            case Step.Owed:
                // Another record may count by now, and owe something else.
                Session.OwedIsAnnounced |= Session.Number == Next.Number;
                break;
            case Step.Registration when offset > Session.ToldOffset:
                Session.Tell(Next.RegistrationNumber, (int)Next.Slot, offset);
                break;
        }

        GoTo(_step + 1);
        Advance();
    }

    // Whatever was offered for the step before is not waited for any more.
    void GoTo(Step step)
    {
        _step = step;
        _offer++;
        _isRetryDue = false;
    }

    void Advance()
    {
        while (_step < Step.Ended)
        {
            switch (_step)
            {
                case Step.Session:
                    Offer(_node.Topics.Sessions, Encode());
                    return;
                case Step.ReadBack:
                    return;
                case Step.Owed when _announced < Next.Owed.Count && !Session.OwedIsAnnounced:
                    Offer(_node.Topics.Uplink, UplinkRecords.Traced(Next.Owed[_announced].ToByteArray(), Span));
                    return;
                case Step.Registration when ChangesRegistration:
                    Offer(_node.Topics.Registrations, RegistrationRecords.Of(Next).ToJson());
                    return;
                case Step.Event when Event is not null:
                    Offer(_node.Topics.Uplink, _event ??= UplinkRecords.Traced(Event(), Span));
                    return;
                default:
                    GoTo(_step + 1);
                    break;
            }
        }

        End(isVoid: false);
    }

    void End(bool isVoid)
    {
        GoTo(Step.Ended);
        IsVoid = isVoid;
        Session.Job = null;
        if (!isVoid && Message is { } message && AnswerCode != CoapCode.Empty)
            Answer(message.Requester);
        Span?.End(isVoid ? "another writer was first" : null);
        if (!isVoid)
            Show();
        _ended(this);
    }

    void Show()
    {
        if (Message is { Requester.ReceivedMs: > 0 and var received })
            _node.Telemetry.CountRecorded("registration", TimeSpan.FromMilliseconds(_node.Clock.UnixMilliseconds - received));
        if (_node.Trail.IsWatched(Next.Endpoint))
            _node.Trail.Tell(Next.Endpoint, Span?.Id, $"session record {Next.Number} counts{(Message is null ? "" : $", and the device is answered {AnswerCode}")}");
    }

    void Answer(in Requester requester)
    {
        var id = _node.Configuration().Ingress.LegacyLocation ? Next.Endpoint : Identifiers.ToText(Next.RegistrationId);
        _messages.Answer(requester, AnswerCode, AnswerCode == CoapCode.Created ? "rd/" + id : "");
    }

    byte[] Encode() => Google.Protobuf.MessageExtensions.ToByteArray(Next);

    void Offer(string topic, byte[] value)
    {
        if (Append(topic, value) != AppendStatus.Handed)
            Retry();
    }

    void Retry()
    {
        _isRetryDue = true;
        _node.Timetable.Schedule(this, _node.Clock.Milliseconds + RetryAfter);
    }

    AppendStatus Append(string topic, byte[] value) => _node.Log.TryAppend(topic, -1, _key, value, this, ++_offer);
}
