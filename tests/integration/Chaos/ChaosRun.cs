using System.Globalization;
using Pipeline.IntegrationTests.Chaos.Events;
using Pipeline.IntegrationTests.Chaos.Faults;
using Pipeline.IntegrationTests.Chaos.Fleet;
using Pipeline.IntegrationTests.Chaos.Ledgers;
using Pipeline.IntegrationTests.Gateways;

namespace Pipeline.IntegrationTests.Chaos;

/// <summary>Load, faults and verdict.</summary>
sealed class ChaosRun : IAsyncDisposable
{
    static readonly TimeSpan Enrolling = TimeSpan.FromMinutes(5);
    static readonly TimeSpan WarmUp = TimeSpan.FromSeconds(3);

    // Repetitions may come late; that they come at all is worth knowing.
    static readonly TimeSpan Aftermath = TimeSpan.FromSeconds(2);

    /// <summary>Of the 93 s that a device tries, in milliseconds: after that it sends at most once more.</summary>
    const long KafkaAwayTooLong = 30_000;

    /// <summary>Of what comes drop by drop, in milliseconds.</summary>
    const long LongestSettling = 15 * 60_000;

    readonly ChaosSettings _settings;
    readonly Action<string> _tell;
    readonly Findings _findings;
    readonly UplinkLedger _uplink;
    readonly CommandLedger _commands;
    readonly List<FaultRecord> _faults = [];
    readonly ChaosGateway _gateway;
    readonly Rotation _rotation;
    readonly ChaosFleet _fleet;
    readonly Supervisor _supervisor;
    readonly KafkaEvents _onKafka;
    readonly MqttEvents _onMqtt;
    readonly CommandSource _source;
    long _reportedFrom;

    ChaosRun(ChaosSettings settings, ChaosGateway gateway, Action<string> tell)
    {
        (_settings, _gateway, _tell) = (settings, gateway, tell);
        _findings = new Findings { Tell = tell };
        _uplink = new UplinkLedger(settings.Devices, _findings);
        _commands = new CommandLedger(_findings);
        _rotation = new Rotation(gateway.Coap);
        _fleet = new ChaosFleet(
            new FleetSettings { Devices = settings.Devices, EventsPerSecond = settings.EventsPerSecond, Seed = settings.Seed },
            _rotation, _uplink, _commands, _findings);
        var audit = new Audit(
            _uplink, _commands, _findings, endpoint => ChaosFleet.DeviceOf(endpoint) is var d && d < settings.Devices ? d : -1, () => _fleet.Now);
        _supervisor = new Supervisor(gateway.All, () => _fleet.Now);
        _onKafka = new KafkaEvents(gateway.Kafka.BootstrapServers, gateway.Topics, gateway.Partitions, audit);
        _onMqtt = new MqttEvents(gateway.Mosquitto.Port, audit);
        _source = new CommandSource(_onMqtt, gateway.Kafka.BootstrapServers, gateway.Topics, _commands, settings.Devices, settings.Seed);
    }

    /// <param name="folder">For what the processes say.</param>
    public static async Task<ChaosReport> PlayAsync(ChaosSettings settings, IReadOnlyList<Fault> plan, string folder, Action<string> tell)
    {
        await using var gateway = await ChaosGateway.StartAsync(settings, folder);
        await using var run = new ChaosRun(settings, gateway, tell);
        return await run.PlayAsync([.. plan.Where(fault => fault.Name.Contains(settings.Only, StringComparison.OrdinalIgnoreCase))]);
    }

    public async ValueTask DisposeAsync()
    {
        await _supervisor.DisposeAsync();
        await _source.DisposeAsync();
        _fleet.Dispose();
        await _onMqtt.DisposeAsync();
        _onKafka.Dispose();
    }

    async Task<ChaosReport> PlayAsync(IReadOnlyList<Fault> plan)
    {
        await _onMqtt.Subscribed;
        _fleet.Start();
        await Eventually.TrueAsync(
            () => _fleet.Counters.Observed == _settings.Devices, Enrolling, () => $"{_fleet.Counters.Registered} are registered, {_fleet.Counters.Observed} observed");
        using var telling = new Timer(_ => _tell(Progress()), null, TimeSpan.Zero, TimeSpan.FromSeconds(_settings.Progress));
        var from = _fleet.Now;
        _reportedFrom = from;
        _fleet.Report();
        _source.Start(_settings.CommandsPerSecond);
        await Task.Delay(WarmUp);
        for (var i = 0; i < _settings.Faults || _fleet.Now - from < _settings.Seconds * 1000; i++)
            await PlayAsync(plan[i % plan.Count]);
        await _source.StopAsync();
        _fleet.Rest();
        await SettleAsync();
        _tell(Progress());
        return Report(TimeSpan.FromMilliseconds(_fleet.Now - from));
    }

    async Task PlayAsync(Fault fault)
    {
        var record = new FaultRecord(fault.Name) { At = _fleet.Now, Until = long.MaxValue / 2 };
        _faults.Add(record);
        _tell($"{Clock(record.At)} {fault.Name}");
        var scene = new FaultScene(_gateway, _fleet, _rotation, _supervisor, _findings, record, _source);
        try
        {
            await fault.PlayAsync(scene);
            await scene.AllReadyAsync();
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            _findings.Add(FindingKind.ServiceFailed, $"{fault.Name} at {record.At} ms: {e}");
        }

        record.Until = _fleet.Now;
        if (record.InFlight == 0)
            _findings.Add(FindingKind.NothingInFlight, $"{fault.Name} at {record.At} ms");
        _tell($"{Clock(record.Until)} all there again; {record.InFlight} {record.Of} were in flight"
            + (record.OwnershipRestored is { } restored ? $", ownership was restored after {restored} ms" : ""));
        var rest = record.At + _settings.Pace * 1000 - _fleet.Now;
        if (rest > 0)
            await Task.Delay((int)rest);
    }

    // Nothing acknowledged is missing, and no accepted command is open. However slow the machine is, what still comes is waited for; what is lost never comes.
    async Task SettleAsync()
    {
        var startedAt = _fleet.Now;
        var (least, since) = (long.MaxValue, startedAt);
        while (_fleet.Now - since < _settings.Settling * 1000 && _fleet.Now - startedAt < LongestSettling)
        {
            var open = _commands.Unanswered + _uplink.Missing(Outlet.Kafka) + _uplink.Missing(Outlet.Mqtt) + _fleet.Left;
            if (open == 0)
                break;
            if (open < least)
                (least, since) = (open, _fleet.Now);
            await Task.Delay(200);
        }

        await Task.Delay(Aftermath);
    }

    // No gateway can answer while its log is away, and devices do not try for ever. It is away until all say that they can work again.
    bool IsExcused(GivenUp lost) => _faults.Any(fault =>
        fault.KafkaWasAway && Math.Min(fault.Until, lost.At) - Math.Max(fault.At, lost.From) > KafkaAwayTooLong);

    ChaosReport Report(TimeSpan lasted)
    {
        // Where nine processes and their brokers start at once, a group may lose its members: the start is the first fault.
        _uplink.Close([new FaultWindow(0, _reportedFrom), .. _faults.Select(fault => fault.Window)]);
        _commands.Close();
        var excused = _fleet.GivenUp.Where(IsExcused).Count();
        foreach (var lost in _fleet.GivenUp.Where(lost => !IsExcused(lost)))
            _findings.Add(FindingKind.Unanswered, $"device {lost.Device} gave up its {lost.Exchange} number {lost.Number}, from {lost.From} to {lost.At} ms ({lost.History})");
        using (var dead = new GroupProgress(_gateway.Kafka.BootstrapServers, "chaos-reader", _gateway.Topics.DeadLetters, _gateway.Partitions))
        {
            if (dead.Written() is var count and > 0)
                _findings.Add(FindingKind.DeadLettered, $"{count} records");
        }

        return new ChaosReport
        {
            Settings = _settings,
            Lasted = lasted,
            Faults = _faults,
            Ends = _commands.Ends,
            EndedByThemselves = _supervisor.Ended,
            Findings = _findings,
            Figures =
            [
                new("messages sent by devices", _uplink.Sent),
                new("acknowledged to them", _uplink.Acknowledged),
                new("events of them on Kafka", _uplink.Arrived(Outlet.Kafka)),
                new("events of them on MQTT", _uplink.Arrived(Outlet.Mqtt)),
                new("repeated on Kafka, with the same id", _uplink.Repeated(Outlet.Kafka)),
                new("of these, told by two replicas that their devices had turned to", _uplink.ToldByTwo(Outlet.Kafka)),
                new("repeated on MQTT, with the same id", _uplink.Repeated(Outlet.Mqtt)),
                new("commands given", _commands.Given),
                new("commands accepted", _commands.Accepted),
                new("outcomes repeated, with the same id", _commands.Repeated),
                new("requests that devices were sent", _fleet.Counters.Requests),
                new("retransmissions by devices", _fleet.Counters.Retransmissions),
                new("datagrams lost on purpose", _fleet.Counters.Lost),
                new("times a device was told 5.03", _fleet.Counters.SentAway),
                new("devices that gave up because Kafka was away too long", excused),
                new("services that ended by themselves", _supervisor.Ended.Count),
            ],
        };
    }

    string Progress() => string.Create(CultureInfo.InvariantCulture,
        $"{Clock(_fleet.Now)} fault {_faults.Count}; {_uplink.Sent} sent, {_uplink.Acknowledged} acknowledged ({_fleet.UnderWay()} under way), "
        + $"{_uplink.Arrived(Outlet.Kafka)} on Kafka, {_uplink.Arrived(Outlet.Mqtt)} on MQTT; commands {_commands.Given} given, {_commands.Accepted} accepted, "
        + $"{_commands.Unanswered} open; found: {(_findings.Any ? _findings.Brief : "nothing")}");

    static string Clock(long milliseconds) => TimeSpan.FromMilliseconds(milliseconds).ToString(@"hh\:mm\:ss", CultureInfo.InvariantCulture);
}
