namespace Messaging;

/// <summary>Takes records for Kafka, in order.</summary>
public interface IAppender
{
    /// <summary>
    /// Offers a record. Never blocks, never throws because Kafka is not there. Partition -1 = by key, as Java places it. The arrays belong
    /// to the appender until the sink has heard.
    /// </summary>
    AppendStatus TryAppend(string topic, int partition, byte[]? key, byte[]? value, RecordHeader[]? headers, IAppendSink sink, long cookie);
}
