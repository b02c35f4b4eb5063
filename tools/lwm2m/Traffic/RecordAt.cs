using Messaging;
using Microsoft.Extensions.Logging.Abstractions;

namespace Tools.Traffic;

/// <summary>One record, by its place in the log.</summary>
static class RecordAt
{
    const string ClientId = "lwm2m-decode";

    static readonly TimeSpan AnswerBound = TimeSpan.FromSeconds(30);

    /// <exception cref="IOException">There is none, or no Kafka.</exception>
    public static async Task<LogRecord> ReadAsync(KafkaConnection connection, string topic, int partition, long offset, CancellationToken cancellation)
    {
        using (var index = new LogIndex(connection, ClientId))
        {
            var partitions = index.Partitions(topic);
            if (partition >= partitions)
                throw new IOException(partitions == 0 ? $"There is no topic {topic} at {connection.BootstrapServers}." : $"{topic} has partitions 0 to {partitions - 1}.");
        }

        using var reader = new LogReader(connection, ClientId, NullLogger.Instance);
        var end = await reader.EndOffsetAsync(topic, partition, AnswerBound).WaitAsync(cancellation);
        var begin = await reader.BeginningOffsetAsync(topic, partition, AnswerBound).WaitAsync(cancellation);
        if (offset < begin || offset >= end)
            throw new IOException(begin < end ? $"Partition {partition} of {topic} has offsets {begin} to {end - 1}." : $"Partition {partition} of {topic} is empty.");
        var found = new TaskCompletionSource<LogRecord>(TaskCreationOptions.RunContinuationsAsynchronously);
        reader.Start([new LogPosition(topic, partition, offset)], record => found.TrySetResult(record));
        var taken = await Task.WhenAny(found.Task, reader.CatchUpAsync(topic, partition, AnswerBound), Task.Delay(AnswerBound, cancellation));
        cancellation.ThrowIfCancellationRequested();
        if (!found.Task.IsCompleted && taken != found.Task)
            throw new IOException($"There is no record at {offset} any more, or Kafka does not answer.");
        var first = await found.Task;
        return first.Offset == offset ? first : throw new IOException($"There is no record at {offset} any more; the next one is at {first.Offset}.");
    }
}
