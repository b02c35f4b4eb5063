namespace Messaging;

/// <summary>
/// Which records of a partition are done: <see cref="Position"/> follows their contiguous prefix. Offsets are taken in rising order, with
/// gaps (compaction, control records). Not thread-safe.
/// </summary>
internal sealed class CommitTracker
{
    private long[] _offsets = new long[64]; // a ring; a done record is kept as the complement of its offset
    private int _head;

    /// <summary>The offset to commit: everything below it is done. -1 before the first record.</summary>
    public long Position { get; private set; } = -1;

    /// <summary>Records taken from the first that is not done on: what a bound on the window limits.</summary>
    public int Window { get; private set; }

    /// <summary>The offset behind the last record taken, -1 before the first.</summary>
    public long Next { get; private set; } = -1;

    /// <summary>A record has been handed out. Its offset is above all earlier ones.</summary>
    public void Taken(long offset)
    {
        if (Window == _offsets.Length)
        {
            Grow();
        }

        if (Window == 0)
        {
            Position = offset;
        }

        _offsets[Slot(Window++)] = offset;
        Next = offset + 1;
    }

    /// <summary>
    /// The effect of a record is complete. False where the record is not one that is waited for (unknown, or done before): nothing changes.
    /// </summary>
    public bool Done(long offset)
    {
        var at = Find(offset);
        if (at < 0)
        {
            return false;
        }

        _offsets[Slot(at)] = ~offset;
        while (Window > 0 && _offsets[_head] < 0)
        {
            _head = Slot(1);
            Window--;
        }

        Position = Window > 0 ? _offsets[_head] : Next;
        return true;
    }

    private int Find(long offset)
    {
        int low = 0, high = Window - 1;
        while (low <= high)
        {
            var middle = (low + high) / 2;
            var entry = _offsets[Slot(middle)];
            var found = entry < 0 ? ~entry : entry;
            if (found == offset)
            {
                return entry < 0 ? -1 : middle;
            }

            (low, high) = found < offset ? (middle + 1, high) : (low, middle - 1);
        }

        return -1;
    }

    private int Slot(int index) => (_head + index) & (_offsets.Length - 1);

    private void Grow()
    {
        var larger = new long[_offsets.Length * 2];
        for (var i = 0; i < Window; i++)
        {
            larger[i] = _offsets[Slot(i)];
        }

        _offsets = larger;
        _head = 0;
    }
}
