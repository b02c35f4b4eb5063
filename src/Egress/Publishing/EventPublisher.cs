using System.Diagnostics;
using System.Text;
using Contracts;
using Contracts.Configuration;
using Egress.Mqtt;
using Hosting.Traces;
using Messaging;
using Microsoft.Extensions.Logging;

namespace Egress.Publishing;

/// <summary>
/// Takes events as the consumer hands them out and spreads them over the connections, those of one device always on the same one. One that the
/// broker has acknowledged lately is dropped. <see cref="Done"/> says what is over; the consumer commits the contiguous prefix.
/// </summary>
internal sealed class EventPublisher : IPublicationSink, IDisposable
{
    /// <summary>Records of one partition that are handed out at once. Bounds the memory of all queues here.</summary>
    public const int MaxInFlightPerPartition = 512;

    private static readonly TimeSpan s_finishBound = TimeSpan.FromSeconds(1);

    private readonly PublishConnection[] _connections;
    private readonly DeadLetters _deadLetters;
    private readonly EgressTelemetry _telemetry;
    private readonly TimeProvider _time;
    private readonly int _minQos;
    private Dictionary<int, PartitionLease> _leases = [];

    public EventPublisher(
        MqttBroker broker, string clientIdPrefix, EgressOptions options, LogProducer producer, Topics topics, EgressTelemetry telemetry, TimeProvider time, ILogger logger)
    {
        (_minQos, _telemetry, _time) = (options.MinQos, telemetry, time);
        _deadLetters = new DeadLetters(producer, topics.DeadLetters, Close, telemetry, time, logger);
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
    /// <returns>Those that are new, with nothing known of what was published of them.</returns>
    public IReadOnlyDictionary<int, PartitionLease> Hold(IEnumerable<int> partitions)
    {
        var before = _leases;
        _leases = partitions.ToDictionary(partition => partition, partition => before.GetValueOrDefault(partition) ?? new PartitionLease());
        return _leases.Where(held => !before.ContainsKey(held.Key)).ToDictionary();
    }

    /// <summary>
    /// These partitions will be the next owner's at once. Begins nothing more of them and waits, at most a second, until all is acknowledged that was
    /// begun: what is committed after that, nobody publishes again.
    /// </summary>
    public void Finish(IEnumerable<int> partitions)
    {
        var leases = LeasesOf(partitions);
        leases.ForEach(lease => lease.Announce());
        DropEnded();
        var deadline = Environment.TickCount64 + (long)s_finishBound.TotalMilliseconds;
        leases.ForEach(lease => lease.AwaitClosed(TimeSpan.FromMilliseconds(Math.Max(0, deadline - Environment.TickCount64))));
    }

    /// <summary>These partitions are no longer ours.</summary>
    public void LetGo(IReadOnlyCollection<int> partitions)
    {
        LeasesOf(partitions).ForEach(lease => lease.End());
        DropEnded();
        foreach (var partition in partitions)
        {
            _leases.Remove(partition);
        }
    }

    /// <summary>Takes one event.</summary>
    public void Publish(in LogRecord record)
    {
        byte[]? topic = null;
        ReadOnlyMemory<byte> id = default, correlation = default, trace = default;
        EventKey? key = null;
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
                    key = EventKey.TryParse(value, out var parsed) ? parsed : null;
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
                case EventHeaders.TraceParent when TraceParent.TryParse(value, out _):
                    trace = value;
                    break;
            }
        }

        if (topic is null)
        {
            _telemetry.NotForMqtt.Add(1);
            Done(record);
            return;
        }

        var lease = _leases[record.Partition];
        lease.Took();
        if (record.Value is null || !MqttText.IsTopicName(topic))
        {
            _deadLetters.Send(record, lease, record.Value is null ? "no value" : "not a topic name that can be published to");
            return;
        }

        if (key is { } known)
        {
            switch (lease.Recent.Take(known, record))
            {
                case Novelty.Published:
                    Repeated(record, lease);
                    return;
                case Novelty.UnderWay:
                    return;
                case Novelty.TooFarApart:
                    key = null;
                    break;
            }
        }

        var span = trace.IsEmpty ? null : SpanOf(record, trace);
        _connections[ConnectionOf(record.Key)].Enqueue(new Publication
        {
            Record = record,
            Lease = lease,
            Topic = topic,
            Qos = qos,
            Retain = retain,
            EventId = id,
            Correlation = correlation,
            TraceParent = span is null ? trace : Encoding.ASCII.GetBytes(span.Id!),
            Span = span,
            Key = key,
        });
    }

    public void Published(in Publication publication)
    {
        _telemetry.Published.Add(1);
        _telemetry.PublishedAfter(_time.GetUtcNow().ToUnixTimeMilliseconds() - publication.Record.TimestampMs);
        publication.Span?.End();
        Show(publication, "is published");
        if (publication.Key is { } key)
        {
            foreach (var follower in publication.Lease.Recent.Published(key, publication.Record.TimestampMs))
            {
                Repeated(follower, publication.Lease);
            }
        }

        Close(publication.Record, publication.Lease);
    }

    public void Undeliverable(in Publication publication, string reason)
    {
        publication.Span?.End(reason);
        Show(publication, $"cannot be published: {reason}");
        if (publication.Key is { } key)
        {
            foreach (var follower in publication.Lease.Recent.GivenUp(key))
            {
                _deadLetters.Send(follower, publication.Lease, reason);
            }
        }

        _deadLetters.Send(publication.Record, publication.Lease, reason);
    }

    public void Dispose()
    {
        foreach (var connection in _connections)
        {
            connection.Dispose();
        }
    }

    private Activity? SpanOf(in LogRecord record, ReadOnlyMemory<byte> trace) => _telemetry.Trail.IsTracing
        ? _telemetry.Trail.Continue("publish", ActivityKind.Consumer, Encoding.ASCII.GetString(trace.Span), Encoding.UTF8.GetString(record.Key))
            ?.OfRecord(record.Topic, record.Partition, record.Offset)
        : null;

    private void Show(in Publication publication, string what)
    {
        if (_telemetry.Trail.IsWatching && Encoding.UTF8.GetString(publication.Record.Key) is var endpoint && _telemetry.Trail.IsWatched(endpoint))
        {
            var (record, topic) = (publication.Record, Encoding.UTF8.GetString(publication.Topic));
            _telemetry.Trail.Tell(
                endpoint, Encoding.ASCII.GetString(publication.TraceParent.Span), $"the event at {record.Offset} of {record.Topic}/{record.Partition} {what} on {topic}");
        }
    }

    private void Repeated(in LogRecord record, PartitionLease lease)
    {
        _telemetry.Repeated.Add(1);
        Close(record, lease);
    }

    private void Close(LogRecord record, PartitionLease lease)
    {
        Done(record);
        lease.Closed();
    }

    private List<PartitionLease> LeasesOf(IEnumerable<int> partitions) =>
        [.. partitions.Select(partition => _leases.GetValueOrDefault(partition)).OfType<PartitionLease>()];

    private void DropEnded()
    {
        foreach (var connection in _connections)
        {
            connection.DropEnded();
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
