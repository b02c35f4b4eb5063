using System.Text;
using Contracts;
using Dashboard.Clients;
using Dashboard.Commands;
using Dashboard.Events;
using Dashboard.Gateways;
using Dashboard.Http;
using Dashboard.Results;
using Google.Protobuf;
using Hosting;
using Messaging;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Dashboard;

/// <summary>
/// The management API. It reads the topics as any outsider may, keeps of them what it is asked for, and writes commands and settings.
/// Every replica reads everything.
/// </summary>
sealed class DashboardService : BackgroundService
{
    /// <summary>So many events of each partition are read again at the start, for the last results.</summary>
    const int EventsRead = 2000;

    static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    readonly KafkaConnection _kafka;
    readonly ConfigReader _configReader;
    readonly DashboardTelemetry _telemetry;
    readonly TimeProvider _time;
    readonly ILogger _logger;
    readonly Topics _topics;
    readonly int _partitions;
    readonly LogProducer _producer;
    readonly LogReader _state;
    readonly LogReader _events;
    readonly ClientTable _clients = new();
    readonly OpenCommands _commands = new();
    readonly OutcomeWaiting _waiting = new();
    readonly ConfigTable _config = new();
    readonly InstanceTable _instances;
    readonly ResultTable _results;
    readonly EventHub _hub;
    readonly EventIntake _intake;
    readonly ConfigWriter _configWriter;
    volatile bool _isReading;

    public DashboardService(
        KafkaConnection kafka, LiveConfiguration live, ConfigReader configReader, DashboardTelemetry telemetry, TimeProvider time,
        IHostApplicationLifetime lifetime, ILoggerFactory loggers)
    {
        (_kafka, _configReader, _telemetry, _time, _logger) = (kafka, configReader, telemetry, time, loggers.CreateLogger<DashboardService>());
        _topics = new Topics(kafka.Options.TopicPrefix);
        _partitions = kafka.Options.PartitionsOn(kafka.Embedded);
        _producer = new LogProducer(kafka, "dashboard", _logger);
        _state = new LogReader(kafka, "dashboard-state", _logger);
        _events = new LogReader(kafka, "dashboard-events", _logger);
        _instances = new InstanceTable(time);
        _results = new ResultTable(() => telemetry.ResultsEvicted.Add(1));
        _hub = new EventHub(_partitions);
        _intake = new EventIntake(_hub, _waiting, _commands, _results);
        _configWriter = new ConfigWriter(_producer, _state, _topics, _instances, time);

        var streams = new EventStreams(_hub, kafka, _topics, telemetry, time, loggers.CreateLogger<EventStreams>(), lifetime.ApplicationStopping);
        Observe(streams);
        var keys = new ApiKeys(live.Current.Http.ApiKeys, telemetry, time);
        Door = new ApiDoor(keys, RoutesOf(live, streams, time), () => Trouble, telemetry, loggers.CreateLogger<ApiDoor>());
    }

    /// <summary>What requests come to.</summary>
    public ApiDoor Door { get; }

    /// <summary>Why nothing can be said of devices yet; null = it can.</summary>
    public string? Trouble =>
        !_isReading ? "not connected to Kafka yet" :
        !_state.IsCaughtUp ? "registrations and operations are still being read" :
        !_events.IsCaughtUp ? "the newest events are still being read" :
        null;

    /// <summary>What a Kafka client has ended with; null: all live.</summary>
    public string? Failure => Liveness.FailureOf(_state.Completion, _events.Completion, _producer.Completion, _configReader.Completion);

    public override void Dispose()
    {
        _state.Dispose();
        _events.Dispose();
        _producer.Dispose();
        _configWriter.Dispose();
        base.Dispose();
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await TopicProvisioning.EnsureAsync(_kafka, _topics.Specs(_kafka.Options, _kafka.Embedded), _logger, stoppingToken);
        await _configReader.ReadAsync(stoppingToken);
        await using var heartbeat = InstanceHeartbeat.Begin(_producer, _topics, "dashboard", _configReader, _time);
        var partitions = Enumerable.Range(0, _partitions);
        _state.Start(
            [
                Beginning(_topics.Instances, 0), Beginning(_topics.Config, 0),
                .. partitions.SelectMany(p => new[] { Beginning(_topics.Registrations, p), Beginning(_topics.Operations, p) }),
            ],
            Fold);
        var from = await Task.WhenAll(partitions.Select(FirstEventAsync));
        foreach (var position in from)
            _hub.Begin(position.Partition, position.Offset);
        _events.Start(from, _intake.Take);
        _isReading = true;
        try
        {
            await Task.WhenAny(
                _state.Completion, _events.Completion, _producer.Completion, _configReader.Completion, Task.Delay(Timeout.Infinite, stoppingToken)).Unwrap();
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // Commands that were answered with 204 are in Kafka already: nothing is left to do.
        }
    }

    static LogPosition Beginning(string topic, int partition) => new(topic, partition, LogPosition.Beginning);

    async Task<LogPosition> FirstEventAsync(int partition)
    {
        var end = await _events.EndOffsetAsync(_topics.Events, partition, Patience);
        var beginning = await _events.BeginningOffsetAsync(_topics.Events, partition, Patience);
        return new LogPosition(_topics.Events, partition, Math.Max(beginning, end - EventsRead));
    }

    void Fold(LogRecord record)
    {
        var isRead = record.Topic == _topics.Registrations ? FoldRegistration(record)
            : record.Topic == _topics.Operations ? FoldOperation(record)
            : record.Topic == _topics.Instances ? FoldInstance(record)
            : _config.Fold(Encoding.UTF8.GetString(record.Key), record.Value);
        if (!isRead)
            _telemetry.Unreadable(record.Topic);
    }

    bool FoldRegistration(LogRecord record)
    {
        RegistrationRecord? registration = null;
        if (record.Value is not null && !RegistrationRecord.TryParse(record.Value, out registration))
            return false;
        _clients.Fold(Encoding.UTF8.GetString(record.Key), registration);
        return true;
    }

    bool FoldOperation(LogRecord record)
    {
        try
        {
            if (_commands.Fold(record.Key, record.Value) is ({ } endpoint, { } command))
                _results.Asked(endpoint, command.Path, command.MsgType, command.Id, command.AcceptedAt);
            return true;
        }
        catch (InvalidProtocolBufferException)
        {
            return false;
        }
    }

    bool FoldInstance(LogRecord record)
    {
        // What is wanted of an instance is none.
        if (SlotWish.TryParseKey(record.Key, out _))
            return true;
        InstanceRecord? instance = null;
        if (record.Value is not null && !InstanceRecord.TryParse(record.Value, out instance))
            return false;
        _instances.Fold(Encoding.UTF8.GetString(record.Key), instance);
        return true;
    }

    List<ApiRoute> RoutesOf(LiveConfiguration live, EventStreams streams, TimeProvider time)
    {
        var definitions = new Definitions(live, time);
        var finder = new ClientFinder(_clients, _state, _topics, _partitions);
        var writer = new CommandWriter(_producer, _topics, _waiting, _telemetry, time);
        var settings = new Lwm2mSettings(live, _config, _configWriter, _state, _topics);
        var mountpoints = new ClientMountpoints(live);
        var listeners = new ListenerView(settings, _instances, _clients);
        List<ApiRoute> routes = [];
        routes.AddRange(new GatewayRoutes(settings, listeners, _instances, _clients).Routes);
        routes.AddRange(new ListenerRoutes(settings, listeners).Routes);
        routes.AddRange(new AuthenticationRoutes(settings, listeners).Routes);
        foreach (var kind in new[] { WishKind.Capture, WishKind.Watch })
            routes.AddRange(new WishRoutes(kind, live, _config, _configWriter, time).Routes);
        routes.AddRange(new ClientRoutes(_clients, finder, mountpoints, _commands, _config, _results, definitions, writer, time).Routes);
        routes.AddRange(new SubscriptionRoutes(finder, mountpoints, settings, _config, _configWriter, _state, _topics).Routes);
        routes.AddRange(new CommandRoutes(finder, writer, _results, definitions, time).Routes);
        routes.AddRange(new QueueRoutes(finder, writer, _commands).Routes);
        routes.AddRange(new EventRoutes(streams, finder).Routes);
        routes.Add(new ApiRoute("GET", "openapi.json", "This document.", _ => Task.FromResult(ApiAnswer.Json(200, OpenApiDocument.Of(routes))))
        {
            NeedsState = false,
            Answers = [(200, "OpenAPI 3.1.")],
        });
        return routes;
    }

    void Observe(EventStreams streams)
    {
        _telemetry.Observe("clients", "Registered clients.", () => _clients.Count);
        _telemetry.Observe("open_commands", "Commands without outcome.", () => _commands.Count);
        _telemetry.Observe("open_commands_left_out", "Commands that the table had no room for.", () => _commands.LeftOut);
        _telemetry.Observe("waiting", "Requests that wait for an outcome.", () => _waiting.Count);
        _telemetry.Observe("results", "Recorded results.", () => _results.Count);
        _telemetry.Observe("results_bytes", "Bytes of the recorded results.", () => _results.Bytes);
        _telemetry.Observe("streams", "Open event streams.", () => streams.Count);
    }
}
