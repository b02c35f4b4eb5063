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
    private readonly LogProducer _producer;
    private readonly EventPublisher _publisher;
    private readonly CommandRelay _relay;
    private readonly GroupConsumer _consumer;

    public EgressService(KafkaConnection kafka, MqttOptions mqtt, LiveConfiguration live, EgressTelemetry telemetry, TimeProvider time, ILogger<EgressService> logger)
    {
        (_kafka, _logger, _topics) = (kafka, logger, new Topics(kafka.Options.TopicPrefix));
        var broker = MqttBroker.From(mqtt);
        var client = mqtt.ClientId ?? kafka.Options.TopicPrefix;
        _producer = new LogProducer(kafka, "egress", logger);
        _publisher = new EventPublisher(broker, $"{client}-egress-{Instance()}", live.Current.Egress, _producer, _topics, telemetry, time, logger);
        _relay = new CommandRelay(kafka, _producer, broker, $"{client}-relay", live, telemetry, time, logger);
        _consumer = new GroupConsumer(kafka, _topics.EgressGroup, "egress", [_topics.Events], this, EventPublisher.MaxInFlightPerPartition, logger);
        _publisher.Done = record => _consumer.Done(record.Topic, record.Partition, record.Offset);
    }

    /// <summary>Why events are not consumed; null = they are.</summary>
    public string? ConsumerTrouble => _consumer.Assigned ? null : "no partitions assigned yet";

    /// <summary>Why events cannot be published; null = they can.</summary>
    public string? PublisherTrouble => _publisher.Trouble;

    /// <summary>Why commands are not relayed although this replica should; null = all is well.</summary>
    public string? RelayTrouble => _relay.Trouble;

    Task IGroupHandler.AssignedAsync(IReadOnlyList<TopicPartition> partitions, CancellationToken ct)
    {
        _publisher.Hold(partitions.Select(partition => partition.Partition));
        if (partitions.Any(partition => partition.Partition == 0))
        {
            _relay.Hold();
        }

        return Task.CompletedTask;
    }

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
        _publisher.LetGo([.. partitions.Select(partition => partition.Partition)]);
        if (partitions.Any(partition => partition.Partition == 0))
        {
            _relay.LetGo();
        }
    }

    void IGroupHandler.Handle(LogRecord record) => _publisher.Publish(record);

    public override void Dispose()
    {
        _consumer.Dispose();
        _producer.Dispose();
        _publisher.Dispose();
        _relay.Dispose();
        base.Dispose();
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await TopicProvisioning.EnsureAsync(_kafka, _topics.Specs(_kafka.Options, _kafka.Embedded), _logger, stoppingToken);
        using var working = new CancellationTokenSource();
        var publishing = _publisher.RunAsync(working.Token);
        _consumer.Start();
        var over = await Task.WhenAny(Stopping(stoppingToken), publishing, _consumer.Completion, _producer.Completion, _relay.Completion);

        // In the order of the journey: take nothing more, finish what is under way, commit; the relay leaves with the partitions.
        await _consumer.StopAsync(s_drain);
        await working.CancelAsync();
        await publishing;
        await over;
    }

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
