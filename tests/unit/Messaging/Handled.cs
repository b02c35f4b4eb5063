using System.Collections.Concurrent;
using Messaging;

namespace Pipeline.Tests.Messaging;

/// <summary>Does what it is given at once, unless it is to hold it.</summary>
internal sealed class Handled : IGroupHandler
{
    public GroupConsumer? Member { get; set; }
    public bool Holds { get; init; }
    public Collected Read { get; } = new();
    public ConcurrentQueue<IReadOnlyList<TopicPartition>> GivenUp { get; } = new();
    public volatile int Assignments;

    public Task AssignedAsync(IReadOnlyList<TopicPartition> partitions, CancellationToken ct)
    {
        Assignments++;
        return Task.CompletedTask;
    }

    public void Revoked(IReadOnlyList<TopicPartition> partitions) => GivenUp.Enqueue(partitions);

    public void Handle(LogRecord record)
    {
        Read.Add(record);
        if (!Holds)
        {
            Member!.Done(record.Topic, record.Partition, record.Offset);
        }
    }
}
