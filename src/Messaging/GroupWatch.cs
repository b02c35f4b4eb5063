using Microsoft.Extensions.Logging;

namespace Messaging;

/// <summary>
/// Notices a member of a group that stands still while Kafka answers others: it gets nothing of a partition of which another client gets
/// records, or it has no assignment although its coordinator answers. What waits for room is no standstill, nor is a handler that is slow.
/// </summary>
/// <param name="partitions">What the member holds.</param>
/// <param name="turns">Changes as the member's loop goes round.</param>
/// <param name="unassigned">Null while the member has an assignment; else changes as assignments come and go.</param>
/// <param name="standsStill">Told what was seen.</param>
internal sealed class GroupWatch(
    KafkaConnection connection,
    string group,
    string clientId,
    string topic,
    GroupPartitions partitions,
    Func<long> turns,
    Func<long?> unassigned,
    Action<string> standsStill,
    ILogger logger) : IDisposable
{
    private readonly OffsetClient _offsets = OffsetClient.Share(connection, logger);
    private readonly Standstill _assignment = new(connection.Patience.Looks(connection.Patience.Unassigned));
    private Looks? _looks;
    private long _turns = -1;

    public void Start() => _looks = new Looks(connection.Patience.Look, LookAsync);

    public void Dispose()
    {
        _looks?.Dispose();
        _offsets.Dispose();
    }

    private async Task LookAsync(CancellationToken ct)
    {
        var seen = await LookAtAssignmentAsync() ?? await LookAtPartitionsAsync();
        if (seen is not null && !ct.IsCancellationRequested)
        {
            standsStill(seen);
        }
    }

    private async Task<string?> LookAtAssignmentAsync() =>
        await _assignment.LookAsync(unassigned(), () => Probe.HasCoordinatorAsync(connection, clientId, group, topic, logger))
            ? $"no assignment for {connection.Patience.Unassigned.TotalSeconds:0} s, while the coordinator of {group} answers others"
            : null;

    private async Task<string?> LookAtPartitionsAsync()
    {
        var now = turns();
        var turned = now != _turns;
        _turns = now;
        foreach (var partition in partitions)
        {
            var position = turned ? partition.Expected : null;
            // More in the log need not be more to be had: what ends a transaction counts, too.
            if (await partition.Standstill.LookAsync(position, () => HasMoreAsync(partition.Name, position))
                && await Probe.HasRecordAsync(connection, clientId, partition.Name, position!.Value, logger)
                && partitions.TryGet(partition.Name, out var held) && ReferenceEquals(held, partition) && partition.Expected == position)
            {
                return $"nothing was read of {partition.Name} for {connection.Patience.StandsStill.TotalSeconds:0} s, "
                    + $"while others get what stands there from {position} on";
            }
        }

        return null;
    }

    private async Task<bool> HasMoreAsync(TopicPartition name, long? position) =>
        await _offsets.AskAsync(new LogPosition(name.Topic, name.Partition, LogPosition.End)) > position;
}
