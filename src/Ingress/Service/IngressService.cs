using System.Diagnostics.Metrics;
using System.Globalization;
using Contracts;
using Contracts.Configuration;
using Google.Protobuf;
using Hosting;
using Ingress.Access;
using Ingress.Capture;
using Ingress.Forwarding;
using Ingress.Journal;
using Ingress.Registrations;
using Ingress.Security;
using Messaging;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Ingress.Service;

/// <summary>
/// Runs one Ingress: claims its slot, reads what the logs know, opens the listeners; at the end in the opposite order. The order at start is
/// that of design rules: the end of downlink is taken before the slot is claimed, so that no operation is handed to a claim that misses it.
/// </summary>
sealed partial class IngressService(
    KafkaConnection connection, LiveConfiguration live, ConfigReader config, IngressTelemetry telemetry, TimeProvider time, IHostApplicationLifetime lifetime, ILoggerFactory loggers)
    : BackgroundService, IReadiness, ILiveness
{
    static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);
    static readonly TimeSpan LongestNap = TimeSpan.FromMilliseconds(20);
    static readonly TimeSpan LongestTurn = TimeSpan.FromSeconds(30);

    // What is under way at the end has that long, and what Kafka has been handed as long again.
    static readonly TimeSpan Farewell = TimeSpan.FromSeconds(4);

    readonly ILogger _logger = loggers.CreateLogger("Ingress");
    readonly Topics _topics = new(live.Current.Kafka.TopicPrefix);
    readonly int _partitions = live.Current.Kafka.PartitionsOn(connection.Embedded);
    readonly int _slot = Slot.Of(live.Current.Ingress, Environment.GetEnvironmentVariable("POD_NAME"), live.Current.Kafka.SlotsOn(connection.Embedded));
    readonly CancellationTokenSource _timers = new();
    readonly Recorder _recorder = Recorder.Heeding(config, time, telemetry);
    readonly CredentialTopic? _credentialTopic = CredentialTopic.Of(live.Current.Credentials, telemetry, loggers.CreateLogger("Ingress"));
    CaptureWriter? _capture;
    LogProducer? _producer;
    LogReader? _sessions;
    LogReader? _registrations;
    LogReader? _downlink;
    LogReader? _instances;
    byte[] _key = [];
    LogReader? _credentialRecords;
    DtlsSessionTopic? _saved;
    CredentialFile? _credentialFile;
    CredentialServer? _credentialServer;
    SavedSessionJudge? _judge;
    Forwarder? _forwarder;
    Listeners? _listeners;
    Admission? _admission;
    DeviceGateway? _gateway;
    Thread? _timer;
    long _timerMs;
    volatile bool _isReady;
    volatile bool _isDraining;
    volatile bool _isReplaced;
    volatile string? _reason = "not started";
    Heartbeats? _heartbeats;
    Task _beating = Task.CompletedTask;

    public string Name => "ingress";

    public bool Ready => _isReady && !_isDraining;

    /// <summary>"draining": load balancers are to send devices elsewhere; whoever comes is served.</summary>
    public string? Reason => _isReady && _isDraining ? "draining" : _reason;

    /// <summary>A client has ended, or the timer thread has: what waits for a time would wait for ever.</summary>
    public string? Trouble =>
        _timer is not null && Environment.TickCount64 - Volatile.Read(ref _timerMs) > LongestTurn.TotalMilliseconds
            ? $"the timer thread has not gone round for {LongestTurn.TotalSeconds} s"
            : Liveness.FailureOf(Clients);

    // Where one of them ends, this process can do no more.
    Task?[] Clients =>
        [_producer?.Completion, _sessions?.Completion, _registrations?.Completion, _downlink?.Completion, _instances?.Completion, _credentialRecords?.Completion, _saved?.Completion, config.Completion];

    /// <summary>The listeners, once they are open.</summary>
    public IReadOnlyList<Sockets.UdpListener> Open => _listeners?.Open ?? [];

    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        _isReady = false;
        _reason = "stopping";
        await base.StopAsync(cancellationToken);
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await Task.Yield();
        try
        {
            var gateway = await StartAsync(live.Current.Ingress.TokenKey, stoppingToken);
            _reason = null;
            _isReady = true;
            LogReady(_slot, gateway.Epoch, string.Join(", ", Open.Select(l => $"{l.Name} {l.LocalEndPoint}")));
            await Task.WhenAny([.. Clients.OfType<Task>(), Task.Delay(-1, stoppingToken)]).Unwrap();
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
        }
        finally
        {
            _isReady = false;
            await EndAsync();
        }
    }

    async Task<Node> StartAsync(string? tokenKey, CancellationToken stopping)
    {
        if (tokenKey is null)
            LogPublicKey();
        _forwarder = OpenForwarder(tokenKey);
        var id = $"{_topics.Prefix}-ingress-{_slot}";
        // Clients connect from when they are made; nobody waits for them one by one.
        _producer = new LogProducer(connection, id, _logger);
        _downlink = new LogReader(connection, id + "-downlink", _logger);
        _sessions = new LogReader(connection, id + "-sessions", _logger);
        _registrations = new LogReader(connection, id + "-registrations", _logger);
        _instances = new LogReader(connection, id + "-instances", _logger);
        if (_credentialTopic is not null)
            _credentialRecords = new LogReader(connection, id + "-credentials", _logger);
        _saved = DtlsSessionTopic.Of(live.Current, connection, _producer, _topics, _slot, telemetry, time, _logger);
        _reason = "topics are being checked";
        await TopicProvisioning.EnsureAsync(connection, _topics.Specs(live.Current.Kafka, connection.Embedded), _logger, stopping);

        _reason = "the slot is being claimed";
        var configured = config.ReadAsync(stopping);
        _key = InstanceRecord.KeyOf("ingress", _slot.ToString(CultureInfo.InvariantCulture));
        var end = await _downlink.EndOffsetAsync(_topics.Downlink, _slot, Patience).WaitAsync(stopping);
        var start = new InstanceRecord
        {
            Kind = "start", Address = Environment.MachineName, HeartbeatMs = time.GetUtcNow().ToUnixTimeMilliseconds(), Forward = _forwarder?.Announced.ToString(),
        };
        var claim = await _producer.AppendAsync(_topics.Instances, 0, _key, start.ToJson(), null, stopping);
        _reason = "the configuration is being read";
        await configured;

        var node = MakeNode(tokenKey, claim.Offset);
        var gateway = _gateway = new DeviceGateway(node);
        _forwarder?.DoorOf = gateway.DoorOf;
        Observe(gateway);
        _instances.Start([new LogPosition(_topics.Instances, 0, LogPosition.Beginning)], record => ReadInstance(gateway, record, claim.Offset));

        _reason = "sessions are being read";
        await RestoreAsync(gateway, stopping);
        _downlink.Start([new LogPosition(_topics.Downlink, _slot, end)], record => Operate(gateway, record));

        if (_saved is not null)
            await _saved.RestoreAsync(_judge!, stopping);

        _reason = "listeners are being opened";
        Volatile.Write(ref _timerMs, Environment.TickCount64);
        _timer = new Thread(() => RunTimers(gateway)) { IsBackground = true, Name = "ingress timers" };
        _timer.Start();
        _capture = new CaptureWriter(
            _recorder.Queue, _topics, _listeners!.Names, new LocalAddresses(_listeners.LocalEndPointOf), () => new LogProducer(connection, id + "-capture", _logger), time);
        _capture.Start();
        _recorder.Follow(live.Current.Ingress.Capture);
        _listeners.Start(Threads(), gateway.Receive, gateway.Move);
        _saved?.Sessions.EndRestore();
        live.Changed += Follow;
        // What has changed since they were made.
        Follow(live.Current);
        _heartbeats = new Heartbeats(_producer, _topics, _key, start, claim.Offset, config, time, _logger)
        {
            Status = () => gateway.Fleet, IsReplaced = () => _isReplaced,
        };
        _beating = _heartbeats.RunAsync(_timers.Token);
        return node;
    }

    Node MakeNode(string? tokenKey, long epoch)
    {
        _credentialFile = new CredentialFile(() => live.Current.Credentials.File, time, _logger);
        _credentialServer = CredentialServer.Of(live.Current.Credentials, telemetry, time, _logger);
        var clock = new Clock(time);
        var log = new KafkaLog(_producer!, _sessions!, _topics, _partitions);
        var credentials = new Credentials(_credentialFile, _credentialTopic, _credentialServer);
        _listeners = new Listeners(live.Current.Lwm2m, _logger, new DtlsNeeds(credentials, telemetry, time, _logger, live.Current.Ingress.MaxSessions, _slot)
        {
            X509Endpoint = () => live.Current.Credentials.X509Endpoint,
            Forwarder = _forwarder,
            Failures = new FailedHandshakes(log, _topics, clock, telemetry, _slot, epoch),
            Saved = _saved?.Sessions,
        });
        _judge = new SavedSessionJudge(credentials, () => live.Current.Credentials.X509Endpoint, name => _listeners.IndexOf(name) >= 0);
        _admission = new Admission(live, telemetry, time, _logger);
        return new Node
        {
            Clock = clock,
            Random = Random.Shared,
            Log = log,
            Outlet = _listeners,
            Proofs = _listeners,
            Recorder = _recorder,
            Topics = _topics,
            Configuration = () => live.Current,
            Telemetry = telemetry,
            Identifiers = new Identifiers(tokenKey, _slot),
            Sessions = new SessionTable(_listeners.IndexOf, clock, Random.Shared),
            Listeners = _listeners.Names,
            Admission = _admission,
            Slot = _slot,
            Epoch = epoch,
        };
    }

    // Whoever knows the key could speak for any address.
    Forwarder? OpenForwarder(string? tokenKey)
    {
        if (live.Current.Ingress.Forward.Bind is null)
            return null;
        if (tokenKey is not null)
            return new Forwarder(live.Current.Ingress.Forward, tokenKey, _slot, telemetry, Environment.GetEnvironmentVariable("POD_IP"));
        LogNotForwarding();
        return null;
    }

    // A session is resumed once both what it is and what was announced of it are known.
    async Task RestoreAsync(DeviceGateway gateway, CancellationToken stopping)
    {
        _credentialRecords?.Start([new LogPosition(_topics.Credentials, 0, LogPosition.Beginning)], record => _credentialTopic!.Read(record));
        _registrations!.Start(FromBeginning(_topics.Registrations), record => gateway.ReadRegistration(record.Key, record.Value, record.Offset));
        _sessions!.Start(FromBeginning(_topics.Sessions), record => gateway.ReadSession(record.Key, record.Value));
        // Also what is wished of this slot is known before it says that it is ready.
        while (!_sessions.IsCaughtUp || !_registrations.IsCaughtUp || !_instances!.IsCaughtUp || _credentialRecords is { IsCaughtUp: false })
            await Task.Delay(TimeSpan.FromMilliseconds(10), time, stopping);
        gateway.Resume();
    }

    List<LogPosition> FromBeginning(string topic) => [.. Enumerable.Range(0, _partitions).Select(p => new LogPosition(topic, p, LogPosition.Beginning))];

    void Follow(GatewayConfiguration configuration)
    {
        _recorder.Follow(configuration.Ingress.Capture);
        _listeners!.Follow(configuration.Lwm2m);
    }

    int Threads() => live.Current.Ingress.ReceiveThreads is > 0 and var threads ? threads : Math.Max(1, Environment.ProcessorCount / 2);

    void Operate(DeviceGateway gateway, LogRecord record)
    {
        if (record.Value is null)
            return;
        try
        {
            gateway.Operate(DownlinkOperation.Parser.ParseFrom(record.Value));
        }
        catch (InvalidProtocolBufferException e)
        {
            LogUnreadable(record.Offset, e.Message);
        }
    }

    void ReadInstance(DeviceGateway gateway, LogRecord record, long epoch)
    {
        gateway.ReadInstance(record.Key, record.Value, record.Offset);
        StopWhenReplaced(record, epoch);
        if (gateway.Fleet.IsDraining == _isDraining)
            return;
        _isDraining = !_isDraining;
        _heartbeats?.Beat();
    }

    void StopWhenReplaced(LogRecord record, long epoch)
    {
        if (!record.Key.AsSpan().SequenceEqual(_key)
            || !InstanceRecord.TryParse(record.Value, out var instance) || instance!.EpochClaimed(record.Offset) is not { } claimed || claimed <= epoch)
            return;
        _isReplaced = true;
        LogReplaced(_slot, claimed, epoch);
        lifetime.StopApplication();
    }

    void RunTimers(DeviceGateway gateway)
    {
        while (!_timers.IsCancellationRequested)
        {
            Volatile.Write(ref _timerMs, Environment.TickCount64);
            var next = Math.Clamp(gateway.OnTimer(), 1, (long)LongestNap.TotalMilliseconds);
            _timers.Token.WaitHandle.WaitOne((int)next);
        }
    }

    void Observe(DeviceGateway gateway)
    {
        telemetry.Meter.CreateObservableGauge("sessions", () => gateway.Levels().Sessions, description: "Endpoints known, of all slots.");
        telemetry.Meter.CreateObservableGauge("registrations", () => gateway.Levels().Live, description: "Live registrations known, of all slots.");
        telemetry.Meter.CreateObservableGauge("registrations_owned", () => gateway.Fleet.Registrations, description: "Live registrations that this slot owns.");
        telemetry.Meter.CreateObservableGauge("draining", () => gateway.Fleet.IsDraining ? 1 : 0, description: "1 where this slot is to be emptied.");
        telemetry.Meter.CreateObservableGauge("slots_dead", () => gateway.Fleet.DeadSlots, description: "Dead slots whose registrations are looked after here.");
        telemetry.Meter.CreateObservableGauge("messages_remembered", () => gateway.Levels().Messages, description: "Messages known against repetition.");
        telemetry.Meter.CreateObservableCounter("messages_evicted", () => gateway.Levels().Evicted, description: "Messages forgotten before their time because too many were known.");
        telemetry.Meter.CreateObservableCounter("send_failures", () => _listeners!.SendFailures, description: "Datagrams that the kernel did not take.");
        telemetry.Meter.CreateObservableGauge("dtls_sessions", () => _listeners!.Secure.Sum(l => l.Sessions), description: "DTLS sessions.");
        telemetry.Meter.CreateObservableGauge("dtls_handshakes_open", () => _listeners!.Secure.Sum(l => l.Handshakes), description: "DTLS handshakes under way.");
        telemetry.Meter.CreateObservableGauge("dtls_resumable", () => _listeners!.Secure.Sum(l => l.Resumable), description: "DTLS sessions that may be taken up again with a short handshake.");
        telemetry.Meter.CreateObservableGauge("dtls_sessions_written", () => _saved?.Sessions.Count ?? 0, description: "DTLS sessions that stand on the topic dtls.");
        telemetry.Meter.CreateObservableGauge("forward_slots", () => gateway.Doors, description: "Other slots that live and take records of their DTLS sessions.");
        telemetry.Meter.CreateObservableGauge("credentials", CountCredentials, description: "Credentials that are known, by where they came from.");
        if (live.Current.Lwm2m.EnableStats)
            ListenerMetrics.Observe(telemetry.Meter, () => Open);
        telemetry.Meter.CreateObservableGauge("newcomers", () => gateway.Levels().Newcomers, description: "Peers without a registration that are remembered.");
        telemetry.Meter.CreateObservableGauge("arrivals_waiting", () => gateway.ArrivalsWaiting, description: "New peers that were told when to come (max_conn_rate).");
        telemetry.Meter.CreateObservableGauge("admissions_open", () => gateway.Levels().Asking, description: "Registers that somebody is being asked about.");
        telemetry.Meter.CreateObservableGauge("outcomes_waiting", () => gateway.Levels().Outcomes, description: "Ends of commands that Kafka has not taken yet.");
    }

    IEnumerable<Measurement<int>> CountCredentials() =>
        [new(_credentialFile?.Current.Count ?? 0, Source("file")), new(_credentialTopic?.Count ?? 0, Source("kafka")), new(_credentialServer?.Count ?? 0, Source("http"))];

    static KeyValuePair<string, object?> Source(string source) => new("source", source);

    // Intake first, then what is under way, then the way out: what Kafka takes until the end is acknowledged to the device.
    async Task EndAsync()
    {
        live.Changed -= Follow;
        _downlink?.Dispose();
        _gateway?.Stop();
        await FinishAsync();
        _producer?.Flush(Farewell);
        // Who leaves for good has no successor: its devices are told.
        if (_saved is not null && _gateway is { Fleet.IsDraining: false } && _listeners is not null)
            await _saved.Sessions.SaveAsync(_listeners.Secure.SelectMany(l => l.Freeze()));
        _listeners?.Dispose();
        if (_saved is not null)
            await _saved.Sessions.DisposeAsync();
        _forwarder?.Dispose();
        _credentialFile?.Dispose();
        _credentialServer?.Dispose();
        if (_capture is not null)
            await _capture.DisposeAsync();
        _admission?.Dispose();
        await _timers.CancelAsync();
        _timer?.Join();
        _timer = null;
        await _beating;
        _producer?.Flush(_saved is null ? TimeSpan.FromSeconds(1) : Farewell);
        _saved?.Dispose();
        _sessions?.Dispose();
        _registrations?.Dispose();
        _instances?.Dispose();
        _credentialRecords?.Dispose();
        _producer?.Dispose();
    }

    async Task FinishAsync()
    {
        if (_gateway is not { } gateway)
            return;
        var began = time.GetTimestamp();
        while (!gateway.HasFinished && time.GetElapsedTime(began) < Farewell)
            await Task.Delay(TimeSpan.FromMilliseconds(10), time);
    }

    public override void Dispose()
    {
        _timers.Dispose();
        base.Dispose();
    }

    [LoggerMessage(1, LogLevel.Information, "Slot {Slot}, epoch {Epoch}: devices are heard on {Listeners}")]
    partial void LogReady(int slot, long epoch, string listeners);

    [LoggerMessage(2, LogLevel.Warning, "ingress.token_key is not set: registration ids and tokens are checked with a key that everybody knows")]
    partial void LogPublicKey();

    [LoggerMessage(3, LogLevel.Error, "Slot {Slot} was claimed by another process (epoch {Claimed}, ours is {Epoch}): this one stops")]
    partial void LogReplaced(int slot, long claimed, long epoch);

    [LoggerMessage(4, LogLevel.Error, "The operation at offset {Offset} of downlink cannot be read: {Reason}")]
    partial void LogUnreadable(long offset, string reason);

    [LoggerMessage(5, LogLevel.Warning, "ingress.token_key is not set: ingress.forward is passed over, and records of DTLS sessions of other replicas are dropped")]
    partial void LogNotForwarding();
}
