using Contracts;
using Google.Protobuf;
using Ingress.Access;
using Ingress.Blockwise;
using Ingress.Journal;
using Ingress.Messages;
using Ingress.Observations;
using Ingress.Operations;
using Ingress.Registrations;
using Ingress.Sockets;
using Protocol.Coap;

namespace Ingress;

/// <summary>
/// What an Ingress does, without sockets, Kafka clients, threads or timers of its own: datagrams, records and the time go in, datagrams and
/// records come out. Every entry takes the node's gate.
/// </summary>
/// <remarks>
/// The journey of a reading (numbers as in docs/architecture.md): 1 <see cref="UdpListener"/>, 3 <see cref="Receive"/> and
/// <see cref="MessageLayer"/>, 4 <see cref="RegistrationInterface"/> or <see cref="Notifications"/>, 5 <see cref="SessionJob"/> or the one
/// record of a notification.
/// </remarks>
sealed class DeviceGateway
{
    const long RetryAfter = 100;

    static readonly TimeSpan ComeAgain = TimeSpan.FromSeconds(2);

    static readonly TimeSpan GoneIsKept = TimeSpan.FromHours(24);

    // Until the tombstones have been read back.
    static readonly TimeSpan GoneAgain = TimeSpan.FromMinutes(1);

    // What may be critical in a request, and is understood: where it is meant for, and which block of it this is.
    static readonly ushort[] RequestOptions =
    [
        CoapOptionNumber.UriHost, CoapOptionNumber.UriPort, CoapOptionNumber.UriPath, CoapOptionNumber.UriQuery, CoapOptionNumber.Accept,
        CoapOptionNumber.Block1, CoapOptionNumber.Block2,
    ];

    static readonly ushort[] ResponseOptions = [CoapOptionNumber.Block1, CoapOptionNumber.Block2];

    readonly Node _node;
    readonly MessageLayer _messages;
    readonly SessionLog _log;
    readonly SessionWork _work;
    readonly RegistrationInterface _registrations;
    readonly Uploads _uploads;
    readonly OperationRunner _operations;
    readonly NotifiedBodies _bodies;
    readonly Notifications _notifications;
    readonly Outcomes _outcomes;
    readonly Doors _doors;
    readonly Arrivals _arrivals;
    readonly Reception _reception;
    readonly Reviews _reviews;

    // Before all sessions have been read, a record that counts may not be the last one.
    bool _hasResumed;

    public DeviceGateway(Node node)
    {
        _node = node;
        _messages = new MessageLayer(node);
        _log = new SessionLog(node.Sessions, node.Telemetry);
        var records = new SessionRecords(node);
        _doors = new Doors(node);
        _arrivals = new Arrivals(node);
        _reception = new Reception(node, _messages, _arrivals) { Process = held => Process(held, false) };
        _work = new SessionWork(node, _messages, records, _log) { Process = Process, Idle = Continue, Ended = held => _reception.End(held.Requester) };
        _reviews = new Reviews(node, _work, records) { End = (session, reason) => _registrations!.End(session, EventKind.Expired, reason) };
        _registrations = new RegistrationInterface(node, _messages, _work, records, _reception, _reviews);
        _uploads = new Uploads(node, _messages, _registrations);
        _outcomes = new Outcomes(node, _messages);
        _operations = new OperationRunner(node, _work, new Wishes(node, _work, records), _messages, _outcomes) { Kick = Kick };
        _bodies = new NotifiedBodies(node, _messages, _work, records, _operations, _outcomes);
        _notifications = new Notifications(node, _messages, _work, _operations, _bodies, new Roaming(node, _messages, _work, records));
        _log.Counted += OnCounted;
    }

    /// <summary>Step 3: a datagram becomes a message, or is rejected as the RFCs say.</summary>
    public void Receive(in Peer peer, ReadOnlySpan<byte> datagram)
    {
        if (!_doors.Passes(peer, datagram))
            return;
        lock (_node.Gate)
        {
            _node.Telemetry.Datagrams.Add(1);
            var error = CoapFrame.TryParse(datagram, out var frame);
            if (error != CoapParseError.None)
            {
                _node.Telemetry.Malformed.Add(1, new KeyValuePair<string, object?>("error", error));
                if (frame.RejectWithReset)
                    _messages.Reset(peer, frame.MessageId);
                return;
            }

            var session = Heard(peer);
            if (session is null && !_arrivals.TryMeet(peer))
                SendAway(peer, frame);
            else if (frame.Code == CoapCode.Empty || frame.Type == CoapType.Acknowledgement)
                ReceiveReply(session, peer, frame);
            else if (Requester.Of(peer, frame) is var requester && _messages.TryBegin(requester, isKnown: session is not null))
                Process(new Message(frame, requester, isAtEndOfLog: false));
            if (session is not null)
                Continue(session);
        }
    }

    /// <summary>The next record of the sessions topic.</summary>
    public void ReadSession(byte[] key, byte[]? value)
    {
        lock (_node.Gate)
            _log.Read(key, value);
    }

    /// <summary>An operation that was handed to this slot.</summary>
    public void Operate(DownlinkOperation operation)
    {
        lock (_node.Gate)
        {
            _node.Telemetry.Operations.Add(1);
            if (operation.Command is null || operation.Command.CommandId.Length == 0 || operation.Endpoint.Length == 0)
                return;
            _operations.Take(operation);
            if (_node.Sessions.ByEndpoint(operation.Endpoint) is { } session)
                ScheduleNext(session);
        }
    }

    /// <summary>All sessions have been read: takes up those of this slot, and finishes what a crash has interrupted.</summary>
    /// <param name="isAnnounced">Whether the registration record of a session that this slot owns stands in the log.</param>
    public void Resume(Func<SessionRecord, bool> isAnnounced)
    {
        lock (_node.Gate)
        {
            _hasResumed = true;
            foreach (var session in _node.Sessions.All.Where(_node.Owns).ToList())
            {
                var record = session.ToRecord();
                if (!isAnnounced(record))
                    _work.Finish(session);
                _operations.Resume(session);
                _bodies.OnCounted(session, record, isNewRegistration: false);
                ScheduleNext(session);
            }
        }
    }

    /// <summary>Does what is due; returns after how many ms there is more.</summary>
    public long OnTimer()
    {
        lock (_node.Gate)
        {
            while (_node.Timetable.TryTakeDue(_node.Clock.Milliseconds, out var due))
            {
                switch (due)
                {
                    case Session session:
                        OnDue(session);
                        break;
                    case SessionJob job:
                        job.OnDue();
                        break;
                    case Outcomes outcomes:
                        outcomes.OnDue();
                        break;
                    case Uploads uploads:
                        uploads.OnDue();
                        break;
                }
            }

            _arrivals.Sweep();
            _reception.Sweep();
            return _node.Timetable.NextDue - _node.Clock.Milliseconds;
        }
    }

    /// <summary>What is remembered, waiting and known, for metrics.</summary>
    public (int Sessions, int Live, int Messages, long Evicted, int Outcomes, int Newcomers, int Asking) Levels()
    {
        lock (_node.Gate)
            return (_node.Sessions.Count, _node.Sessions.Live, _messages.Remembered, _messages.Evicted, _outcomes.Kept, _arrivals.Remembered, _reception.Asking);
    }

    void Process(HeldMessage held, bool isAtEndOfLog)
    {
        if (CoapFrame.TryParse(held.Datagram, out var frame) == CoapParseError.None)
            Process(new Message(frame, held.Requester, isAtEndOfLog, held.Verdict, held.Body));
    }

    void Process(in Message message)
    {
        if (message.Frame.Code.IsRequest)
            ReceiveRequest(message);
        else
            ReceiveResponse(message);
    }

    void ReceiveRequest(in Message message)
    {
        var frame = message.Frame;
        if (CriticalOptions.TryFindUnsupported(frame, RequestOptions, out var number) || HasUnwantedBlock(message, out number))
        {
            var isProxying = number is CoapOptionNumber.ProxyUri or CoapOptionNumber.ProxyScheme;
            Refuse(message, isProxying ? CoapCode.ProxyingNotSupported : CoapCode.BadOption, isProxying ? null : $"option {number}");
            return;
        }

        var blocks = message.Requester.Blocks;
        if (blocks is { Block1.IsValid: false } or { Block2.IsValid: false })
        {
            Refuse(message, CoapCode.BadRequest, "a block option is invalid");
            return;
        }

        if (blocks.Block2 is { Number: > 0 } wanted)
        {
            _messages.AnswerFurtherBlock(message.Requester, wanted);
            return;
        }

        var path = frame.UriPath;
        var isRegistry = path.MoveNext() && path.Current.SequenceEqual("rd"u8);
        var location = isRegistry && path.MoveNext() ? path.Current : default;
        var isLocation = isRegistry && !location.IsEmpty && !path.MoveNext();
        switch (frame.Code)
        {
            case CoapCode.Post when isLocation:
                if (_uploads.IsWhole(message, location, RegisterRequest.MaxObjectList, out var update))
                    _registrations.Update(update, location);
                break;
            case CoapCode.Delete when isLocation:
                _registrations.Deregister(message, location);
                break;
            case CoapCode.Post when frame.UriPath.Matches("rd"u8):
                if (_uploads.IsWhole(message, default, RegisterRequest.MaxObjectList, out var register))
                    _registrations.Register(register);
                break;
            case CoapCode.Delete when frame.UriPath.Count() == 0:
                Refuse(message, CoapCode.BadRequest, "no path");
                break;
            case CoapCode.Post or CoapCode.Delete:
                Refuse(message, CoapCode.NotFound, null);
                break;
            // A method that nobody knows is not allowed anywhere; GET and its like only where there is something.
            case CoapCode.Get or CoapCode.Put when !isRegistry:
                Refuse(message, CoapCode.NotFound, null);
                break;
            default:
                Refuse(message, CoapCode.MethodNotAllowed, null);
                break;
        }
    }

    // Where blocks are switched off, only one that is the whole is understood.
    bool HasUnwantedBlock(in Message message, out ushort number)
    {
        var blocks = message.Requester.Blocks;
        number = blocks.Block1 is { Number: > 0 } or { More: true } ? CoapOptionNumber.Block1 : CoapOptionNumber.Block2;
        return (number == CoapOptionNumber.Block1 || blocks.Block2 is { Number: > 0 }) && BlockLimits.Of(_node) is null;
    }

    void ReceiveResponse(in Message message)
    {
        if (CriticalOptions.TryFindUnsupported(message.Frame, ResponseOptions, out _))
            _messages.Reject(message.Requester);
        else if (_node.Sessions.ByPeer(message.Requester.Peer) is not { } session || !_operations.TryReceive(session, message))
            _notifications.Receive(message);
    }

    // Acknowledgements, with or without a response, and resets: they belong to a request of ours, or to nothing.
    void ReceiveReply(Session? session, in Peer peer, in CoapFrame frame)
    {
        if (frame is { Type: CoapType.Confirmable })
        {
            _messages.Reset(peer, frame.MessageId);
            return;
        }

        var isRejected = CriticalOptions.TryFindUnsupported(frame, ResponseOptions, out _);
        if (session is null || isRejected || !_operations.TryReceive(session, new Message(frame, Requester.Of(peer, frame), isAtEndOfLog: false)))
            _node.Telemetry.Unmatched.Add(1);
    }

    // More new peers than the listener may meet: a request is told to come again, anything else is repeated by whoever means it.
    void SendAway(in Peer peer, in CoapFrame frame)
    {
        if (frame.Code.IsRequest)
            _messages.AnswerLater(Requester.Of(peer, frame), ComeAgain);
    }

    void Refuse(in Message message, CoapCode code, string? reason)
    {
        _node.Telemetry.Refused.Add(1, new KeyValuePair<string, object?>("code", code.Dotted));
        _messages.Answer(message.Requester, code, default, reason);
    }

    // Any message of a registered device says that it is there.
    Session? Heard(in Peer peer)
    {
        if (_node.Sessions.ByPeer(peer) is not { } session)
            return null;
        session.LastHeard = _node.Clock.Milliseconds;
        return session;
    }

    void OnCounted(Session session, SessionRecord record, bool isNewRegistration)
    {
        if (!_node.Owns(session))
        {
            NotifiedBodies.LetGo(session);
            _operations.LetGo(session);
            return;
        }

        _reviews.OnCounted(session, record, isNewRegistration);
        if (_hasResumed)
        {
            _operations.OnCounted(session, isNewRegistration);
            _bodies.OnCounted(session, record, isNewRegistration);
        }

        ScheduleNext(session);
    }

    void Kick(Session session)
    {
        session.IsKicked = true;
        Continue(session);
    }

    // Whatever waited for the session to be free, or for the device to be heard.
    void Continue(Session session)
    {
        if (session is { IsKicked: true, Job: null })
        {
            session.IsKicked = false;
            if (session.IsLive)
                _registrations.End(session, EventKind.Deregistered, "kicked");
        }

        if (session.Bodies is not null)
            _bodies.Settle(session);
        if (session.Operations is not null)
            _operations.Pump(session);
        ScheduleNext(session);
    }

    void OnDue(Session session)
    {
        if (!_node.Owns(session) || _node.Sessions.ByEndpoint(session.Endpoint) != session)
            return;
        if (session is { IsLive: false, Job: null, Operations: null })
        {
            Forget(session);
            return;
        }

        _operations.OnDue(session);
        _bodies.Settle(session);
        var now = _node.Clock.Milliseconds;
        if (session is { Job: null, IsLive: true })
        {
            if (now >= session.ExpiresAt)
                _registrations.End(session, EventKind.Expired, now >= session.AdmittedUntil ? "admission expired" : "lifetime expired");
            else if (IsRefreshDue(session, now))
                _registrations.Refresh(session);
            _reviews.OnDue(session);
        }

        ScheduleNext(session);
        // Kafka did not take what was due.
        if (_node.Timetable.DueTime(session) <= now)
            _node.Timetable.Schedule(session, now + RetryAfter);
    }

    void ScheduleNext(Session session)
    {
        if (!_node.Owns(session))
            return;
        var next = _operations.NextDeadline(session);
        if (!session.IsLive)
            next = Math.Min(next, GoneAt(session));
        else if (session.LastHeard > session.RefreshWritten)
            next = Math.Min(Math.Min(next, session.ReviewAt), Math.Min(session.ExpiresAt, session.RefreshWritten + (session.Lifetime / 2)));
        else
            next = Math.Min(Math.Min(next, session.ReviewAt), session.ExpiresAt);
        _node.Timetable.Schedule(session, Math.Max(next, session.Job is null ? 0 : _node.Clock.Milliseconds + RetryAfter));
    }

    static bool IsRefreshDue(Session session, long now) =>
        session.LastHeard > session.RefreshWritten && now >= session.RefreshWritten + (session.Lifetime / 2);

    // "Gone" stays known for a day, so that its number goes on; then the log may forget the endpoint.
    void Forget(Session session)
    {
        var now = _node.Clock.Milliseconds;
        _node.Timetable.Schedule(session, Math.Max(GoneAt(session), now + (long)GoneAgain.TotalMilliseconds));
        if (now < GoneAt(session))
            return;
        _node.Log.TryAppend(_node.Topics.Registrations, -1, session.Key, null, Unheeded.Sink, 0);
        _node.Log.TryAppend(_node.Topics.Sessions, -1, session.Key, null, Unheeded.Sink, 0);
    }

    static long GoneAt(Session session) => session.RefreshWritten + (long)GoneIsKept.TotalMilliseconds;
}
