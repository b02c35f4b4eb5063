using Protocol.Coap;
using Tools.Dtls;
using Tools.Network;

namespace Tools.Simulation;

/// <summary>
/// Devices, their networks and their times without I/O: the time and datagrams go in, datagrams come out. Each device is asked at the time that
/// it wanted, not at the time at which somebody got round to it, so that the same seed and the same answers give the same datagrams. One thread;
/// times are milliseconds since the start and do not go back. DTLS stands between a device and its network.
/// </summary>
sealed class DevicePopulation
{
    const int MaxRememberedMessages = 1 << 18;

    readonly IReadOnlyList<DevicePlan> _plans;
    readonly SimulatedDevice[] _devices;
    readonly DtlsLink?[] _links;
    readonly NetworkPath?[] _paths;
    readonly long[] _rebindAt;
    readonly Agenda _agenda;
    readonly DelayedDatagrams _delayed = new();
    readonly Queue<(long Time, int Device)> _restarts;
    readonly SendTo _send;
    readonly Action<int> _rebind;
    readonly Action<DeviceEvent>? _happened;
    readonly long[] _counts = new long[Enum.GetValues<DeviceEventKind>().Length];
    // So that a device may begin at 0.
    long _now = -1;
    long _sent;
    long _received;
    long _lost;

    /// <param name="plans">The devices; a device's number here is its place in this list.</param>
    /// <param name="unixOffset">What makes Unix time of the clock, in milliseconds.</param>
    /// <param name="send">Puts a datagram on the wire.</param>
    /// <param name="rebind">From now on the device sends from another port.</param>
    /// <param name="happened">Hears of everything that happens.</param>
    public DevicePopulation(IReadOnlyList<DevicePlan> plans, long unixOffset, SendTo send, Action<int> rebind, Action<DeviceEvent>? happened)
    {
        _plans = plans;
        (_send, _rebind, _happened) = (send, rebind, happened);
        _devices = new SimulatedDevice[plans.Count];
        _links = new DtlsLink?[plans.Count];
        _paths = new NetworkPath?[plans.Count];
        _rebindAt = new long[plans.Count];
        _agenda = new Agenda(plans.Count);
        _restarts = new(plans.SelectMany((plan, device) => plan.Restarts.Select(time => (time, device))).Order());
        var duplicates = new MessageDeduplication<int>(TransmissionParameters.Standard, MaxRememberedMessages);
        for (var i = 0; i < plans.Count; i++)
        {
            var (device, plan) = (i, plans[i]);
            if (plan.Dtls is { } credential)
                _links[i] = new DtlsLink(credential, new SeededRandom(SeededRandom.Mix(plan.Seed, 3)), new LinkUser(this, i));
            _devices[i] = new SimulatedDevice(
                plan.Settings, i, plan.Seed, duplicates, unixOffset, message => Say(device, message), happening => Happen(device, happening));
            _devices[i].Start(plan.StartAt);
            if (!plan.Network.Up.IsPerfect || !plan.Network.Down.IsPerfect)
                _paths[i] = new NetworkPath(plan.Network, new SeededRandom(SeededRandom.Mix(plan.Seed, 1)));
            _rebindAt[i] = FirstRebind(plan);
            Enter(i);
        }
    }

    /// <summary>Puts a datagram of the device with that number on the wire.</summary>
    public delegate void SendTo(int device, ReadOnlySpan<byte> datagram);

    public IReadOnlyList<SimulatedDevice> Devices => _devices;

    public long DatagramsSent => Volatile.Read(ref _sent);

    public long DatagramsReceived => Volatile.Read(ref _received);

    /// <summary>By the simulated network, in both directions.</summary>
    public long DatagramsLost => Volatile.Read(ref _lost);

    /// <summary>When <see cref="Advance"/> has something to do, or before.</summary>
    public long NextDeadline => Math.Min(_agenda.Next, Math.Min(_delayed.Next, _restarts.TryPeek(out var restart) ? restart.Time : long.MaxValue));

    public bool IsOff => Array.TrueForAll(_devices, device => device.Step == RegistrationStep.Off);

    public long Count(DeviceEventKind kind) => Volatile.Read(ref _counts[(int)kind]);

    /// <summary>Does all that is due until now, in the order of its times.</summary>
    public void Advance(long now)
    {
        while (NextDeadline is var next && next <= now)
        {
            _now = Math.Max(_now, next);
            if (_restarts.TryPeek(out var restart) && restart.Time <= next)
            {
                _restarts.Dequeue();
                _devices[restart.Device].Restart(_now);
                Enter(restart.Device);
            }
            else if (_delayed.TryTake(next, out var datagram))
            {
                Pass(datagram.Device, datagram.Bytes, datagram.IsUp);
            }
            else if (_agenda.TryTake(next, out var device, out _))
            {
                Turn(device);
            }
        }
        _now = Math.Max(_now, now);
    }

    /// <summary>A datagram came for a device. It came before what is due and was not done yet, if its thread is late.</summary>
    public void Receive(long now, int device, ReadOnlySpan<byte> datagram)
    {
        _now = Math.Max(_now, Math.Min(now, NextDeadline));
        if (_paths[device] is { } path)
            Send(path, device, datagram, isUp: false);
        else
            Pass(device, datagram, isUp: false);
    }

    /// <summary>All devices de-register; those that have not come up yet, stay away.</summary>
    public void Stop()
    {
        for (var i = 0; i < _devices.Length; i++)
        {
            _devices[i].Stop(_now);
            Enter(i);
        }
    }

    // A NAT keeps for a while what it has just made; devices that come up together are not moved together.
    static long FirstRebind(DevicePlan plan) => plan.Network.RebindEvery is { } pause
        ? plan.StartAt + (long)((0.5 + SeededRandom.Share(plan.Seed, 2)) * pause.TotalMilliseconds)
        : long.MaxValue;

    void Turn(int device)
    {
        if (_now >= _rebindAt[device])
        {
            _rebind(device);
            _rebindAt[device] = _now + (long)_plans[device].Network.RebindEvery!.Value.TotalMilliseconds;
        }
        _links[device]?.Poll(_now);
        _devices[device].Poll(_now);
        Enter(device);
    }

    // Later than now, so that an advance ends whatever the device says.
    void Enter(int device)
    {
        var next = Math.Min(_devices[device].NextDeadline, _links[device]?.NextDeadline ?? long.MaxValue);
        if (next != long.MaxValue)
            _agenda.Set(device, Math.Max(_now + 1, Math.Min(next, _rebindAt[device])));
    }

    void Say(int device, ReadOnlySpan<byte> message)
    {
        if (_links[device] is { } link)
            link.Send(_now, message);
        else
            Transmit(device, message);
    }

    void Transmit(int device, ReadOnlySpan<byte> datagram)
    {
        if (_paths[device] is { } path)
            Send(path, device, datagram, isUp: true);
        else
            Pass(device, datagram, isUp: true);
    }

    void Send(NetworkPath path, int device, ReadOnlySpan<byte> datagram, bool isUp)
    {
        var copies = path.Copies(isUp);
        if (copies == 0)
            _lost++;
        for (; copies > 0; copies--)
        {
            var delay = path.Delay(isUp);
            if (delay <= 0)
                Pass(device, datagram, isUp);
            else if (!_delayed.TryAdd(_now + delay, device, datagram, isUp))
                _lost++;
        }
    }

    void Pass(int device, ReadOnlySpan<byte> datagram, bool isUp)
    {
        if (isUp)
        {
            _sent++;
            _send(device, datagram);
            return;
        }
        _received++;
        if (_links[device] is { } link)
            link.Receive(_now, datagram);
        else
            _devices[device].Handle(_now, datagram);
        Enter(device);
    }

    void Happen(int device, DeviceEvent happening)
    {
        _counts[(int)happening.Kind]++;
        _happened?.Invoke(happening);
        switch (happening.Kind)
        {
            // Nobody answers any more: perhaps because nobody knows the session where the device is now.
            case DeviceEventKind.Rebooting or DeviceEventKind.TimedOut:
                _links[device]?.Abandon();
                break;
            case DeviceEventKind.Deregistered:
                _links[device]?.Close();
                break;
        }
    }

    sealed class LinkUser(DevicePopulation population, int device) : DtlsLink.IUser
    {
        public void Transmit(ReadOnlySpan<byte> datagram) => population.Transmit(device, datagram);

        public void Hear(ReadOnlySpan<byte> message) => population._devices[device].Handle(population._now, message);

        public void HandshakeEnded(string? problem) => Happen(problem is null ? DeviceEventKind.SessionEstablished : DeviceEventKind.HandshakeFailed, problem);

        public void SessionEnded()
        {
            Happen(DeviceEventKind.SessionEnded, null);
            population._devices[device].Reconnect(population._now);
        }

        void Happen(DeviceEventKind kind, string? problem) =>
            population.Happen(device, new DeviceEvent(population._devices[device].Endpoint, kind, DeviceOperation.Unknown, default, CoapCode.Empty) { Problem = problem });
    }
}
