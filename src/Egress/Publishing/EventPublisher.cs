using Contracts;
using Contracts.Configuration;
using Egress.Mqtt;
using Messaging;
using Microsoft.Extensions.Logging;

namespace Egress.Publishing;

/// <summary>
/// Takes events as the consumer hands them out and spreads them over the connections, those of one device always on the same one.
/// <see cref="Done"/> says what is over; the consumer commits the contiguous prefix.
/// </summary>
internal sealed class EventPublisher : IPublicationSink, IDisposable
{
    /// <summary>Records of one partition that are handed out at once. Bounds the memory of all queues here.</summary>
    public const int MaxInFlightPerPartition = 512;

    private static readonly TimeSpan s_quietBound = TimeSpan.FromSeconds(1);

    private readonly PublishConnection[] _connections;
    private readonly DeadLetters _deadLetters;
    private readonly EgressTelemetry _telemetry;
    private readonly int _minQos;
    private Dictionary<int, PartitionLease> _leases = [];

    public EventPublisher(
        MqttBroker broker, string clientIdPrefix, EgressOptions options, LogProducer producer, Topics topics, EgressTelemetry telemetry, TimeProvider time, ILogger logger)
    {
        (_minQos, _telemetry) = (options.MinQos, telemetry);
        _deadLetters = new DeadLetters(producer, topics.DeadLetters, record => Done(record), telemetry, time, logger);
        _connections = [.. Enumerable.Range(0, options.Connections)
            .Select(i => new PublishConnection(broker, $"{clientIdPrefix}-{i}", options.Inflight, this, telemetry, time, logger))];
    }

    /// <summary>Told of each record whose effect is complete. Set before <see cref="RunAsync"/>.</summary>
    public Action<LogRecord> Done { get; set; } = _ => { };

    /// <summary>Why it cannot publish now; null = it can.</summary>
    public string? Trouble => Array.Find(_connections, connection => !connection.Connected)?.Trouble;

    /// <summary>Publishes until cancelled.</summary>
    public Task RunAsync(CancellationToken ct) => Task.WhenAll([_deadLetters.RunAsync(ct), .. _connections.Select(connection => connection.RunAsync(ct))]);

    /// <summary>These are the partitions that we hold. On the consumer's thread, as all that follow.</summary>
    public void Hold(IEnumerable<int> partitions) =>
        _leases = partitions.ToDictionary(partition => partition, partition => _leases.GetValueOrDefault(partition) ?? new PartitionLease());

    /// <summary>Returns when nothing of these partitions is on the wire any more, or after a second.</summary>
    public void LetGo(IReadOnlyCollection<int> partitions)
    {
        var ended = partitions.Select(partition => _leases.GetValueOrDefault(partition)).OfType<PartitionLease>().ToList();
        ended.ForEach(lease => lease.End());
        foreach (var partition in partitions)
        {
            _leases.Remove(partition);
        }

        foreach (var connection in _connections)
        {
            connection.DropEnded();
        }

        var deadline = Environment.TickCount64 + (long)s_quietBound.TotalMilliseconds;
        foreach (var lease in ended)
        {
            lease.AwaitQuiet(TimeSpan.FromMilliseconds(Math.Max(0, deadline - Environment.TickCount64)));
        }
    }

    /// <summary>Takes one event.</summary>
    public void Publish(in LogRecord record)
    {
        byte[]? topic = null;
        ReadOnlyMemory<byte> id = default, correlation = default;
        var qos = _minQos;
        var retain = false;
        for (var i = 0; i < record.Headers.Count; i++)
        {
            var (name, value) = record.Headers[i];
            switch (name)
            {
                case EventHeaders.MqttTopic:
                    topic = value;
                    break;
                case EventHeaders.Id when MqttText.IsText(value):
                    id = value;
                    break;
                case EventHeaders.MqttQos when value is [>= (byte)'0' and <= (byte)'2']:
                    qos = Math.Max(qos, value[0] - '0');
                    break;
                case EventHeaders.MqttRetain:
                    retain = value is [(byte)'1'];
                    break;
                case EventHeaders.CorrelationData when value.Length <= ushort.MaxValue:
                    correlation = value;
                    break;
            }
        }

        if (topic is null)
        {
            _telemetry.NotForMqtt.Add(1);
            Done(record);
            return;
        }

        if (record.Value is null || !MqttText.IsTopicName(topic))
        {
            Undeliverable(record, record.Value is null ? "no value" : "not a topic name that can be published to");
            return;
        }

        _connections[ConnectionOf(record.Key)].Enqueue(new Publication
        {
            Record = record,
            Lease = _leases[record.Partition],
            Topic = topic,
            Qos = qos,
            Retain = retain,
            EventId = id,
            Correlation = correlation,
        });
    }

    public void Published(in LogRecord record)
    {
        _telemetry.Published.Add(1);
        Done(record);
    }

    public void Undeliverable(in LogRecord record, string reason) => _deadLetters.Send(record, reason);

    public void Dispose()
    {
        foreach (var connection in _connections)
        {
            connection.Dispose();
        }
    }

    // Not the partitioner's hash: of the keys of one partition that would leave connections unused.
    private int ConnectionOf(byte[] key)
    {
        var hash = new HashCode();
        hash.AddBytes(key);
        return (int)((uint)hash.ToHashCode() % (uint)_connections.Length);
    }
}
