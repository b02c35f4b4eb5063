using System.Buffers.Binary;
using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using Pipeline.IntegrationTests.Chaos.Ledgers;
using Protocol.Coap;
using Tools.Load;
using Tools.Network;
using Tools.Simulation;

namespace Pipeline.IntegrationTests.Chaos.Fleet;

/// <summary>All devices of a run, on one thread. Messages are due at a fixed rate, whatever the gateway does.</summary>
sealed class ChaosFleet : IDisposable
{
    const int LongestWait = 5;
    const int MostAtOnce = 16;
    const long SweepInterval = 50;

    readonly FleetSettings _settings;
    readonly Rotation _rotation;
    readonly UplinkLedger _ledger;
    readonly Findings _findings;
    readonly DeviceRequests _requests;
    readonly ChaosDevice[] _devices;
    readonly SocketPoller _poller = SocketPoller.Create();
    readonly Random _random;
    readonly byte[] _received = new byte[2048];
    readonly byte[] _sent = new byte[ChaosMessages.MaxLength];
    readonly SocketAddress _sender = new(AddressFamily.InterNetwork);
    readonly ConcurrentQueue<Action> _asked = new();
    readonly TaskCompletionSource<long>?[] _watches;
    readonly List<GivenUp> _givenUp = [];
    readonly long _startedAt = Stopwatch.GetTimestamp();
    readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    volatile bool _isReporting;
    volatile bool _isEnding;
    Schedule _notifications;
    Schedule _updates;
    long _nextSweep;
    int _enrolled;

    public ChaosFleet(FleetSettings settings, Rotation rotation, UplinkLedger ledger, CommandLedger commands, Findings findings)
    {
        (_settings, _rotation, _ledger, _findings) = (settings, rotation, ledger, findings);
        _random = new Random(settings.Seed);
        _watches = new TaskCompletionSource<long>?[rotation.Count];
        _devices = [.. Enumerable.Range(0, settings.Devices).Select(i => new ChaosDevice(i, EndpointOf(i), (ushort)_random.Next(ushort.MaxValue + 1)))];
        foreach (var device in _devices)
            _poller.Add(device.Socket, device.Index);
        _requests = new DeviceRequests(settings, _random, commands, Counters, Reply);
    }

    public FleetCounters Counters { get; } = new();

    /// <summary>Milliseconds since the fleet was made: the clock of the run.</summary>
    public long Now => (long)Stopwatch.GetElapsedTime(_startedAt).TotalMilliseconds;

    /// <summary>Messages that nobody has acknowledged for as long as devices try.</summary>
    public IReadOnlyList<GivenUp> GivenUp
    {
        get
        {
            lock (_givenUp)
                return [.. _givenUp];
        }
    }

    /// <summary>Faults when the fleet cannot go on.</summary>
    public Task Ended => _ended.Task;

    /// <summary>Messages of devices that wait for their acknowledgement; of one replica, also answers that devices still owe it.</summary>
    public int UnderWay(int? replica = null) =>
        _devices.Count(device => device.IsUnderWay && (replica is null || device.Replica == replica)) + (replica is { } one ? _requests.Owed(one) : 0);

    /// <summary>Nothing waits for an acknowledgement, or to be sent.</summary>
    public bool IsAtRest => Array.TrueForAll(_devices, device => device is { Exchange: Exchange.None, NotificationsDue: 0, UpdatesDue: 0 });

    public static string EndpointOf(int device) => $"chaos-{device}";

    /// <summary>-1 for a stranger.</summary>
    public static int DeviceOf(string endpoint) =>
        endpoint.StartsWith("chaos-", StringComparison.Ordinal) && int.TryParse(endpoint.AsSpan(6), out var device) ? device : -1;

    /// <summary>Begins to register the devices.</summary>
    public void Start() => new Thread(Run) { IsBackground = true, Name = "fleet" }.Start();

    public void Report()
    {
        _asked.Enqueue(() =>
        {
            var updates = _settings.EventsPerSecond * _settings.Updates;
            _notifications = new Schedule(Now * 1000, _settings.EventsPerSecond - updates);
            _updates = new Schedule(Now * 1000, updates);
            _isReporting = true;
        });
    }

    /// <summary>Nothing new; what is due is still sent.</summary>
    public void Rest() => _isReporting = false;

    /// <summary>From now on the devices that this replica owns are known as its own.</summary>
    public void MarkOwned(int replica) => _asked.Enqueue(() =>
    {
        foreach (var device in _devices.Where(device => device.Owner == replica))
            device.FormerOwner = replica;
    });

    /// <summary>When a device that was marked as the replica's own is acknowledged by it for the first time.</summary>
    public Task<long> Restored(int replica)
    {
        var watch = new TaskCompletionSource<long>(TaskCreationOptions.RunContinuationsAsynchronously);
        _asked.Enqueue(() => _watches[replica] = watch);
        return watch.Task;
    }

    public void Dispose()
    {
        _isEnding = true;
        _ended.Task.ContinueWith(_ => { }, TaskScheduler.Default).Wait(TimeSpan.FromSeconds(5));
        _poller.Dispose();
        foreach (var device in _devices)
            device.Dispose();
    }

    void Run()
    {
        try
        {
            while (!_isEnding)
                Turn();
            _ended.SetResult();
        }
        catch (Exception e)
        {
            _findings.Add(FindingKind.ServiceFailed, $"the fleet: {e}");
            _ended.SetException(e);
        }
    }

    void Turn()
    {
        while (_asked.TryDequeue(out var ask))
            ask();
        var now = Now;
        for (; _enrolled < _devices.Length && _enrolled * 1000 / _settings.RegistersPerSecond <= now; _enrolled++)
            Register(_devices[_enrolled], now);
        if (_isReporting)
            GiveTurns(now);
        if (now >= _nextSweep)
            Sweep(now);
        _requests.Answer(now);
        foreach (var key in _poller.Wait(LongestWait))
            Receive(_devices[key]);
    }

    void GiveTurns(long now)
    {
        for (; _notifications.NextAt <= now * 1000; _notifications.Advance())
        {
            var device = _devices[_notifications.Count % _devices.Length];
            device.NotificationsDue++;
            Continue(device, now);
        }

        for (; _updates.NextAt <= now * 1000; _updates.Advance())
        {
            var device = _devices[_updates.Count * 7 % _devices.Length];
            device.UpdatesDue++;
            Continue(device, now);
        }
    }

    void Continue(ChaosDevice device, long now)
    {
        if (device.Exchange != Exchange.None || device.Location is null)
            return;
        if (device.UpdatesDue > 0)
        {
            device.UpdatesDue--;
            Begin(device, Exchange.Update, now);
        }
        else if (device.NotificationsDue > 0 && device.IsObserved)
        {
            device.NotificationsDue--;
            Begin(device, Exchange.Notification, now);
        }
    }

    void Register(ChaosDevice device, long now)
    {
        if (device.Location is not null)
            Counters.Registered--;
        device.Location = null;
        Begin(device, Exchange.Register, now);
    }

    void LoseRegistration(ChaosDevice device, string why, long now)
    {
        if (device.WasRegistered)
            _findings.Add(FindingKind.RegistrationLost, $"device {device.Index} at {now} ms, number {device.Number} to replica {device.Replica}: {why} ({device.History})");
        Register(device, now);
    }

    void Begin(ChaosDevice device, Exchange exchange, long now)
    {
        // Also a Register that begins anew because it was sent away: what answers it may have taken the one before, and may have observed it since.
        if (exchange == Exchange.Register)
            SetObserved(device, false);
        device.Exchange = exchange;
        device.NotifiedToken = device.ObserveToken;
        device.Number = _ledger.Send(device.Index, exchange);
        device.Replica = _random.NextDouble() < _settings.Roaming ? _rotation.Any(_random) : _rotation.Own(device.Index);
        Send(device, now);
    }

    void Send(ChaosDevice device, long now)
    {
        device.HeldUntil = 0;
        device.BegunAt = now;
        device.IsAcknowledged = false;
        device.NextMessage();
        device.Retransmission = new Retransmission(now, _random, TransmissionParameters.Standard);
        Transmit(device, now);
    }

    // Gives the same bytes at each retransmission.
    void Transmit(ChaosDevice device, long now)
    {
        device.Note(now, device.Exchange.ToString(), device.Replica);
        Span<byte> token = stackalloc byte[CoapFrame.MaxTokenLength];
        token = token[..6];
        BinaryPrimitives.WriteInt32BigEndian(token, device.Index);
        BinaryPrimitives.WriteUInt16BigEndian(token[4..], device.MessageId);
        Span<byte> observe = stackalloc byte[CoapFrame.MaxTokenLength];
        var length = device.Exchange switch
        {
            Exchange.Register => ChaosMessages.Register(_sent, device.MessageId, token, device.Endpoint, device.Number),
            Exchange.Update => ChaosMessages.Update(_sent, device.MessageId, token, device.Location!, device.Number),
            _ => ChaosMessages.Notification(_sent, device.MessageId, device.NotifiedToken.CopyTo(observe), device.Number),
        };
        Send(device, device.Replica, _sent.AsSpan(0, length));
    }

    void Send(ChaosDevice device, int replica, ReadOnlySpan<byte> datagram)
    {
        if (IsLost(device))
            return;
        try
        {
            device.Socket.SendTo(datagram, SocketFlags.None, _rotation.AddressOf(replica));
        }
        catch (SocketException)
        {
            // Lost, as datagrams may be.
        }
    }

    void Reply(int device, int replica, byte[] reply) => Send(_devices[device], replica, reply);

    // The last attempt gets through, if there is anybody to hear it: a device whose others met nobody would have to give up, and it would be the network's doing.
    bool IsLost(ChaosDevice device)
    {
        if (_random.NextDouble() >= _settings.Loss || (device.IsUnderWay && device.Retransmission.Count == TransmissionParameters.Standard.MaxRetransmit))
            return false;
        Counters.Lost++;
        return true;
    }

    void Sweep(long now)
    {
        _nextSweep = now + SweepInterval;
        foreach (var device in _devices)
        {
            if (device.Exchange == Exchange.None)
                continue;
            if (device.HeldUntil > 0)
            {
                if (now >= device.HeldUntil)
                    Begin(device, device.Exchange, now);
            }
            else if (now >= device.Retransmission.NextDeadline)
            {
                Repeat(device, now);
            }
        }
    }

    void Repeat(ChaosDevice device, long now)
    {
        if (device.Retransmission.OnTimeout(now) == RetransmissionStep.GiveUp)
        {
            lock (_givenUp)
                _givenUp.Add(new GivenUp(device.Index, device.Number, device.Exchange, device.BegunAt, now, device.History));
            Register(device, now);
        }
        else if (!device.IsAcknowledged)
        {
            Counters.Retransmissions++;
            var replica = _random.Next(2) == 0 && _rotation.Has(device.Replica) ? device.Replica : _rotation.Any(_random);
            if (replica != device.Replica)
                _ledger.WentElsewhere(device.Index, device.Number);
            device.Replica = replica;
            Transmit(device, now);
        }
    }

    void Receive(ChaosDevice device)
    {
        for (var i = 0; i < MostAtOnce && device.Socket.Available > 0; i++)
        {
            var length = device.Socket.ReceiveFrom(_received, SocketFlags.None, _sender);
            var replica = _rotation.ReplicaAt(BinaryPrimitives.ReadUInt16BigEndian(_sender.Buffer.Span[2..]));
            if (replica >= 0 && !IsLost(device) && CoapFrame.TryParse(_received.AsSpan(0, length), out var frame) == CoapParseError.None)
                Take(device, replica, frame, Now);
        }
    }

    void Take(ChaosDevice device, int replica, in CoapFrame frame, long now)
    {
        if (frame.Code.IsRequest)
        {
            if (_requests.Take(device, replica, frame, now))
            {
                device.Note(now, $"observed as {device.ObserveToken}", replica);
                SetObserved(device, true);
            }

            Continue(device, now);
            return;
        }

        if (frame.Type == CoapType.Confirmable)
        {
            // A separate response, or a ping, which a Reset answers.
            Span<byte> empty = stackalloc byte[CoapWriter.EmptyMessageLength];
            CoapWriter.TryWriteEmpty(empty, frame.Code == CoapCode.Empty ? CoapType.Reset : CoapType.Acknowledgement, frame.MessageId);
            Send(device, replica, empty);
        }

        if (!device.IsUnderWay || !IsAnswer(device, frame))
            return;
        device.Note(now, frame.Code == CoapCode.Empty ? frame.Type.ToString() : frame.Code.Dotted, replica);
        if (device.Exchange == Exchange.Notification && frame.Type == CoapType.Reset)
        {
            device.Exchange = Exchange.None;
            _findings.Add(FindingKind.ObservationLost, $"device {device.Index} at {now} ms, number {device.Number}, by replica {replica}");
            LoseRegistration(device, "its notification was reset", now);
        }
        else if (device.Exchange != Exchange.Notification && frame.Code == CoapCode.Empty && frame.Type == CoapType.Acknowledgement)
            device.IsAcknowledged = true;
        else
            TakeAnswer(device, replica, frame, now);
        Continue(device, now);
    }

    static bool IsAnswer(ChaosDevice device, in CoapFrame frame) => frame.Type is CoapType.Acknowledgement or CoapType.Reset
        ? frame.MessageId == device.MessageId
        : frame.Token.Length == 6 && BinaryPrimitives.ReadUInt16BigEndian(frame.Token[4..]) == device.MessageId;

    void TakeAnswer(ChaosDevice device, int replica, in CoapFrame frame, long now)
    {
        if (frame.Code == CoapCode.ServiceUnavailable)
        {
            Counters.SentAway++;
            _ledger.Refuse(device.Index, device.Number);
            device.HeldUntil = now + 1000L * (frame.TryGetUInt(CoapOptionNumber.MaxAge, out var seconds) ? Math.Clamp(seconds, 1, 60) : 5);
            return;
        }

        var expected = device.Exchange switch
        {
            Exchange.Register => CoapCode.Created,
            Exchange.Update => CoapCode.Changed,
            _ => CoapCode.Empty,
        };
        if (frame.Code != expected)
        {
            LoseRegistration(device, $"its {device.Exchange} was answered {frame.Code}", now);
            return;
        }

        if (device.Exchange == Exchange.Register)
        {
            device.Location = RegistrationRequests.LocationOf(frame);
            device.WasRegistered = true;
            Counters.Registered++;
        }

        _ledger.Acknowledge(device.Index, device.Number);
        device.Exchange = Exchange.None;
        device.Owner = replica;
        if (device.FormerOwner != replica || _watches[replica] is not { } watch)
            return;
        watch.TrySetResult(now);
        device.FormerOwner = -1;
        _watches[replica] = null;
    }

    void SetObserved(ChaosDevice device, bool isObserved)
    {
        Counters.Observed += (isObserved ? 1 : 0) - (device.IsObserved ? 1 : 0);
        device.IsObserved = isObserved;
    }
}
