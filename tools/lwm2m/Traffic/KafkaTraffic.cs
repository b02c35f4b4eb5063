using System.Runtime.CompilerServices;
using Contracts;
using Messaging;
using Microsoft.Extensions.Logging;

namespace Tools.Traffic;

/// <summary>
/// Traffic as the uplink topic keeps it, up to what stands there when the reading begins. It joins no group and commits nothing. One reader for each
/// partition, so that the slowest holds up the others instead of filling the memory.
/// </summary>
sealed class KafkaTraffic(KafkaConnection connection, TrafficSelection selection, ILogger logger) : ITrafficSource
{
    const string ClientId = "lwm2m-replay";

    long _unreadable;

    public long Unreadable => Interlocked.Read(ref _unreadable);

    public async IAsyncEnumerable<(UplinkEvent Event, T Result)> ReadAsync<T>(
        Func<UplinkEvent, T> work, [EnumeratorCancellation] CancellationToken cancellation)
    {
        var topic = new Topics(connection.Options.TopicPrefix).Uplink;
        var scans = new List<PartitionScan<T>>();
        try
        {
            foreach (var position in await PositionsAsync(topic))
                scans.Add(PartitionScan<T>.Start(connection, ClientId, position, selection, work, () => Interlocked.Increment(ref _unreadable), logger, cancellation));
            var sources = scans.Select(scan => scan.ReadAsync(cancellation).GetAsyncEnumerator(cancellation)).ToList();
            await foreach (var item in Merge.ByTime(sources, item => item.Event.ReceivedNs))
                yield return item;
        }
        finally
        {
            foreach (var scan in scans)
                await scan.DisposeAsync();
        }
    }

    async Task<IReadOnlyList<LogPosition>> PositionsAsync(string topic)
    {
        using var index = new LogIndex(connection, ClientId);
        var partitions = index.Partitions(topic);
        if (partitions == 0)
            throw new IOException($"There is no topic {topic} at {connection.BootstrapServers}.");
        var positions = selection.ReadFrom is { } from
            ? await index.AtAsync(topic, partitions, from.ToUnixTimeMilliseconds())
            : [.. Enumerable.Range(0, partitions).Select(partition => new LogPosition(topic, partition, LogPosition.Beginning))];
        return [.. positions.Where(position => position.Offset != LogPosition.End)];
    }
}
