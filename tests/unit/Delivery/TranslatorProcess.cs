using Messaging;
using Translator.Operations;

namespace Pipeline.Tests.Delivery;

/// <summary>One Translator: what it reads of instances, and the partitions that it believes to have.</summary>
sealed class TranslatorProcess
{
    readonly World _world;

    public TranslatorProcess(World world, string name)
    {
        (_world, Name) = (world, name);
        Producer = new Producer(world, name);
        Instances = new Reader(world.Instances, 0, Fold);
        world.Trace($"{name} starts");
    }

    public string Name { get; }
    public Producer Producer { get; }
    public Reader Instances { get; }
    public SlotDirectory Slots { get; } = new();
    public bool IsPaused { get; set; }
    public bool IsDead { get; private set; }

    /// <summary>By partition; one that the group has given to another meanwhile stays until the process notices.</summary>
    public SortedDictionary<int, PartitionLife> Lives { get; } = [];

    /// <summary>Partitions that it has, and the group has given to another.</summary>
    public IEnumerable<int> Lost => Lives.Keys.Where(p => _world.OwnerOf(p) != this);

    public void Assign(int partition) => Lives[partition] = new PartitionLife(_world, this, partition);

    public void Revoke(int partition)
    {
        _world.Trace($"{Name} lets go of partition {partition}");
        Lives[partition].Dispose();
        Lives.Remove(partition);
    }

    public void Die()
    {
        IsDead = true;
        foreach (var life in Lives.Values)
            life.Dispose();
        Lives.Clear();
        Producer.Orphan();
    }

    void Fold(LogRecord record)
    {
        if (!Slots.Fold(record.Key, record.Value, record.Offset))
            return;
        foreach (var life in Lives.Values)
            life.HandOverAll();
    }
}
