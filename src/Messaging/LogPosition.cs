namespace Messaging;

/// <summary>A place in a partition's log: an offset, <see cref="Beginning"/>, <see cref="End"/> or <see cref="Written"/>.</summary>
public readonly record struct LogPosition(string Topic, int Partition, long Offset)
{
    /// <summary>The oldest record that is kept.</summary>
    public const long Beginning = -2;

    /// <summary>Behind the newest record that consumers may see: nothing of an open transaction lies before it.</summary>
    public const long End = -1;

    /// <summary>Behind the newest record of all. Who waits for it waits until the transactions that are open now have ended.</summary>
    public const long Written = -3;
}
