using Contracts;
using Contracts.Configuration;
using Egress.Mqtt;
using Egress.Publishing;
using Egress.Relay;
using Hosting;
using Messaging;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Egress;

/// <summary>Kafka events to MQTT, MQTT commands to Kafka. One member of the group that shares the events topic; the member with partition 0 relays commands.</summary>
internal sealed class EgressService : BackgroundService, IGroupHandler
{
    private static readonly TimeSpan s_drain = TimeSpan.FromSeconds(10);

    private readonly KafkaConnection _kafka;
    private readonly ILogger<EgressService> _logger;
    private readonly Topics _topics;
    private readonly LiveConfiguration _live;
    private readonly ConfigReader _config;
    private readonly EgressTelemetry _telemetry;
    private readonly TimeProvider _time;
    private readonly MqttBroker _broker;
    private readonly string _client;
    private readonly LogProducer _producer;
    private readonly CommandRelay _relay;
    private readonly PublishedTail _tail;
    private readonly GroupConsumer _consumer;
    private volatile EventPublisher? _publisher;

    public EgressService(
        KafkaConnection kafka, MqttOptions mqtt, LiveConfiguration live, ConfigReader config, EgressTelemetry telemetry, TimeProvider time, ILogger<EgressService> logger)
    {
        (_kafka, _logger, _topics) = (kafka, logger, new Topics(kafka.Options.TopicPrefix));
        (_live, _config, _telemetry, _time) = (live, config, telemetry, time);
        _broker = MqttBroker.From(mqtt);
        _client = mqtt.ClientId ?? kafka.Options.TopicPrefix;
        _producer = new LogProducer(kafka, "egress", logger);
        var extra = new ExtraSubscriptions(telemetry, logger);
        config.Other += extra.Take;
        _relay = new CommandRelay(kafka, _producer, _broker, $"{_client}-relay", live, config, extra, telemetry, time, logger);
        _tail = new PublishedTail(kafka, logger);
        _consumer = new GroupConsumer(kafka, _topics.EgressGroup, "egress", [_topics.Events], this, EventPublisher.MaxInFlightPerPartition, logger);
    }

    /// <summary>Why events are not consumed; null = they are.</summary>
    public string? ConsumerTrouble => _consumer.Assigned ? null : "no partitions assigned yet";

    /// <summary>Why events cannot be published; null = they can.</summary>
    public string? PublisherTrouble => _publisher is { } publisher ? publisher.Trouble : "the configuration is being read";

    /// <summary>Why commands are not relayed although this replica should; null = all is well.</summary>
    public string? RelayTrouble => _relay.Trouble;

    /// <summary>What a Kafka client has ended with; null: all live.</summary>
    public string? Failure => Liveness.FailureOf(_consumer.Completion, _producer.Completion, _relay.Completion, _config.Completion);

    Task IGroupHandler.AssignedAsync(IReadOnlyList<TopicPartition> partitions, CancellationToken ct)
    {
        var fresh = _publisher!.Hold(partitions.Select(partition => partition.Partition));
        if (partitions.Any(partition => partition.Partition == 0))
        {
            _relay.Hold();
        }

        return _tail.FillAsync(
            _topics.Events, fresh.Select(held => (held.Key, _consumer.CommittedOf(new TopicPartition(_topics.Events, held.Key)), held.Value.Recent)), ct);
    }

    void IGroupHandler.Revoking(IReadOnlyList<TopicPartition> partitions) => _publisher!.Finish(partitions.Select(partition => partition.Partition));

    // Somebody else may relay by now, and two must not.
    void IGroupHandler.Suspended(IReadOnlyList<TopicPartition> partitions)
    {
        if (partitions.Any(partition => partition.Partition == 0))
        {
            _relay.LetGo();
        }
    }

    void IGroupHandler.Revoked(IReadOnlyList<TopicPartition> partitions)
    {
        _publisher!.LetGo([.. partitions.Select(partition => partition.Partition)]);
        if (partitions.Any(partition => partition.Partition == 0))
        {
            _relay.LetGo();
        }
    }

    void IGroupHandler.Handle(LogRecord record) => _publisher!.Publish(record);

    public override void Dispose()
    {
        _consumer.Dispose();
        _producer.Dispose();
        _publisher?.Dispose();
        _relay.Dispose();
        base.Dispose();
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await TopicProvisioning.EnsureAsync(_kafka, _topics.Specs(_kafka.Options, _kafka.Embedded), _logger, stoppingToken);
        await _config.ReadAsync(stoppingToken);
        await using var heartbeat = InstanceHeartbeat.Begin(_producer, _topics, "egress", _config, _time, () => _relay.ConfigOffset);
        _relay.Applied += heartbeat.Beat;
        using var working = new CancellationTokenSource();
        var publisher = Publisher();
        var publishing = publisher.RunAsync(working.Token);
        _publisher = publisher;
        _consumer.Start();
        var over = await Task.WhenAny(
            Stopping(stoppingToken), publishing, _consumer.Completion, _producer.Completion, _relay.Completion, _config.Completion);

        // In the order of the journey: take nothing more, finish what is under way, commit; the relay leaves with the partitions.
        await _consumer.StopAsync(s_drain);
        await working.CancelAsync();
        await publishing;
        await over;
    }

    // Made when the configuration is whole.
    private EventPublisher Publisher() =>
        new(_broker, $"{_client}-egress-{Instance()}", _live.Current.Egress, _producer, _topics, _telemetry, _time, _logger)
        {
            Done = record => _consumer.Done(record.Topic, record.Partition, record.Offset),
        };

    private static Task Stopping(CancellationToken ct)
    {
        var stopping = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        ct.UnsafeRegister(static source => ((TaskCompletionSource)source!).TrySetResult(), stopping);
        return stopping.Task;
    }

    // Two processes with one client id would throw each other out.
    private static string Instance() =>
        $"{Environment.GetEnvironmentVariable("POD_NAME") ?? Environment.MachineName}-{Random.Shared.Next(0x10000):x4}";
}
