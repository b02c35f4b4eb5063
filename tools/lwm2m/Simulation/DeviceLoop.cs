using Protocol.Coap;
using Tools.Network;

namespace Tools.Simulation;

/// <summary>A thread with its devices, their sockets and their times.</summary>
sealed class DeviceLoop
{
    const int LongestWait = 100;
    const int MaxDatagram = 2048;

    /// <summary>Datagrams of one device before the others have their turn.</summary>
    const int MaxBatch = 16;

    const int MaxRememberedMessages = 1 << 18;

    readonly TimeProvider _time;
    readonly long _startedAt;
    readonly SimulatedDevice[] _devices;
    readonly DeviceSocket[] _sockets;
    readonly SocketPoller _poller = SocketPoller.Create();
    readonly Agenda _agenda;
    readonly byte[] _buffer = new byte[MaxDatagram];
    readonly long[] _counts = new long[Enum.GetValues<DeviceEventKind>().Length];
    readonly TaskCompletionSource _completion = new(TaskCreationOptions.RunContinuationsAsynchronously);

    long _sent;
    long _received;
    long _stopUntil = long.MaxValue;

    public DeviceLoop(FleetSettings settings, int[] numbers, Action<DeviceEvent>? happened, TimeProvider time)
    {
        _time = time;
        _startedAt = time.GetTimestamp();
        _agenda = new Agenda(numbers.Length);
        var duplicates = new MessageDeduplication<int>(TransmissionParameters.Standard, MaxRememberedMessages);
        var unixOffset = time.GetUtcNow().ToUnixTimeMilliseconds();
        _sockets = new DeviceSocket[numbers.Length];
        _devices = new SimulatedDevice[numbers.Length];
        for (var i = 0; i < numbers.Length; i++)
        {
            var socket = _sockets[i] = new DeviceSocket(settings.Gateway);
            socket.AddTo(_poller, i);
            var number = numbers[i];
            _devices[i] = new SimulatedDevice(
                SettingsOf(settings, number), i, unchecked((settings.Seed * 1_000_003) + number), duplicates, unixOffset, Send, Report);
            _devices[i].Start((long)((number - 1) / settings.RegistrationsPerSecond * 1000));
            _agenda.Set(i, _devices[i].NextDeadline);

            void Send(ReadOnlySpan<byte> datagram)
            {
                _sent++;
                socket.Send(datagram);
            }
        }

        void Report(DeviceEvent happening)
        {
            _counts[(int)happening.Kind]++;
            happened?.Invoke(happening);
        }
    }

    public IReadOnlyList<SimulatedDevice> Devices => _devices;

    public Task Completion => _completion.Task;

    public long DatagramsSent => Volatile.Read(ref _sent);

    public long DatagramsReceived => Volatile.Read(ref _received);

    long Now => (long)_time.GetElapsedTime(_startedAt).TotalMilliseconds;

    public long Count(DeviceEventKind kind) => Volatile.Read(ref _counts[(int)kind]);

    public void Start() => new Thread(Run) { IsBackground = true, Name = "simulated devices" }.Start();

    /// <summary>From any thread.</summary>
    public void Stop(TimeSpan timeout) => Volatile.Write(ref _stopUntil, Now + (long)timeout.TotalMilliseconds);

    static DeviceSettings SettingsOf(FleetSettings settings, int number)
    {
        var profile = settings.Profile ?? (DeviceProfile)((number - 1) % 3);
        return new DeviceSettings
        {
            Endpoint = $"{settings.EndpointPrefix}{profile.ToString().ToLowerInvariant()}-{number}",
            Profile = profile,
            Lifetime = settings.Lifetime,
            Lwm2mVersion = settings.Lwm2mVersion,
            Interval = settings.Interval,
            ConfirmableNotifications = settings.ConfirmableNotifications,
            SeparateResponses = settings.SeparateResponses,
        };
    }

    void Run()
    {
        try
        {
            while (Volatile.Read(ref _stopUntil) == long.MaxValue)
                Turn();
            var now = Now;
            for (var i = 0; i < _devices.Length; i++)
            {
                _devices[i].Stop(now);
                _agenda.Set(i, _devices[i].NextDeadline);
            }
            while (Now < Volatile.Read(ref _stopUntil) && Array.Exists(_devices, device => device.Step != RegistrationStep.Off))
                Turn();
            _completion.SetResult();
        }
        catch (Exception exception)
        {
            _completion.SetException(exception);
        }
        finally
        {
            _poller.Dispose();
            foreach (var socket in _sockets)
                socket.Dispose();
        }
    }

    void Turn()
    {
        var wait = Math.Clamp(_agenda.Next - Now, 0, LongestWait);
        foreach (var device in _poller.Wait((int)wait))
            Receive(device);
        var now = Now;
        while (_agenda.TryTake(now, out var device))
        {
            _devices[device].Poll(now);
            // Later than now, so that the turn ends whatever the device says.
            _agenda.Set(device, Math.Max(now + 1, _devices[device].NextDeadline));
        }
    }

    void Receive(int device)
    {
        for (var i = 0; i < MaxBatch && _sockets[device].TryReceive(_buffer, out var length); i++)
        {
            _received++;
            _devices[device].Handle(Now, _buffer.AsSpan(0, length));
        }
        _agenda.Set(device, _devices[device].NextDeadline);
    }
}
