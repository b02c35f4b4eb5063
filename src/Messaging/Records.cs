using Confluent.Kafka;

namespace Messaging;

/// <summary>Makes our records of the client's.</summary>
internal static class Records
{
    private static readonly RecordHeader[] s_none = [];

    public static LogRecord From(ConsumeResult<byte[], byte[]> result)
    {
        var message = result.Message;
        return new LogRecord(
            result.Topic,
            result.Partition.Value,
            result.Offset.Value,
            message.Key ?? [],
            message.Value,
            HeadersOf(message),
            message.Timestamp.UnixTimestampMs);
    }

    private static RecordHeader[] HeadersOf(Message<byte[], byte[]> message)
    {
        if (message.Headers is not { Count: > 0 } headers)
        {
            return s_none;
        }

        var list = new RecordHeader[headers.Count];
        for (var i = 0; i < list.Length; i++)
        {
            list[i] = new RecordHeader(headers[i].Key, headers[i].GetValueBytes() ?? []);
        }

        return list;
    }
}
