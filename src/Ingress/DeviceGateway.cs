using Contracts;
using Google.Protobuf;
using Ingress.Access;
using Ingress.Blockwise;
using Ingress.Journal;
using Ingress.Messages;
using Ingress.Observations;
using Ingress.Operations;
using Ingress.Ownership;
using Ingress.Registrations;
using Ingress.Sends;
using Ingress.Sockets;
using Protocol.Coap;

namespace Ingress;

/// <summary>
/// What an Ingress does, without sockets, Kafka clients, threads or timers of its own: datagrams, records and the time go in, datagrams and
/// records come out. Every entry takes the node's gate.
/// </summary>
/// <remarks>
/// The journey of a reading (numbers as in docs/architecture.md): 1 <see cref="UdpListener"/>, 3 <see cref="Receive"/> and
/// <see cref="MessageLayer"/>, 4 <see cref="RegistrationInterface"/>, <see cref="Notifications"/> or
/// <see cref="SendInterface"/>, 5 <see cref="SessionJob"/> or the one record of a notification or Send.
/// </remarks>
sealed class DeviceGateway
{
    static readonly TimeSpan AnswersMayTake = TimeSpan.FromSeconds(2);

    /// <summary>What is due, in one turn under the gate.</summary>
    const int MostPerTurn = 1000;

    static readonly ushort[] ResponseOptions = [CoapOptionNumber.Block1, CoapOptionNumber.Block2];

    readonly Node _node;
    readonly MessageLayer _messages;
    readonly SessionLog _log;
    readonly RegistrationLog _registered;
    readonly SessionWork _work;
    readonly RegistrationInterface _registrations;
    readonly Requests _requests;
    readonly OperationRunner _operations;
    readonly OperationIntake _intake;
    readonly NotifiedBodies _bodies;
    readonly Notifications _notifications;
    readonly Roaming _roaming;
    readonly Outcomes _outcomes;
    readonly Doors _doors;
    readonly Arrivals _arrivals;
    readonly Reception _reception;
    readonly Reviews _reviews;
    readonly Agenda _agenda;
    readonly Fleet _fleet;

    // Before all sessions have been read, a record that counts may not be the last one.
    bool _hasResumed;

    // From the end on: requests that a device is to answer yet.
    List<Session>? _finishing;
    long _finishingUntil;

    public DeviceGateway(Node node)
    {
        _node = node;
        _messages = new MessageLayer(node);
        _log = new SessionLog(node.Sessions, node.Telemetry);
        _registered = new RegistrationLog(node.Sessions, _log, node.Telemetry);
        var records = new SessionRecords(node);
        _doors = new Doors(node);
        _arrivals = new Arrivals(node);
        _reception = new Reception(node, _messages, _arrivals) { Process = held => Process(held, false) };
        _work = new SessionWork(node, _messages, records, _log) { Process = Process, Idle = Continue, Ended = held => _reception.End(held.Requester) };
        _reviews = new Reviews(node, _work, records) { End = (session, reason) => _registrations!.End(session, EventKind.Expired, reason) };
        _registrations = new RegistrationInterface(node, _messages, _work, records, _reception, _reviews);
        var uploads = new Uploads(node, _messages, _registrations);
        _requests = new Requests(node, _messages, _registrations, new SendInterface(node, _messages, _work, uploads), uploads);
        _outcomes = new Outcomes(node, _messages);
        _operations = new OperationRunner(node, _work, new Wishes(node, _work, records), _messages, _outcomes);
        _intake = new OperationIntake(node, _work, _operations, _outcomes) { Kick = Kick };
        _bodies = new NotifiedBodies(node, _messages, _work, records, _operations, _outcomes);
        _roaming = new Roaming(node, _messages, _work, records);
        _notifications = new Notifications(node, _messages, _work, _operations, _bodies, _roaming);
        _agenda = new Agenda(node, _work, _registrations, _operations, _bodies, _reviews);
        _fleet = new Fleet(node, _work, records, _registrations, _agenda) { Stays = Continue };
        _operations.IsLeaving = session => IsStopping || _fleet.IsLeaving(session);
        _log.Counted += OnCounted;
        _log.Voided += (session, _) => OnDisturbed(session);
        _registered.Told += OnDisturbed;
    }

    /// <summary>Step 3: a datagram becomes a message, or is rejected as the RFCs say.</summary>
    public void Receive(in Peer peer, ReadOnlySpan<byte> datagram)
    {
        if (_node.Recorder is { IsOn: true } recorder)
        {
            lock (_node.Gate)
                recorder.Received(_node, peer, datagram);
        }

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
            if (_node.Trail.IsWatching)
                _node.Show(peer, datagram, "received");
            if (IsStopping)
                ReceiveLast(session, peer, frame);
            else if (session is null && !_arrivals.TryMeet(peer, frame, out var wait))
                SendAway(peer, frame, wait);
            else if (frame.Code == CoapCode.Empty || frame.Type == CoapType.Acknowledgement)
                ReceiveReply(session, peer, frame);
            else if (Requester.Of(peer, frame, _node.Clock) is var requester && _messages.TryBegin(requester, isKnown: session is not null))
                Process(new Message(frame, requester, isAtEndOfLog: false));
            if (session is not null)
                Continue(session);
        }
    }

    /// <summary>A device that has proven who it is speaks from another address from now on.</summary>
    public void Move(in Peer from, in Peer to)
    {
        lock (_node.Gate)
        {
            if (!IsStopping && _node.Sessions.ByPeer(from) is { } session)
                _roaming.Move(session, to);
        }
    }

    /// <summary>
    /// The end: nothing new is taken or started. What is under way goes on, and its answers leave: records that Kafka has been handed, and, for a
    /// moment, requests that a device may answer yet. Whatever else devices say they repeat to the next process.
    /// </summary>
    public void Stop()
    {
        lock (_node.Gate)
        {
            _finishing = [.. _node.Sessions.All.Where(s => s.Operations?.Active is { Exchange: not null })];
            _finishingUntil = _node.Clock.Milliseconds + (long)AnswersMayTake.TotalMilliseconds;
        }
    }

    /// <summary>After <see cref="Stop"/>: nothing is under way any more but single records in Kafka's hands.</summary>
    public bool HasFinished
    {
        get
        {
            lock (_node.Gate)
            {
                var isAnswered = _node.Clock.Milliseconds >= _finishingUntil || _finishing is null or []
                    || _finishing.TrueForAll(s => s.Operations?.Active is not { Exchange: not null });
                return isAnswered && _work.UnderWay == 0 && _outcomes.Kept == 0;
            }
        }
    }

    bool IsStopping => _finishing is not null;

    /// <summary>The next record of the sessions topic.</summary>
    public void ReadSession(byte[] key, byte[]? value)
    {
        lock (_node.Gate)
            _log.Read(key, value);
    }

    /// <summary>The next record of the registrations topic.</summary>
    public void ReadRegistration(byte[] key, byte[]? value, long offset)
    {
        lock (_node.Gate)
            _registered.Read(key, value, offset);
    }

    /// <summary>The next record of the instances topic.</summary>
    public void ReadInstance(byte[] key, byte[]? value, long offset)
    {
        lock (_node.Gate)
            _fleet.Read(key, value, offset);
    }

    /// <summary>How this slot stands among the others.</summary>
    public FleetStatus Fleet
    {
        get
        {
            lock (_node.Gate)
                return _fleet.Status;
        }
    }

    /// <inheritdoc cref="Ownership.Fleet.DoorOf"/>
    public Peer? DoorOf(int slot) => _fleet.DoorOf(slot);

    /// <inheritdoc cref="Ownership.Fleet.Doors"/>
    public int Doors => _fleet.Doors;

    /// <summary>An operation that was handed to this slot.</summary>
    public void Operate(DownlinkOperation operation)
    {
        lock (_node.Gate)
        {
            _node.Telemetry.Operations.Add(1);
            if (operation.Command is null || operation.Command.CommandId.Length == 0 || operation.Endpoint.Length == 0)
                return;
            _intake.Take(operation);
            if (_node.Sessions.ByEndpoint(operation.Endpoint) is { } session)
                _agenda.Schedule(session);
        }
    }

    /// <summary>All sessions and registrations have been read: takes up those of this slot, and finishes what a crash has interrupted.</summary>
    public void Resume()
    {
        lock (_node.Gate)
        {
            _hasResumed = true;
            foreach (var session in _node.Sessions.All.Where(_node.Owns).ToList())
            {
                _work.Mend(session);
                _operations.Resume(session);
                _bodies.OnCounted(session, session.ToRecord(), isNewRegistration: false);
                _agenda.Schedule(session);
            }

            _fleet.Resume();
        }
    }

    /// <summary>Does what is due; returns after how many ms there is more.</summary>
    public long OnTimer()
    {
        lock (_node.Gate)
        {
            // Whoever else wants the gate gets it in between.
            for (var left = MostPerTurn; left > 0 && _node.Timetable.TryTakeDue(_node.Clock.Milliseconds, out var due); left--)
            {
                switch (due)
                {
                    case Session session when IsStopping:
                        _operations.OnDue(session);
                        break;
                    case Session session when _node.Owns(session):
                        _agenda.OnDue(session);
                        break;
                    case Session session:
                        _fleet.OnDue(session);
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
            _fleet.OnTimer();
            return Math.Min(_node.Timetable.NextDue, _fleet.NextLook) - _node.Clock.Milliseconds;
        }
    }

    /// <summary>What is remembered, waiting and known, for metrics.</summary>
    public (int Sessions, int Live, int Messages, long Evicted, int Outcomes, int Newcomers, int Asking) Levels()
    {
        lock (_node.Gate)
            return (_node.Sessions.Count, _node.Sessions.Live, _messages.Remembered, _messages.Evicted, _outcomes.Kept, _arrivals.Remembered, _reception.Asking);
    }

    /// <summary>Turns given to new peers that could not be listened to at once, for metrics.</summary>
    public int ArrivalsWaiting
    {
        get
        {
            lock (_node.Gate)
                return _arrivals.Waiting;
        }
    }

    void Process(HeldMessage held, bool isAtEndOfLog)
    {
        if (IsStopping)
            _messages.Forget(held.Requester);
        else if (CoapFrame.TryParse(held.Datagram, out var frame) != CoapParseError.None)
            return;
        // Its device has given it up, and what would know a copy of it is about to be forgotten.
        else if (frame.Code.IsRequest && _node.Clock.UnixMilliseconds - held.Requester.ReceivedMs > _node.Transmission.MaxTransmitWait)
            _node.Telemetry.HeldTooLong.Add(1);
        else
            Process(new Message(frame, held.Requester, isAtEndOfLog, held.Verdict, held.Body, wasHeld: true));
    }

    void Process(in Message message)
    {
        if (message.Frame.Code.IsRequest)
            _requests.Receive(message);
        else
            ReceiveResponse(message);
    }

    void ReceiveResponse(in Message message)
    {
        if (CriticalOptions.TryFindUnsupported(message.Frame, ResponseOptions, out _))
            _messages.Reject(message.Requester);
        else if (_node.Sessions.ByPeer(message.Requester.Peer) is not { } session || !_operations.TryReceive(session, message))
            _notifications.Receive(message);
    }

    // Answers to what was asked, and repetitions of what was answered.
    void ReceiveLast(Session? session, in Peer peer, in CoapFrame frame)
    {
        if (frame.Code == CoapCode.Empty || frame.Type == CoapType.Acknowledgement)
            ReceiveReply(session, peer, frame);
        else if (Requester.Of(peer, frame, _node.Clock) is var requester && !_messages.TryRepeat(requester) && session is not null && !frame.Code.IsRequest)
            _operations.TryReceive(session, new Message(frame, requester, isAtEndOfLog: false));
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
        if (session is null || isRejected || !_operations.TryReceive(session, new Message(frame, Requester.Of(peer, frame, _node.Clock), isAtEndOfLog: false)))
            _node.Telemetry.Unmatched.Add(1);
    }

    // More new peers than the listener may meet: a request is told when to come, anything else is repeated by whoever means it.
    void SendAway(in Peer peer, in CoapFrame frame, TimeSpan wait)
    {
        if (frame.Code.IsRequest && Requester.Of(peer, frame, _node.Clock) is var requester && _messages.TryBegin(requester, isKnown: false))
            _messages.AnswerLater(requester, wait);
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
        _fleet.OnCounted(session);
        if (!_node.Owns(session))
        {
            NotifiedBodies.LetGo(session);
            _intake.LetGo(session);
            return;
        }

        _reviews.OnCounted(session, record, isNewRegistration);
        if (_hasResumed)
        {
            _operations.OnCounted(session, isNewRegistration);
            _bodies.OnCounted(session, record, isNewRegistration);
        }

        _agenda.Schedule(session);
    }

    // The logs end with something else than they should.
    void OnDisturbed(Session session)
    {
        if (_hasResumed)
            _agenda.Schedule(session);
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

        if (session.Job is null && _fleet.OnIdle(session))
            return;
        _roaming.OnIdle(session);
        if (session.Bodies is not null)
            _bodies.Settle(session);
        if (session.Operations is not null)
            _operations.Pump(session);
        _agenda.Schedule(session);
    }
}
