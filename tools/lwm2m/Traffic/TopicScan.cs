using System.Runtime.CompilerServices;
using Contracts;
using Messaging;
using Microsoft.Extensions.Logging;

namespace Tools.Traffic;

/// <summary>
/// A topic from a point in time up to what stands there when the reading begins. It joins no group and commits nothing. One reader for each partition, so
/// that the slowest holds up the others instead of filling the memory.
/// </summary>
sealed class TopicScan(KafkaConnection connection, string topic, DateTimeOffset? from, ILogger logger)
{
    const string ClientId = "lwm2m-replay";

    /// <summary>What is found, by time.</summary>
    /// <param name="partition">Makes, for each partition, what finds something in its records, one after the other.</param>
    /// <param name="time">Unix time in ns.</param>
    /// <param name="cancellation">Ends it.</param>
    public async IAsyncEnumerable<T> ReadAsync<T>(
        Func<Func<LogRecord, IEnumerable<T>>> partition, Func<T, ulong> time, [EnumeratorCancellation] CancellationToken cancellation)
    {
        var scans = new List<PartitionScan<T>>();
        try
        {
            foreach (var position in await PositionsAsync())
                scans.Add(PartitionScan<T>.Start(connection, ClientId, position, partition(), logger, cancellation));
            var sources = scans.Select(scan => scan.ReadAsync(cancellation).GetAsyncEnumerator(cancellation)).ToList();
            await foreach (var item in Merge.ByTime(sources, time))
                yield return item;
        }
        finally
        {
            foreach (var scan in scans)
                await scan.DisposeAsync();
        }
    }

    async Task<IReadOnlyList<LogPosition>> PositionsAsync()
    {
        using var index = new LogIndex(connection, ClientId);
        var partitions = index.Partitions(topic);
        if (partitions == 0)
            throw new IOException($"There is no topic {topic} at {connection.BootstrapServers}.");
        var positions = from is { } time
            ? await index.AtAsync(topic, partitions, time.ToUnixTimeMilliseconds())
            : [.. Enumerable.Range(0, partitions).Select(partition => new LogPosition(topic, partition, LogPosition.Beginning))];
        return [.. positions.Where(position => position.Offset != LogPosition.End)];
    }
}
