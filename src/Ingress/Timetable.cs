using System.Diagnostics.CodeAnalysis;

namespace Ingress;

/// <summary>
/// When each session and job has something to do next, in ms of the monotonic clock. Later is free: what comes up early is scheduled again
/// by its owner, so that a refreshed lifetime costs nothing. A binary heap in which everything knows its place, so that what is wanted
/// earlier moves up instead of standing there twice: there are never more entries than sessions and jobs.
/// </summary>
sealed class Timetable
{
    // From place 1 on.
    Entry[] _heap = new Entry[64];

    /// <summary>How many there are.</summary>
    public int Count { get; private set; }

    /// <summary>When the next one is due.</summary>
    public long NextDue => Count > 0 ? _heap[1].At : long.MaxValue;

    /// <summary>When it is due; <see cref="long.MaxValue"/> = never.</summary>
    public long DueTime(ITimed timed) => timed.Place == 0 ? long.MaxValue : _heap[timed.Place].At;

    /// <summary>Makes it due at that time at the latest.</summary>
    public void Schedule(ITimed timed, long at)
    {
        if (at >= DueTime(timed))
            return;
        if (timed.Place == 0)
        {
            if (++Count == _heap.Length)
                Array.Resize(ref _heap, _heap.Length * 2);
            timed.Place = Count;
        }

        MoveUp(timed.Place, new Entry(at, timed));
    }

    /// <summary>Takes out what is due.</summary>
    public bool TryTakeDue(long now, [NotNullWhen(true)] out ITimed? timed)
    {
        timed = null;
        if (NextDue > now)
            return false;
        timed = _heap[1].Timed;
        timed.Place = 0;
        var last = _heap[Count];
        _heap[Count--] = default;
        if (Count > 0)
            MoveDown(last);
        Shrink();
        return true;
    }

    void MoveUp(int place, Entry entry)
    {
        for (; place > 1 && _heap[place / 2].At > entry.At; place /= 2)
            Put(place, _heap[place / 2]);
        Put(place, entry);
    }

    // From the top.
    void MoveDown(Entry entry)
    {
        var place = 1;
        for (var child = 2; child <= Count; child = place * 2)
        {
            if (child < Count && _heap[child + 1].At < _heap[child].At)
                child++;
            if (_heap[child].At >= entry.At)
                break;
            Put(place, _heap[child]);
            place = child;
        }

        Put(place, entry);
    }

    void Put(int place, Entry entry)
    {
        _heap[place] = entry;
        entry.Timed.Place = place;
    }

    // After a wave of devices that have left.
    void Shrink()
    {
        if (_heap.Length > 1024 && Count < _heap.Length / 4)
            Array.Resize(ref _heap, _heap.Length / 2);
    }

    readonly record struct Entry(long At, ITimed Timed);
}
