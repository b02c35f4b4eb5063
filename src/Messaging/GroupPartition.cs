using Confluent.Kafka;
using KafkaPartition = Confluent.Kafka.TopicPartition;

namespace Messaging;

/// <summary>
/// A partition that a group member holds, from its assignment to its revocation. What is done may come from any thread, the rest is the
/// consumer's.
/// </summary>
internal sealed class GroupPartition(TopicPartition name, long? committed, int looks)
{
    private readonly Lock _gate = new();
    private CommitTracker _tracker = new();

    public TopicPartition Name { get; } = name;
    public KafkaPartition Kafka { get; } = new(name.Topic, name.Partition);

    /// <summary>The last position that was stored to be committed, null where nothing has ever been.</summary>
    public long? Stored { get; set; } = committed;

    /// <summary>The client delivers nothing of it.</summary>
    public bool Paused { get; set; }

    /// <summary>The offset from which on the client should deliver records; null where it should not.</summary>
    public long? Expected
    {
        get
        {
            lock (_gate)
            {
                return Paused ? null : _tracker.Next >= 0 ? _tracker.Next : Stored ?? 0;
            }
        }
    }

    /// <summary>Looked at by the member's watch alone.</summary>
    public Standstill Standstill { get; } = new(looks);

    /// <summary>Records that came before the pause took hold.</summary>
    public Queue<LogRecord> Held { get; } = new();

    public int Window
    {
        get
        {
            lock (_gate)
            {
                return _tracker.Window;
            }
        }
    }

    /// <summary>What can be committed now and is not stored yet, else null.</summary>
    public long? Unstored
    {
        get
        {
            lock (_gate)
            {
                return _tracker.Position >= 0 && _tracker.Position != Stored ? _tracker.Position : null;
            }
        }
    }

    /// <summary>False where the record has been taken before: a pause may bring one twice.</summary>
    public bool Taken(long offset)
    {
        lock (_gate)
        {
            if (offset < _tracker.Next)
            {
                return false;
            }

            _tracker.Taken(offset);
            return true;
        }
    }

    public void Done(long offset)
    {
        lock (_gate)
        {
            _tracker.Done(offset);
        }
    }

    /// <summary>The client delivers nothing of it any more, and knows nothing of a pause. What came but was not taken comes again.</summary>
    public void Suspend()
    {
        Paused = false;
        Held.Clear();
    }

    /// <summary>No more is committed than was done here: nobody else can have held it in between.</summary>
    public bool MayGoOn(Offset committed)
    {
        lock (_gate)
        {
            return committed.Value <= Math.Max(_tracker.Position, Stored ?? -1) || committed.Value < 0;
        }
    }

    /// <summary>It is held again after <see cref="Suspend"/>. Where it goes on.</summary>
    public Offset GoOn(Offset committed)
    {
        lock (_gate)
        {
            Stored = committed.Value >= 0 ? committed.Value : null;
            return _tracker.Next >= 0 ? _tracker.Next : committed;
        }
    }

    /// <summary>
    /// The log reaches from one offset to the other. Where what can be committed lies outside, the nearest offset in it can be; else null,
    /// and nothing changes.
    /// </summary>
    public long? Move(long low, long high)
    {
        if ((Unstored ?? Stored ?? low) is var stands && stands >= low && stands <= high)
        {
            return null;
        }

        lock (_gate)
        {
            _tracker = new CommitTracker();
        }

        Stored = Math.Clamp(stands, low, high);
        return Stored;
    }
}
