using System.Runtime.InteropServices;
using MQTTnet.Exceptions;

namespace Tools.Load;

/// <summary>One run from the first Register to the report.</summary>
sealed class LoadRun : IAsyncDisposable
{
    /// <summary>An answer that comes late is taken for none of those that count.</summary>
    const long FirstCounted = 1L << 32;

    static readonly TimeSpan EndTimeout = TimeSpan.FromSeconds(1);
    static readonly TimeSpan Step = TimeSpan.FromMilliseconds(50);

    readonly LoadSettings _settings;
    readonly Action<string> _progress;
    readonly DeliveryLedger _ledger;
    readonly LoadGenerator _generator;
    EventSubscriber? _subscriber;
    readonly LatencyHistogram _deliveryLatency = new();
    readonly CommandProbe _observations = new();
    readonly CommandProbe _firstCommands = new();
    readonly CommandProbe _commands = new(FirstCounted);
    CommandProbe _probe;
    bool _isStarted;

    public LoadRun(LoadSettings settings, Action<string> progress)
    {
        _settings = settings;
        _progress = progress;
        _probe = _observations;
        // Enough to tell a delay of half a minute.
        var history = (int)Math.Clamp(settings.NotificationRate / settings.Devices * 30, 64, 4096);
        _ledger = new DeliveryLedger(settings.Devices, history);
        _generator = new LoadGenerator(settings, _ledger);
        if (settings.Mqtt is not null)
            _subscriber = new EventSubscriber(settings, OnNotified, (id, isSuccess) => Volatile.Read(ref _probe).Answer(id, isSuccess));
    }

    public async Task<LoadReport> RunAsync(CancellationToken cancellation)
    {
        await ConnectAsync(cancellation);
        _generator.Start();
        _isStarted = true;
        var (registered, observed) = await EnrolAsync(cancellation);
        var monitor = new LoadMonitor(_settings, _generator, () => _subscriber?.Messages, _progress);
        var wanted = _settings.IsClosed || _settings.RegistrationOnly ? (double?)null : _settings.Ramp?.From ?? _settings.NotificationRate;

        var from = _generator.Now + Micros(_settings.Warmup);
        _generator.Send(from, _settings.Ramp is null ? from + Micros(_settings.Duration) : long.MaxValue);
        await Task.Delay(_settings.Warmup, cancellation);
        var before = await ProcessUsage.ReadAsync(_settings, withAllocation: true, cancellation);
        var (notifications, updates, start) = (_generator.Counters.NotificationsAcknowledged, _generator.Counters.UpdatesAcknowledged, _generator.Now);
        IReadOnlyList<RampStep>? ramp = null;
        if (_settings.Ramp is { } settings)
            ramp = await new RampRun(settings, _generator, monitor, _progress).RunAsync(cancellation);
        else
            await monitor.WatchAsync(wanted, _settings.Duration, cancellation);
        notifications = _generator.Counters.NotificationsAcknowledged - notifications;
        updates = _generator.Counters.UpdatesAcknowledged - updates;
        var seconds = (_generator.Now - start) / 1e6;
        var processes = (await ProcessUsage.ReadAsync(_settings, withAllocation: true, cancellation)).Since(before, notifications + updates);

        _generator.Rest();
        await WaitAsync(() => _generator.Outstanding == 0 && (_subscriber is null || _ledger.Missing == 0), _settings.Patience, cancellation);
        await CommandAsync(cancellation);
        await LeaveAsync(cancellation);

        return new LoadReport
        {
            Time = DateTimeOffset.UtcNow,
            Machine = $"{Environment.ProcessorCount} cores, {RuntimeInformation.OSDescription}, {RuntimeInformation.FrameworkDescription}",
            Devices = _settings.Devices,
            Registered = registered,
            Observed = observed,
            MeasuredSeconds = seconds,
            NotificationsPerSecond = notifications / seconds,
            NotificationsPerSecondWanted = wanted,
            Mode = _settings.RegistrationOnly ? LoadMode.Registration : _settings.IsClosed ? LoadMode.Closed : ramp is null ? LoadMode.Open : LoadMode.Ramp,
            Ramp = ramp,
            Samples = monitor.Samples,
            UpdatesPerSecond = updates / seconds,
            RegisterLatency = _generator.RegisterLatency.ToFigures(),
            NotificationLatency = _generator.NotificationLatency.ToFigures(),
            UpdateLatency = _generator.UpdateLatency.ToFigures(),
            DeliveryLatency = _subscriber is null ? null : _deliveryLatency.ToFigures(),
            CommandLatency = _settings.Commands == 0 ? null : _commands.Latency.ToFigures(),
            Sent = _generator.Counters.NotificationsSent,
            Acknowledged = _ledger.Acknowledged,
            Delivered = _ledger.Delivered,
            Lost = _subscriber is null ? 0 : _ledger.Missing,
            Duplicates = _ledger.Duplicates,
            OutOfOrder = _ledger.OutOfOrder,
            Unknown = _ledger.Unknown,
            Retransmissions = _generator.Counters.Retransmissions,
            TimedOut = _generator.Counters.TimedOut,
            Resets = _generator.Counters.Resets,
            Refused = _generator.Counters.Refused,
            CommandsUnanswered = _commands.Open,
            CommandsFailed = _commands.Failed,
            MqttLost = _subscriber is { IsBroken: true },
            Processes = processes,
        };
    }

    public async ValueTask DisposeAsync()
    {
        _generator.End();
        if (_isStarted)
            await Task.WhenAny(_generator.Ended, Task.Delay(EndTimeout));
        _generator.Dispose();
        if (_subscriber is not null)
            await _subscriber.DisposeAsync();
    }

    void OnNotified(int device, double value)
    {
        if (_ledger.Deliver(device, value, out var sentAt) && _generator.IsMeasured(sentAt))
            _deliveryLatency.Record(_generator.Now - sentAt);
    }

    async Task ConnectAsync(CancellationToken cancellation)
    {
        if (_subscriber is null)
            return;
        try
        {
            await _subscriber.ConnectAsync(cancellation);
        }
        catch (MqttCommunicationException exception) when (_settings.MqttIsOptional)
        {
            _progress($"no MQTT at {_settings.Mqtt!.Broker.Host}:{_settings.Mqtt.Broker.Port} ({exception.Message}): acknowledgements are measured, not what comes out");
            await _subscriber.DisposeAsync();
            _subscriber = null;
        }
    }

    async Task<(int Registered, int Observed)> EnrolAsync(CancellationToken cancellation)
    {
        var patience = _settings.Patience + TimeSpan.FromSeconds(_settings.Devices / _settings.RegisterRate);
        if (_settings.ObserveByCommand)
        {
            await WaitAsync(() => _generator.Registered == _settings.Devices, patience, cancellation);
            for (var device = 0; device < _settings.Devices; device++)
                await _subscriber!.CommandAsync(device, Command(_observations.Begin(), "observe"), cancellation);
        }
        await WaitAsync(
            () => _generator.Registered == _settings.Devices && (_settings.RegistrationOnly || _generator.Observed == _settings.Devices), patience, cancellation);
        _progress($"registered {_generator.Registered}/{_settings.Devices}, observed {_generator.Observed}");
        if (_generator.Observed == 0 && _generator.Registered > 0 && !_settings.RegistrationOnly)
            _progress("the server observes nothing, so there is nothing to notify: --observe asks it to by MQTT, --registration-only measures what there is");
        return (_generator.Registered, _generator.Observed);
    }

    async Task CommandAsync(CancellationToken cancellation)
    {
        if (_subscriber is null || _settings.Commands == 0)
            return;
        // What commands go through has done nothing yet: notifications do not warm it.
        await CommandAsync(_firstCommands, (long)(_settings.Warmup.TotalSeconds * _settings.CommandRate), cancellation);
        _progress($"{_settings.Commands} commands at {_settings.CommandRate}/s");
        await CommandAsync(_commands, _settings.Commands, cancellation);
    }

    async Task CommandAsync(CommandProbe probe, long count, CancellationToken cancellation)
    {
        Volatile.Write(ref _probe, probe);
        var schedule = new Schedule(_generator.Now, _settings.CommandRate);
        for (; schedule.Count < count; schedule.Advance())
        {
            var early = schedule.NextAt - _generator.Now;
            if (early > 0)
                await Task.Delay(TimeSpan.FromMicroseconds(early), cancellation);
            var device = (int)(schedule.Count % _settings.Devices);
            await _subscriber!.CommandAsync(device, Command(probe.Begin(), "read"), cancellation);
        }

        await WaitAsync(() => probe.Open == 0, _settings.Patience, cancellation);
    }

    async Task LeaveAsync(CancellationToken cancellation)
    {
        if (_settings.Keep)
            return;
        _generator.Deregister();
        await WaitAsync(() => _generator.Ended.IsCompleted, _settings.Patience, cancellation);
    }

    static string Command(long id, string type) => $$$"""{"reqID":{{{id}}},"msgType":"{{{type}}}","data":{"path":"/3303/0/5700"}}""";

    static long Micros(TimeSpan time) => (long)time.TotalMicroseconds;

    async Task WaitAsync(Func<bool> condition, TimeSpan patience, CancellationToken cancellation)
    {
        var end = _generator.Now + Micros(patience);
        while (!condition() && _generator.Now < end)
        {
            if (_generator.Ended.IsFaulted)
                await _generator.Ended;
            await Task.Delay(Step, cancellation);
        }
    }
}
