namespace Protocol.Dtls;

/// <summary>
/// The threads that handshakes wait on: as many as are needed, at most so many, with small stacks; one that has found nothing to do for a
/// while ends.
/// </summary>
sealed class HandshakeThreads(string name, int most, int mostWaiting) : IDisposable
{
    static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);
    const int StackSize = 256 << 10;

    readonly object _lock = new();
    readonly Queue<Action> _waiting = [];
    int _threads;
    int _idle;
    bool _ended;

    /// <summary>False where all threads are busy and as many wait as may.</summary>
    public bool TryRun(Action work)
    {
        lock (_lock)
        {
            if (_ended || _waiting.Count >= mostWaiting)
                return false;
            _waiting.Enqueue(work);
            if (_idle >= _waiting.Count)
            {
                Monitor.Pulse(_lock);
            }
            else if (_threads < most)
            {
                _threads++;
                new Thread(Work, StackSize) { IsBackground = true, Name = name }.Start();
            }

            return true;
        }
    }

    /// <summary>What waits is given up; what runs comes to its own end.</summary>
    public void Dispose()
    {
        lock (_lock)
        {
            _ended = true;
            _waiting.Clear();
            Monitor.PulseAll(_lock);
        }
    }

    void Work()
    {
        while (TryTake(out var work))
            work();
    }

    bool TryTake(out Action work)
    {
        lock (_lock)
        {
            while (!_waiting.TryDequeue(out work!))
            {
                _idle++;
                var isCalled = !_ended && Monitor.Wait(_lock, Patience);
                _idle--;
                if (_waiting.Count > 0 || (isCalled && !_ended))
                    continue;
                _threads--;
                return false;
            }

            return true;
        }
    }
}
