namespace Messaging;

/// <summary>Where to start reading a partition: an offset, <see cref="Beginning"/> or <see cref="End"/>.</summary>
public readonly record struct LogPosition(string Topic, int Partition, long Offset)
{
    /// <summary>The oldest record that is kept.</summary>
    public const long Beginning = -2;

    /// <summary>Behind the newest record.</summary>
    public const long End = -1;
}
