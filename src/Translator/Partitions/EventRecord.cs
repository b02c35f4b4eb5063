using System.Collections.Concurrent;
using System.Globalization;
using System.Text;
using Contracts;
using Messaging;
using Translator.Uplink;

namespace Translator.Partitions;

/// <summary>Device events and dead letters as records.</summary>
internal static class EventRecord
{
    private const int LongestReason = 1000;

    private static readonly CultureInfo Invariant = CultureInfo.InvariantCulture;
    private static readonly RecordHeader SpecVersion = Header(EventHeaders.SpecVersion, "1.0");
    private static readonly RecordHeader ContentType = Header(EventHeaders.ContentType, "application/json");
    private static readonly RecordHeader Retain = Header(EventHeaders.MqttRetain, "1");
    private static readonly RecordHeader[] Qos = [.. new[] { "0", "1", "2" }.Select(qos => Header(EventHeaders.MqttQos, qos))];

    // Types and sources are few.
    private static readonly ConcurrentDictionary<(string, string), RecordHeader> Few = new();

    /// <param name="traceParent">Of the translation; empty = none.</param>
    public static LogAppend Of(DeviceEvent device, LogRecord source, string topic, string traceParent = "")
    {
        var published = device.Topic is not null;
        var withQos = published && device.Qos > 0;
        var withRetain = published && device.Retain;
        var count = 5 + (published ? 1 : 0) + (withQos ? 1 : 0) + (withRetain ? 1 : 0) + (device.Correlation is null ? 0 : 1) + (traceParent.Length > 0 ? 1 : 0);
        var headers = new RecordHeader[count];
        headers[0] = Header(EventHeaders.Id, device.Id);
        headers[1] = FewOf(EventHeaders.Type, device.Type);
        headers[2] = FewOf(EventHeaders.Source, device.Source);
        headers[3] = SpecVersion;
        headers[4] = ContentType;
        var next = 5;
        if (published)
        {
            headers[next++] = Header(EventHeaders.MqttTopic, device.Topic!);
        }

        if (withQos)
        {
            headers[next++] = Qos[device.Qos];
        }

        if (withRetain)
        {
            headers[next++] = Retain;
        }

        if (device.Correlation is { } correlation)
        {
            headers[next++] = new RecordHeader(EventHeaders.CorrelationData, correlation);
        }

        if (traceParent.Length > 0)
        {
            headers[next] = Header(EventHeaders.TraceParent, traceParent);
        }

        return new LogAppend(topic, source.Partition, source.Key, device.Json, headers);
    }

    /// <summary>The record itself, unchanged, and what is wrong with it.</summary>
    public static LogAppend DeadLetter(LogRecord source, string stage, string reason, string topic) =>
        new(topic, source.Partition, source.Key, source.Value,
        [
            Header(DeadLetterHeaders.Stage, stage),
            Header(DeadLetterHeaders.Reason, reason.Length > LongestReason ? reason[..LongestReason] : reason),
            Header(DeadLetterHeaders.Origin, string.Create(Invariant, $"{source.Topic}/{source.Partition}/{source.Offset}")),
        ]);

    /// <summary>
    /// What is written where Kafka does not take a record for its size: its source, as a dead letter; where that is too large with what is said of
    /// it, without its value, which its origin still has. Null where nothing is left to be kept.
    /// </summary>
    public static LogAppend? InsteadOf(LogAppend append, LogRecord? source, string deadLetters) => source switch
    {
        { } kept when append.Topic != deadLetters =>
            DeadLetter(kept, "append", $"the record for {append.Topic} is larger than Kafka takes", deadLetters),
        { } when append.Value is not null => append with { Value = null },
        _ => null,
    };

    public static RecordHeader Header(string name, string value) => new(name, Encoding.UTF8.GetBytes(value));

    private static RecordHeader FewOf(string name, string value) => Few.GetOrAdd((name, value), static key => Header(key.Item1, key.Item2));
}
