using Protocol.Coap;
using Protocol.Lwm2m;
using Protocol.Lwm2m.Values;

namespace Tools.Simulation;

/// <summary>
/// One LwM2M device as a state machine without I/O: datagrams and the time in milliseconds of a monotonic clock go in, datagrams and events
/// come out of the two delegates. One thread. Duplicates are remembered in a table that devices share, under their numbers.
/// </summary>
sealed class SimulatedDevice
{
    /// <summary>Further answers of a device with separate responses are dropped, as by a device that has no memory left.</summary>
    const int MaxWaitingResponses = 8;

    const long FirstRetryDelay = 5_000;
    const long MaxRetryDelay = 60_000;
    const long ConfirmAtLeastEvery = 24 * 3_600_000;

    static readonly Lwm2mPath Lifetime = new(1, 0, 1);

    readonly DeviceSettings _settings;
    readonly Random _random;
    readonly ReceivedMessages _received;
    readonly SendDatagram _send;
    readonly Action<DeviceEvent> _report;
    readonly long _unixOffset;
    readonly DeviceModel _model;
    readonly ObservationTable _observations;
    readonly DeviceRequests _requests;
    readonly SleepCycle _sleep;
    readonly NotificationTimes _times;
    readonly SendBuffer? _sends;

    Queue<byte[]>? _waitingResponses;
    Outgoing? _outgoing;
    string _location = "";
    ushort _messageId;
    Aftermath _wanted;
    bool _isStopping;
    long _resumeAt;
    long _retryDelay = FirstRetryDelay;
    long _updateAt;
    long _steppedAt;

    /// <param name="unixOffset">What makes Unix time of the device's clock, in milliseconds.</param>
    public SimulatedDevice(
        DeviceSettings settings, int number, ulong seed, MessageDeduplication<int> duplicates, long unixOffset, SendDatagram send,
        Action<DeviceEvent> report)
    {
        _settings = settings;
        _random = new SeededRandom(seed);
        _received = new ReceivedMessages(duplicates, number);
        _unixOffset = unixOffset;
        _send = send;
        _report = report;
        _messageId = (ushort)_random.Next(ushort.MaxValue + 1);
        // Values have a chance of their own, so that they do not depend on how often a message had to be repeated.
        _model = new DeviceModel(settings, new SeededRandom(SeededRandom.Mix(seed, 0)));
        _observations = new ObservationTable(_model.Objects, settings.Notify.OnChange);
        _requests = new DeviceRequests(_model.Objects, _observations, settings.Format);
        _sleep = new SleepCycle(settings.QueueMode);
        _times = new NotificationTimes(settings.Notify, _random);
        _sends = settings.Sends is { } plan ? new SendBuffer(plan, unixOffset, _random) : null;
        _model.Step(0, unixOffset / 1000, 0);
        _model.Objects.Changed.Clear();
    }

    public string Endpoint => _settings.Endpoint;

    public RegistrationStep Step { get; private set; }

    public DeviceObjects Objects => _model.Objects;

    public int ObservationCount => _observations.Count;

    /// <summary>Something that it sent is not acknowledged yet.</summary>
    public bool IsAwaiting => _outgoing is not null;

    /// <summary>When <see cref="Poll"/> has something to do, if no datagram comes before.</summary>
    public long NextDeadline
    {
        get
        {
            if (Step == RegistrationStep.Off)
                return long.MaxValue;
            if (Step == RegistrationStep.Waiting)
                return _resumeAt;
            var next = _outgoing?.NextDeadline ?? long.MaxValue;
            if (Step != RegistrationStep.Registered)
                return next;
            next = Math.Min(next, Math.Min(StepAt, _sends?.SampleAt ?? long.MaxValue));
            if (_outgoing is not null)
                return next;
            next = Math.Min(next, Math.Min(_updateAt, _observations.NextDeadline));
            next = Math.Min(next, _sends?.SendAt ?? long.MaxValue);
            return Math.Min(next, Math.Min(_times.NextAt, _sleep.WakeAt));
        }
    }

    long StepAt => _steppedAt + (long)_settings.Interval.TotalMilliseconds;

    /// <summary>Registers at that time.</summary>
    public void Start(long at)
    {
        Step = RegistrationStep.Waiting;
        _resumeAt = at;
        // The first step comes at a time of its own for each device.
        _steppedAt = at - (long)(_random.NextDouble() * _settings.Interval.TotalMilliseconds);
    }

    /// <summary>De-registers, after what is outstanding; <see cref="Step"/> is Off when that is done.</summary>
    public void Stop(long now)
    {
        _isStopping = true;
        if (Step is RegistrationStep.Waiting)
            Step = RegistrationStep.Off;
        Proceed(now);
    }

    /// <summary>Loses its power: all that it did not store is forgotten, nobody is told, and after the reboot it registers anew.</summary>
    public void Restart(long now)
    {
        if (Step is RegistrationStep.Off or RegistrationStep.Waiting || _isStopping)
            return;
        _outgoing = null;
        _waitingResponses?.Clear();
        Reboot(now);
    }

    /// <summary>The gateway has ended the session that it was spoken to in: what is outstanding is said again, behind an Update that tells where the device is.</summary>
    public void Reconnect(long now)
    {
        var outgoing = _outgoing;
        _outgoing = null;
        switch (Step)
        {
            case RegistrationStep.Registering:
                Register(now);
                return;
            case RegistrationStep.Deregistering:
                Deregister(now);
                return;
        }

        if (outgoing?.Observation is { } observation)
            observation.IsPressed = true;
        else if (outgoing is { IsSend: true })
            _sends!.Postpone(now);
        else if (outgoing is { Exchange: null })
            _waitingResponses!.Enqueue(outgoing.Datagram.ToArray());
        _wanted |= Aftermath.Update;
        Proceed(now);
    }

    public void Poll(long now)
    {
        if (_outgoing is { } outgoing)
        {
            switch (outgoing.OnTimeout(now))
            {
                case ExchangeStep.Retransmit:
                    Report(DeviceEventKind.Retransmitted, path: outgoing.Observation?.Path ?? default);
                    _sleep.Touch(now);
                    _send(outgoing.Datagram);
                    break;
                case ExchangeStep.TimedOut:
                    _outgoing = null;
                    OnTimedOut(now, outgoing);
                    break;
            }
        }
        if (Step == RegistrationStep.Registered)
            _sends?.Sample(now, Objects);
        if (Step == RegistrationStep.Registered && now >= StepAt)
        {
            _model.Step((now - _steppedAt) / 1000.0, (_unixOffset + now) / 1000, now);
            _steppedAt = now;
            MarkChanges();
        }
        Proceed(now);
    }

    public void Handle(long now, ReadOnlySpan<byte> datagram)
    {
        if (Step is RegistrationStep.Off or RegistrationStep.Waiting || _outgoing is null && _sleep.IsAsleep(now))
            return;
        _sleep.Touch(now);
        if (CoapFrame.TryParse(datagram, out var frame) != CoapParseError.None)
        {
            if (frame.RejectWithReset)
                SendEmpty(CoapType.Reset, frame.MessageId);
            return;
        }
        if (frame.Code.IsRequest)
            OnRequest(now, frame);
        else
            OnReply(now, frame);
        Proceed(now);
    }

    void OnRequest(long now, in CoapFrame frame)
    {
        if (_received.TryRepeat(now, frame, _send))
            return;
        _received.Begin(now, frame);

        var answer = _requests.Answer(frame, now);
        var token = new CoapToken(frame.Token);
        byte[] sent;
        if (frame.Type != CoapType.Confirmable)
        {
            sent = DeviceMessages.Response(CoapType.NonConfirmable, NextMessageId(), token, answer);
        }
        else if (_settings.SeparateResponses)
        {
            sent = DeviceMessages.Empty(CoapType.Acknowledgement, frame.MessageId);
            _waitingResponses ??= [];
            if (_waitingResponses.Count < MaxWaitingResponses)
                _waitingResponses.Enqueue(DeviceMessages.Response(CoapType.Confirmable, NextMessageId(), token, answer));
        }
        else
        {
            sent = DeviceMessages.Response(CoapType.Acknowledgement, frame.MessageId, token, answer);
        }
        _send(sent);
        _received.Complete(now, frame, sent);

        Report(DeviceEventKind.Commanded, answer.Operation, answer.Path, answer.Code);
        MarkChanges();
        _wanted |= answer.Aftermath;
    }

    void OnReply(long now, in CoapFrame frame)
    {
        var step = _outgoing?.Exchange?.OnMessage(now, frame) ?? ExchangeStep.Ignore;
        switch (step)
        {
            case ExchangeStep.Completed or ExchangeStep.CompletedConfirmable:
                var isSend = _outgoing!.IsSend;
                _outgoing = null;
                if (step == ExchangeStep.CompletedConfirmable)
                    Acknowledge(now, frame);
                if (isSend)
                    OnSendAnswered(now, frame);
                else
                    OnResponse(now, frame);
                return;
            case ExchangeStep.Reset:
                OnTimedOut(now, _outgoing!);
                return;
            case ExchangeStep.Acknowledged:
                return;
        }

        if (_outgoing is { Exchange: null } outgoing && outgoing.MessageId == frame.MessageId && frame.Type is CoapType.Acknowledgement or CoapType.Reset)
            OnDelivered(now, outgoing, frame.Type == CoapType.Reset);
        else if (frame.Type == CoapType.Reset)
            ReportEnd(_observations.RemoveByMessage(frame.MessageId));
        else if (frame.Type == CoapType.Confirmable)
            RejectOrRepeat(now, frame);
    }

    // A ping, a response that nobody waits for, or the repetition of one whose acknowledgement was lost.
    void RejectOrRepeat(long now, in CoapFrame frame)
    {
        if (!_received.TryRepeat(now, frame, _send))
            SendEmpty(CoapType.Reset, frame.MessageId);
    }

    void Acknowledge(long now, in CoapFrame frame)
    {
        var acknowledgement = DeviceMessages.Empty(CoapType.Acknowledgement, frame.MessageId);
        _received.Begin(now, frame);
        _received.Complete(now, frame, acknowledgement);
        _send(acknowledgement);
    }

    void OnDelivered(long now, Outgoing outgoing, bool isReset)
    {
        _outgoing = null;
        if (outgoing.Observation is not { } observation)
            return;
        observation.ConfirmedAt = now;
        if (isReset)
            ReportEnd(_observations.End(observation));
        else
            Report(DeviceEventKind.Notified, path: observation.Path);
    }

    void OnResponse(long now, in CoapFrame frame)
    {
        switch (Step)
        {
            case RegistrationStep.Registering when frame.Code == CoapCode.Created:
                _location = RegistrationRequests.LocationOf(frame);
                _retryDelay = FirstRetryDelay;
                Step = RegistrationStep.Registered;
                _times.Start(now);
                _sends?.Start(now);
                ScheduleUpdate(now);
                Report(DeviceEventKind.Registered, code: frame.Code);
                break;
            case RegistrationStep.Registering:
                Report(DeviceEventKind.RegistrationFailed, code: frame.Code);
                WaitBeforeRetry(now, MaxAgeOf(frame));
                break;
            case RegistrationStep.Registered when frame.Code == CoapCode.Changed:
                ScheduleUpdate(now);
                Report(DeviceEventKind.Updated, code: frame.Code);
                break;
            case RegistrationStep.Registered when frame.Code == CoapCode.ServiceUnavailable:
                _updateAt = now + (MaxAgeOf(frame) ?? FirstRetryDelay);
                break;
            case RegistrationStep.Registered:
                Register(now);
                break;
            default:
                SwitchOff();
                break;
        }
    }

    void OnSendAnswered(long now, in CoapFrame frame)
    {
        switch (frame.Code)
        {
            case CoapCode.Changed:
                _sends!.Settled();
                Report(DeviceEventKind.Sent, code: frame.Code);
                return;
            case CoapCode.ServiceUnavailable:
                _sends!.Postpone(now + (MaxAgeOf(frame) ?? FirstRetryDelay));
                return;
            // The gateway may not know the device any more: an Update tells.
            case CoapCode.NotFound:
                _wanted |= Aftermath.Update;
                break;
        }
        _sends!.Settled();
        Report(DeviceEventKind.SendRefused, code: frame.Code);
    }

    void OnTimedOut(long now, Outgoing outgoing)
    {
        _outgoing = null;
        if (outgoing.IsSend)
            _sends!.Postpone(now);
        Report(DeviceEventKind.TimedOut, path: outgoing.Observation?.Path ?? default);
        if (Step == RegistrationStep.Deregistering)
            SwitchOff();
        else if (Step == RegistrationStep.Registering)
            WaitBeforeRetry(now, null);
        // Who does not acknowledge has lost the observation (RFC 7641 section 4.5), and perhaps the registration: a new one mends both.
        else if (outgoing.Exchange is not null || outgoing.Observation is not null)
            Register(now);
    }

    // Does what comes next, as soon as nothing is outstanding.
    void Proceed(long now)
    {
        if (Step == RegistrationStep.Waiting && now >= _resumeAt)
            Register(now);
        while (Step == RegistrationStep.Registered && _times.TryTake(now))
            _observations.PressAll();
        while (_outgoing is null && Step == RegistrationStep.Registered && TryProceed(now))
        {
        }
        if (_outgoing is null && Step == RegistrationStep.Waiting && _isStopping)
            Step = RegistrationStep.Off;
    }

    bool TryProceed(long now)
    {
        if (_waitingResponses is not null && _waitingResponses.TryDequeue(out var response))
            Deliver(now, response, null);
        else if (_isStopping)
            Deregister(now);
        else if (_wanted.HasFlag(Aftermath.Reboot))
            Reboot(now);
        else if (_wanted.HasFlag(Aftermath.Update) || now >= _updateAt || now >= _sleep.WakeAt)
            Update(now);
        else if (_observations.FindDue(now) is { } observation)
            Notify(now, observation);
        else if (now >= (_sends?.SendAt ?? long.MaxValue))
            Send(now, _sends!.Take());
        else
            return false;
        return true;
    }

    void Register(long now)
    {
        Step = RegistrationStep.Registering;
        _wanted = Aftermath.None;
        _waitingResponses?.Clear();
        _observations.EndAll();
        var (messageId, token) = (NextMessageId(), NextToken());
        Request(now, messageId, token, RegistrationRequests.Register(messageId, token, _settings, LifetimeSeconds, Objects.ToLinks()));
    }

    void Update(long now)
    {
        var (messageId, token) = (NextMessageId(), NextToken());
        var lifetime = _wanted.HasFlag(Aftermath.AnnounceLifetime) ? LifetimeSeconds : (long?)null;
        var links = _wanted.HasFlag(Aftermath.AnnounceObjects) ? Objects.ToLinks() : null;
        _wanted = Aftermath.None;
        ScheduleUpdate(now);
        Request(now, messageId, token, RegistrationRequests.Update(messageId, token, _location, lifetime, links));
    }

    void Deregister(long now)
    {
        Step = RegistrationStep.Deregistering;
        var (messageId, token) = (NextMessageId(), NextToken());
        Request(now, messageId, token, RegistrationRequests.Deregister(messageId, token, _location));
    }

    void Reboot(long now)
    {
        Report(DeviceEventKind.Rebooting);
        _wanted = Aftermath.None;
        _observations.Clear();
        _sends?.Clear();
        _messageId = (ushort)_random.Next(ushort.MaxValue + 1);
        Step = RegistrationStep.Waiting;
        _resumeAt = now + (long)_settings.RebootTime.TotalMilliseconds;
    }

    void Notify(long now, Observation observation)
    {
        var code = observation.Paths is { } paths
            ? Objects.ReadComposite(paths, observation.Format, out var payload)
            : Objects.Read(observation.Path, observation.Format, out payload);
        var answer = new DeviceAnswer(code);
        if (code == CoapCode.Content)
        {
            _observations.Take(observation, now);
            answer = answer with { Format = observation.Format, Payload = payload, Observe = observation.Sequence };
        }
        else
        {
            ReportEnd(_observations.End(observation));
        }

        var isConfirmable = _settings.ConfirmableNotifications || now - observation.ConfirmedAt >= ConfirmAtLeastEvery;
        var messageId = NextMessageId();
        observation.MessageId = messageId;
        var message = DeviceMessages.Response(
            isConfirmable ? CoapType.Confirmable : CoapType.NonConfirmable, messageId, observation.Token, answer);
        if (isConfirmable)
        {
            Deliver(now, message, observation);
            return;
        }
        _sleep.Touch(now);
        _send(message);
        Report(DeviceEventKind.Notified, path: observation.Path);
    }

    void Send(long now, byte[] payload)
    {
        var (messageId, token) = (NextMessageId(), NextToken());
        Request(now, messageId, token, DeviceMessages.Send(messageId, token, _sends!.Format, payload), isSend: true);
    }

    void Request(long now, ushort messageId, CoapToken token, byte[] datagram, bool isSend = false)
    {
        _outgoing = new Outgoing(datagram, new RequestExchange(now, _random, _settings.Transmission, messageId, token)) { IsSend = isSend };
        _sleep.Touch(now);
        _send(datagram);
    }

    void Deliver(long now, byte[] datagram, Observation? observation)
    {
        _outgoing = new Outgoing(datagram, new Retransmission(now, _random, _settings.Transmission), observation);
        _sleep.Touch(now);
        _send(datagram);
    }

    void WaitBeforeRetry(long now, long? maxAge)
    {
        Step = RegistrationStep.Waiting;
        _resumeAt = now + (maxAge ?? _retryDelay);
        _retryDelay = Math.Min(_retryDelay * 2, MaxRetryDelay);
    }

    void SwitchOff()
    {
        Step = RegistrationStep.Off;
        _observations.Clear();
        Report(DeviceEventKind.Deregistered);
    }

    // Early enough for all retransmissions, if the lifetime allows it. 0 is an unlimited lifetime.
    void ScheduleUpdate(long now)
    {
        _sleep.Schedule(now);
        var lifetime = 1000 * LifetimeSeconds;
        _updateAt = lifetime == 0 ? long.MaxValue : now + Math.Max(lifetime / 2, lifetime - _settings.Transmission.MaxTransmitWait);
    }

    void MarkChanges()
    {
        foreach (var path in Objects.Changed)
            _observations.MarkChanged(path);
        Objects.Changed.Clear();
    }

    long LifetimeSeconds => Objects[Lifetime] is { Type: ResourceType.Integer, Number: > 0 and var seconds } ? seconds : 0;

    static long? MaxAgeOf(in CoapFrame frame) => frame.TryGetUInt(CoapOptionNumber.MaxAge, out var seconds) ? 1000L * Math.Max(seconds, 1) : null;

    ushort NextMessageId() => _messageId++;

    CoapToken NextToken()
    {
        Span<byte> bytes = stackalloc byte[4];
        _random.NextBytes(bytes);
        return new CoapToken(bytes);
    }

    void SendEmpty(CoapType type, ushort messageId)
    {
        Span<byte> message = stackalloc byte[CoapWriter.EmptyMessageLength];
        CoapWriter.TryWriteEmpty(message, type, messageId);
        _send(message);
    }

    void ReportEnd(Observation? observation)
    {
        if (observation is not null)
            Report(DeviceEventKind.ObservationEnded, path: observation.Path);
    }

    void Report(
        DeviceEventKind kind, DeviceOperation operation = DeviceOperation.Unknown, Lwm2mPath path = default, CoapCode code = CoapCode.Empty) =>
        _report(new DeviceEvent(Endpoint, kind, operation, path, code));
}
