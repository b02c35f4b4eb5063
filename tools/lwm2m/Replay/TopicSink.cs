using System.Text;
using Contracts;
using Messaging;
using Microsoft.Extensions.Logging.Abstractions;

namespace Tools.Replay;

/// <summary>Events onto the events topic of another prefix, as the Translator would write them.</summary>
sealed class TopicSink : IEventSink, IAppendSink
{
    static readonly TimeSpan Full = TimeSpan.FromMilliseconds(20);
    static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    readonly LogProducer _producer;
    readonly string _topic;
    long _handed;
    long _written;
    long _failed;

    TopicSink(LogProducer producer, string topic) => (_producer, _topic) = (producer, topic);

    /// <summary>Makes the topic where it is missing.</summary>
    public static async Task<TopicSink> OpenAsync(KafkaConnection connection, string prefix, CancellationToken cancellation)
    {
        var topics = new Topics(prefix);
        var spec = topics.Specs(connection.Options, connection.Embedded).Single(topic => topic.Name == topics.Events);
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        patience.CancelAfter(Patience);
        try
        {
            await TopicProvisioning.EnsureAsync(connection, [spec], NullLogger.Instance, patience.Token);
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            // The broker that Standalone brings along makes no topics for others.
            throw new IOException($"{topics.Events} is not there and could not be made at {connection.BootstrapServers}.");
        }

        return new TopicSink(new LogProducer(connection, "lwm2m-replay-events", NullLogger.Instance), topics.Events);
    }

    public async ValueTask TakeAsync(UplinkEvent happened, IReadOnlyList<ReplayedEvent> events, CancellationToken cancellation)
    {
        foreach (var replayed in events)
        {
            var key = Encoding.UTF8.GetBytes(replayed.Endpoint);
            while (_producer.TryAppend(_topic, -1, key, replayed.Payload.ToArray(), Headers(replayed), this, 0) != AppendStatus.Handed)
                await Task.Delay(Full, cancellation);
            _handed++;
        }
    }

    public async ValueTask FinishAsync(CancellationToken cancellation)
    {
        await Task.Run(() => _producer.Flush(Patience), cancellation);
        if (Interlocked.Read(ref _written) < _handed)
            throw new IOException($"{_handed - Interlocked.Read(ref _written)} of {_handed} events were not written to {_topic} ({Interlocked.Read(ref _failed)} were refused)");
    }

    public ValueTask DisposeAsync()
    {
        _producer.Dispose();
        return ValueTask.CompletedTask;
    }

    void IAppendSink.Appended(long cookie, int partition, long offset, bool succeeded) => Interlocked.Increment(ref succeeded ? ref _written : ref _failed);

    static RecordHeader[] Headers(ReplayedEvent replayed)
    {
        List<RecordHeader> headers =
        [
            Header(EventHeaders.Id, replayed.Id), Header(EventHeaders.Type, replayed.Type), Header(EventHeaders.Source, "/replay"),
            Header(EventHeaders.SpecVersion, "1.0"), Header(EventHeaders.ContentType, "application/json"),
        ];
        if (replayed.Topic is { } topic)
            headers.Add(Header(EventHeaders.MqttTopic, topic));
        if (replayed is { Topic: not null, Qos: > 0 })
            headers.Add(Header(EventHeaders.MqttQos, ((char)('0' + replayed.Qos)).ToString()));
        if (replayed is { Topic: not null, Retain: true })
            headers.Add(Header(EventHeaders.MqttRetain, "1"));
        return [.. headers];
    }

    static RecordHeader Header(string name, string value) => new(name, Encoding.UTF8.GetBytes(value));
}
