using Messaging;

namespace Dashboard.Events;

/// <summary>Hands each event that is read to the streams that want it, without waiting for any. Thread-safe.</summary>
sealed class EventHub(int partitions)
{
    readonly Lock _gate = new();
    readonly long[] _last = [.. Enumerable.Repeat(-1L, partitions)];
    volatile (EventFilter Filter, EventBuffer Buffer)[] _streams = [];

    public int Count => _streams.Length;

    /// <summary>Nothing before this offset will be told.</summary>
    public void Begin(int partition, long offset)
    {
        lock (_gate)
            _last[partition] = offset - 1;
    }

    public void Tell(in LogRecord record, string type)
    {
        lock (_gate)
        {
            _last[record.Partition] = record.Offset;
            foreach (var (filter, buffer) in _streams)
            {
                if (filter.Takes(record, type) && !buffer.TryPut(record, TimeSpan.Zero))
                    Remove(buffer);
            }
        }
    }

    /// <summary>The last offset of each partition that the buffer will not be given; -1: it will be given all.</summary>
    public long[] Add(EventFilter filter, EventBuffer buffer)
    {
        lock (_gate)
        {
            _streams = [.. _streams, (filter, buffer)];
            return [.. _last];
        }
    }

    public void Remove(EventBuffer buffer)
    {
        lock (_gate)
            _streams = [.. _streams.Where(s => s.Buffer != buffer)];
    }
}
