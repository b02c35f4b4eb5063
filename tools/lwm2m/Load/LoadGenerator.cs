using System.Diagnostics;
using Protocol.Coap;
using Tools.Network;

namespace Tools.Load;

/// <summary>
/// The devices of a load run on one thread. Notifications and Updates are due at fixed times, whatever the gateway does (open loop); one that
/// has to wait because the device's message before is not acknowledged is counted from when it was due.
/// </summary>
sealed class LoadGenerator : IDisposable
{
    const int MaxDatagram = 2048;
    const int MaxBatch = 16;
    const int LongestWait = 5;

    /// <summary>How often retransmissions are looked for, in microseconds.</summary>
    const long SweepInterval = 50_000;

    /// <summary>The timers of the system: a message that leaves so late left when it was due. In microseconds.</summary>
    const long TimerSlack = 2_000;

    readonly LoadSettings _settings;
    readonly DeliveryLedger _ledger;
    readonly LoadDevice[] _devices;
    readonly SocketPoller _poller = SocketPoller.Create();
    readonly Random _random = new(1);
    readonly byte[] _receiveBuffer = new byte[MaxDatagram];
    readonly byte[] _sendBuffer = new byte[LoadMessages.MaxLength];
    readonly long _startedAt = Stopwatch.GetTimestamp();
    readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);

    volatile LoadPhase _phase;
    LoadDevice[] _active = [];
    Schedule _notifications;
    Schedule _updates;
    double _rate;
    long _rateVersion;
    long _knownRateVersion;
    LatencyHistogram _interval = new();
    long _nextSweep;
    long _measureFrom = long.MaxValue;
    long _measureUntil = long.MaxValue;
    int _registered;
    int _observed;
    int _outstanding;
    int _enrolled;
    long _enrolFrom;

    public LoadGenerator(LoadSettings settings, DeliveryLedger ledger)
    {
        _settings = settings;
        _ledger = ledger;
        _rate = settings.NotificationRate;
        _devices = new LoadDevice[settings.Devices];
        for (var i = 0; i < _devices.Length; i++)
        {
            _devices[i] = new LoadDevice(i, settings.EndpointOf(i), new DeviceSocket(settings.Gateway), (ushort)_random.Next(ushort.MaxValue + 1));
            _devices[i].Socket.AddTo(_poller, i);
        }
    }

    public LoadCounters Counters { get; } = new();

    public LatencyHistogram RegisterLatency { get; } = new();

    public LatencyHistogram NotificationLatency { get; private set; } = new();

    public LatencyHistogram UpdateLatency { get; } = new();

    public int Registered => Volatile.Read(ref _registered);

    public int Observed => Volatile.Read(ref _observed);

    public int Outstanding => Volatile.Read(ref _outstanding);

    /// <summary>Done with <see cref="LoadPhase.Deregistering"/>, or faulted.</summary>
    public Task Ended => _ended.Task;

    /// <summary>Microseconds since the generator was made: the clock of all its times.</summary>
    public long Now => (long)Stopwatch.GetElapsedTime(_startedAt).TotalMicroseconds;

    public void Start() => new Thread(Run) { IsBackground = true, Name = "load" }.Start();

    /// <summary>Sends from now on; what is due within the window is measured. Times in microseconds of <see cref="Now"/>.</summary>
    public void Send(long measureFrom, long measureUntil)
    {
        Volatile.Write(ref _measureFrom, measureFrom);
        Volatile.Write(ref _measureUntil, measureUntil);
        _phase = LoadPhase.Sending;
    }

    /// <summary>What is due within that window is measured, and nothing before; gives the latencies, which are still to come.</summary>
    public LatencyHistogram Measure(long from, long until)
    {
        NotificationLatency = new LatencyHistogram();
        Volatile.Write(ref _measureFrom, from);
        Volatile.Write(ref _measureUntil, until);
        return NotificationLatency;
    }

    /// <summary>Another rate from now on. What was due at the old one and has not left is not sent any more.</summary>
    public void SetRate(double notificationsPerSecond)
    {
        Volatile.Write(ref _rate, notificationsPerSecond);
        Volatile.Write(ref _rateVersion, _rateVersion + 1);
    }

    /// <summary>Latencies of the notifications acknowledged since the last call, whenever they were due.</summary>
    public LatencyHistogram TakeInterval() => Interlocked.Exchange(ref _interval, new LatencyHistogram());

    public bool IsMeasured(long dueAt) => dueAt >= Volatile.Read(ref _measureFrom) && dueAt < Volatile.Read(ref _measureUntil);

    public void Rest() => _phase = LoadPhase.Idle;

    public void Deregister() => _phase = LoadPhase.Deregistering;

    public void End() => _phase = LoadPhase.Ended;

    public void Dispose()
    {
        _poller.Dispose();
        foreach (var device in _devices)
            device.Socket.Dispose();
    }

    void Run()
    {
        try
        {
            var phase = LoadPhase.Registering;
            _enrolFrom = Now;
            while (phase != LoadPhase.Ended)
            {
                if (phase != _phase || phase == LoadPhase.Sending && _knownRateVersion != Volatile.Read(ref _rateVersion))
                    Enter(phase = _phase);
                Turn(phase);
            }
            _ended.SetResult();
        }
        catch (Exception exception)
        {
            _ended.SetException(exception);
        }
    }

    void Enter(LoadPhase phase)
    {
        switch (phase)
        {
            case LoadPhase.Sending:
                _active = Array.FindAll(_devices, device => _settings.RegistrationOnly ? device.IsRegistered : device.IsObserved);
                Spread();
                break;
            case LoadPhase.Deregistering:
                foreach (var device in _devices)
                    Continue(device, Now);
                break;
            default:
                // What was due and has not left is not sent any more.
                foreach (var device in _active)
                    (device.NotificationsDue, device.UpdatesDue) = (0, 0);
                break;
        }
    }

    // The turns of the devices, from now on and at the rates of now.
    void Spread()
    {
        var now = Now;
        _knownRateVersion = Volatile.Read(ref _rateVersion);
        for (var i = 0; i < _active.Length; i++)
        {
            var device = _active[i];
            device.Position = i;
            (device.NotificationsDue, device.NotificationsTaken) = (0, 0);
            (device.UpdatesDue, device.UpdatesTaken) = (0, 0);
        }
        _notifications = new Schedule(now, _settings.IsClosed || _settings.RegistrationOnly ? 0 : Volatile.Read(ref _rate));
        _updates = new Schedule(now, _settings.UpdateRate);
        if (_settings.IsClosed)
            Array.ForEach(_active, device => Continue(device, now));
    }

    void Turn(LoadPhase phase)
    {
        var now = Now;
        if (phase == LoadPhase.Registering)
            Enrol(now);
        if (phase == LoadPhase.Sending)
            GiveTurns(now);
        if (now >= _nextSweep)
            Sweep(now);
        foreach (var key in _poller.Wait(phase == LoadPhase.Idle ? LongestWait : MillisecondsToNext(Now)))
            Receive(_devices[key]);
        if (phase == LoadPhase.Deregistering && _registered == 0 && _outstanding == 0)
            _phase = LoadPhase.Ended;
    }

    int MillisecondsToNext(long now)
    {
        var next = Math.Min(_notifications.NextAt, _updates.NextAt);
        return (int)Math.Clamp((next - now + 999) / 1000, 0, LongestWait);
    }

    void Enrol(long now)
    {
        for (; _enrolled < _devices.Length && _enrolFrom + _enrolled / _settings.RegisterRate * 1e6 <= now; _enrolled++)
            Register(_devices[_enrolled], now);
    }

    void GiveTurns(long now)
    {
        if (_active.Length == 0)
            return;
        for (; _notifications.NextAt <= now; _notifications.Advance())
        {
            var device = _active[_notifications.Count % _active.Length];
            device.NotificationsDue++;
            Continue(device, now);
        }
        for (; _updates.NextAt <= now; _updates.Advance())
        {
            var device = _active[_updates.Count % _active.Length];
            device.UpdatesDue++;
            Continue(device, now);
        }
    }

    // Sends what the device has to send next, if nothing is outstanding.
    void Continue(LoadDevice device, long now)
    {
        if (device.Exchange != LoadExchange.None)
            return;
        if (device.UpdatesDue > 0 && device.IsRegistered)
        {
            device.UpdatesDue--;
            Send(device, LoadExchange.Update, DueAt(_updates, device, device.UpdatesTaken++, now), now);
        }
        else if ((device.NotificationsDue > 0 || _settings.IsClosed && _phase == LoadPhase.Sending) && device.IsObserved)
        {
            var dueAt = now;
            if (!_settings.IsClosed)
            {
                device.NotificationsDue--;
                dueAt = DueAt(_notifications, device, device.NotificationsTaken++, now);
            }
            device.Number++;
            device.ObserveSequence = device.ObserveSequence + 1 & 0xFFFFFF;
            _ledger.Send(device.Index, device.Number, dueAt);
            Counters.NotificationsSent++;
            Send(device, LoadExchange.Notification, dueAt, now);
        }
        else if (_phase == LoadPhase.Deregistering && device.IsRegistered)
        {
            Send(device, LoadExchange.Deregister, now, now);
        }
    }

    // The device's turns are spread evenly: one in each round over the active devices.
    long DueAt(in Schedule schedule, LoadDevice device, long taken, long now)
    {
        var dueAt = schedule.TimeOf(taken * _active.Length + device.Position);
        return now - dueAt <= TimerSlack ? now : dueAt;
    }

    void Register(LoadDevice device, long now)
    {
        device.RegisterAt = long.MaxValue;
        Send(device, LoadExchange.Register, now, now);
    }

    void Send(LoadDevice device, LoadExchange exchange, long dueAt, long now)
    {
        device.Exchange = exchange;
        device.IsAcknowledged = false;
        device.DueAt = dueAt;
        device.NextMessage();
        device.Retransmission = new Retransmission(now / 1000, _random, TransmissionParameters.Standard);
        _outstanding++;
        Transmit(device);
    }

    // Gives the same bytes at each retransmission, as nothing that goes into them changes meanwhile.
    void Transmit(LoadDevice device)
    {
        Span<byte> token = [(byte)device.Exchange, (byte)(device.MessageId >> 8), (byte)device.MessageId, (byte)(device.Index >> 8), (byte)device.Index];
        Span<byte> observeToken = stackalloc byte[CoapFrame.MaxTokenLength];
        var length = device.Exchange switch
        {
            LoadExchange.Register => LoadMessages.Register(
                _sendBuffer, device.MessageId, token, device.Endpoint, (long)_settings.Lifetime.TotalSeconds),
            LoadExchange.Update => LoadMessages.AtLocation(_sendBuffer, CoapCode.Post, device.MessageId, token, device.Location!),
            LoadExchange.Deregister => LoadMessages.AtLocation(_sendBuffer, CoapCode.Delete, device.MessageId, token, device.Location!),
            _ => LoadMessages.Value(
                _sendBuffer, CoapType.Confirmable, device.MessageId, device.ObserveToken.CopyTo(observeToken), device.ObserveSequence,
                device.ObservedDepth, device.Number),
        };
        device.Socket.Send(_sendBuffer.AsSpan(0, length));
    }

    void Sweep(long now)
    {
        _nextSweep = now + SweepInterval;
        foreach (var device in _devices)
        {
            if (now >= device.RegisterAt && device.Exchange == LoadExchange.None)
                Register(device, now);
            if (device.Exchange == LoadExchange.None || now / 1000 < device.Retransmission.NextDeadline)
                continue;
            if (device.Retransmission.OnTimeout(now / 1000) == RetransmissionStep.GiveUp)
            {
                GiveUp(device, now);
            }
            else if (!device.IsAcknowledged)
            {
                Counters.Retransmissions++;
                Transmit(device);
            }
        }
    }

    void GiveUp(LoadDevice device, long now)
    {
        Counters.TimedOut++;
        switch (Finish(device))
        {
            case LoadExchange.Register:
                device.RegisterAt = now;
                break;
            case LoadExchange.Deregister:
                Unregister(device);
                break;
        }
        Continue(device, now);
    }

    LoadExchange Finish(LoadDevice device)
    {
        var exchange = device.Exchange;
        device.Exchange = LoadExchange.None;
        _outstanding--;
        return exchange;
    }

    void Receive(LoadDevice device)
    {
        for (var i = 0; i < MaxBatch && device.Socket.TryReceive(_receiveBuffer, out var length); i++)
        {
            if (CoapFrame.TryParse(_receiveBuffer.AsSpan(0, length), out var frame) == CoapParseError.None)
                OnMessage(device, frame, Now);
        }
    }

    void OnMessage(LoadDevice device, in CoapFrame frame, long now)
    {
        if (frame.Code.IsRequest)
        {
            OnRequest(device, frame);
            // An observation may be what the device waited for.
            Continue(device, now);
            return;
        }
        if (frame.Type == CoapType.Confirmable)
        {
            // A separate response, or a ping, which a Reset answers.
            CoapWriter.TryWriteEmpty(_sendBuffer, frame.Code == CoapCode.Empty ? CoapType.Reset : CoapType.Acknowledgement, frame.MessageId);
            device.Socket.Send(_sendBuffer.AsSpan(0, CoapWriter.EmptyMessageLength));
        }
        if (device.Exchange == LoadExchange.None || !IsAnswer(device, frame))
            return;
        if (device.Exchange == LoadExchange.Notification)
            OnNotificationAnswered(device, frame.Type == CoapType.Reset, now);
        else if (frame.Code == CoapCode.Empty && frame.Type == CoapType.Acknowledgement)
            device.IsAcknowledged = true;
        else
            OnResponse(device, frame, now);
        Continue(device, now);
    }

    static bool IsAnswer(LoadDevice device, in CoapFrame frame) => frame.Type is CoapType.Acknowledgement or CoapType.Reset
        ? frame.MessageId == device.MessageId
        : frame.Token.Length == 5 && frame.Token[0] == (byte)device.Exchange && (frame.Token[1] << 8 | frame.Token[2]) == device.MessageId;

    void OnNotificationAnswered(LoadDevice device, bool isReset, long now)
    {
        Finish(device);
        if (isReset)
        {
            Counters.Resets++;
            SetObserved(device, 0);
            return;
        }
        Counters.NotificationsAcknowledged++;
        _ledger.Acknowledge(device.Index, device.Number);
        Volatile.Read(ref _interval).Record(now - device.DueAt);
        if (IsMeasured(device.DueAt))
            NotificationLatency.Record(now - device.DueAt);
    }

    void OnResponse(LoadDevice device, in CoapFrame frame, long now)
    {
        switch (Finish(device))
        {
            case LoadExchange.Register when frame.Code == CoapCode.Created:
                Counters.Registrations++;
                RegisterLatency.Record(now - device.DueAt);
                if (!device.IsRegistered)
                    _registered++;
                device.Location = Simulation.RegistrationRequests.LocationOf(frame);
                break;
            case LoadExchange.Register:
                Counters.Refused++;
                device.RegisterAt = now + 1_000_000L * (frame.TryGetUInt(CoapOptionNumber.MaxAge, out var seconds) ? Math.Max(seconds, 1) : 5);
                break;
            case LoadExchange.Update when frame.Code == CoapCode.Changed:
                Counters.UpdatesAcknowledged++;
                if (IsMeasured(device.DueAt))
                    UpdateLatency.Record(now - device.DueAt);
                break;
            case LoadExchange.Update:
                Counters.Refused++;
                if (frame.Code == CoapCode.NotFound)
                {
                    Unregister(device);
                    device.RegisterAt = now;
                }
                break;
            default:
                Unregister(device);
                break;
        }
    }

    void OnRequest(LoadDevice device, in CoapFrame frame)
    {
        var length = LoadRequests.Answer(_sendBuffer, device, frame, out var observedDepth);
        SetObserved(device, observedDepth);
        device.Socket.Send(_sendBuffer.AsSpan(0, length));
    }

    void SetObserved(LoadDevice device, int depth)
    {
        _observed += (depth > 0 ? 1 : 0) - (device.IsObserved ? 1 : 0);
        device.ObservedDepth = depth;
    }

    void Unregister(LoadDevice device)
    {
        if (device.IsRegistered)
            _registered--;
        device.Location = null;
        SetObserved(device, 0);
    }
}
