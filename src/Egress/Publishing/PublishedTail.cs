using Contracts;
using Messaging;
using Microsoft.Extensions.Logging;

namespace Egress.Publishing;

/// <summary>
/// Fills the memory of partitions that have just become ours from the log: the last records below what is committed are published. So an event that the
/// Translator told a former owner, and tells us again, is known.
/// </summary>
internal sealed partial class PublishedTail(KafkaConnection kafka, ILogger logger)
{
    // Publishing waits for it. Without it a repetition may be shown, but nothing is lost.
    private static readonly TimeSpan s_bound = TimeSpan.FromSeconds(5);

    private sealed class Tail(int partition, long committed, RecentEvents recent)
    {
        private readonly TaskCompletionSource _read = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public int Partition => partition;
        public long Committed => committed;
        public Task Read => _read.Task;

        public void Take(in LogRecord record)
        {
            if (record.Offset < committed)
            {
                Remember(record, recent);
            }

            if (record.Offset >= committed - 1)
            {
                _read.TrySetResult();
            }
        }
    }

    /// <param name="topic">That of the events.</param>
    /// <param name="partitions">For each partition the committed position, -1 = none, and what is to be filled.</param>
    /// <param name="ct">Cancelled when the partitions are gone.</param>
    public async Task FillAsync(string topic, IEnumerable<(int Partition, long Committed, RecentEvents Recent)> partitions, CancellationToken ct)
    {
        var tails = partitions.Where(p => p.Committed > 0).ToDictionary(p => p.Partition, p => new Tail(p.Partition, p.Committed, p.Recent));
        if (tails.Count == 0)
        {
            return;
        }

        await Task.Yield(); // the consumer's thread has other things to do
        using var reader = new LogReader(kafka, "egress-tail", logger);
        try
        {
            var starts = await Task.WhenAll(tails.Values.Select(tail => StartAsync(reader, topic, tail)));
            reader.Start([.. starts.Where(start => start.Offset < tails[start.Partition].Committed)], record => tails[record.Partition].Take(record));
            await Task.WhenAll(starts.Select(start => ReadAsync(reader, start, tails[start.Partition]))).WaitAsync(s_bound, ct);
        }
        catch (TimeoutException)
        {
            LogIncomplete(s_bound.TotalSeconds);
        }
        catch (OperationCanceledException) when (ct.IsCancellationRequested)
        {
        }
    }

    private static async Task<LogPosition> StartAsync(LogReader reader, string topic, Tail tail)
    {
        var beginning = await reader.BeginningOffsetAsync(topic, tail.Partition, s_bound);
        return new LogPosition(topic, tail.Partition, Math.Max(beginning, tail.Committed - RecentEvents.Capacity));
    }

    // Behind the committed position there may be nothing but records that no reader sees.
    private static Task ReadAsync(LogReader reader, LogPosition start, Tail tail) =>
        start.Offset >= tail.Committed ? Task.CompletedTask : Task.WhenAny(tail.Read, reader.CatchUpAsync(start.Topic, start.Partition, s_bound));

    private static void Remember(in LogRecord record, RecentEvents recent)
    {
        EventKey? key = null;
        var isForMqtt = false;
        foreach (var (name, value) in record.Headers)
        {
            isForMqtt |= name == EventHeaders.MqttTopic;
            key = name == EventHeaders.Id && EventKey.TryParse(value, out var parsed) ? parsed : key;
        }

        if (isForMqtt && key is { } known)
        {
            recent.Published(known, record.TimestampMs);
        }
    }

    [LoggerMessage(13, LogLevel.Warning, "What was published last could not be read within {Seconds} s: an event that comes twice may be published twice.")]
    private partial void LogIncomplete(double seconds);
}
