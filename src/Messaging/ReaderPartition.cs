namespace Messaging;

/// <summary>How far a partition has been handled, and who waits for more. Thread-safe.</summary>
internal sealed class ReaderPartition(int looks)
{
    private readonly Lock _gate = new(); // held for moments
    private readonly Lock _handling = new(); // held while a record is handled; taken before _gate
    private readonly SortedList<long, TaskCompletionSource<bool>> _waiting = [];
    private long _next = -1;
    private long _goal = long.MaxValue;
    private bool _dropped;

    /// <summary>Looked at by the reader's watch alone.</summary>
    public Standstill Standstill { get; } = new(looks);

    /// <summary>Everything below has been handled; -1 until the start is known.</summary>
    public long Next
    {
        get
        {
            lock (_gate)
            {
                return _next;
            }
        }
    }

    /// <summary>Has been handled up to the end that the log had when the partition was assigned.</summary>
    public bool CaughtUp
    {
        get
        {
            lock (_gate)
            {
                return _next >= _goal;
            }
        }
    }

    /// <summary>True as soon as everything below the offset has been handled, false when the partition is dropped.</summary>
    public Task<bool> Reached(long offset)
    {
        lock (_gate)
        {
            if (_dropped || _next >= offset)
            {
                return Task.FromResult(!_dropped);
            }

            if (!_waiting.TryGetValue(offset, out var waiting))
            {
                waiting = new TaskCompletionSource<bool>(TaskCreationOptions.RunContinuationsAsynchronously);
                _waiting.Add(offset, waiting);
            }

            return waiting.Task;
        }
    }

    public void Start(long next)
    {
        lock (_gate)
        {
            _next = next;
            Release();
        }
    }

    public void SetGoal(long offset)
    {
        lock (_gate)
        {
            _goal = offset;
        }
    }

    /// <summary>Handles a record, unless it belongs to an assignment that is over; <see cref="Drop"/> waits for it.</summary>
    public bool Handle(in LogRecord record, Action<LogRecord> handle)
    {
        lock (_handling)
        {
            lock (_gate)
            {
                if (_dropped || _next < 0 || record.Offset < _next)
                {
                    return false;
                }
            }

            handle(record);
            lock (_gate)
            {
                _next = record.Offset + 1;
                Release();
            }

            return true;
        }
    }

    /// <summary>There is nothing below this offset that is not handled: the end of the log, perhaps behind control records.</summary>
    public void AtEnd(long offset)
    {
        lock (_gate)
        {
            if (_next >= 0)
            {
                _next = Math.Max(_next, offset);
                Release();
            }
        }
    }

    public void Drop()
    {
        lock (_handling)
        {
            lock (_gate)
            {
                _dropped = true;
                foreach (var waiting in _waiting.Values)
                {
                    waiting.SetResult(false);
                }

                _waiting.Clear();
            }
        }
    }

    private void Release()
    {
        while (_waiting.Count > 0 && _waiting.Keys[0] <= _next)
        {
            _waiting.Values[0].SetResult(true);
            _waiting.RemoveAt(0);
        }
    }
}
