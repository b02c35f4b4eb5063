namespace Messaging;

/// <summary>Appends that wait for room, first come first served per partition: a full partition holds up no other. Thread-safe.</summary>
internal sealed class WaitingAppends(Func<PendingAppend, AppendStatus> hand) : IDisposable
{
    /// <summary>More than this many waiting appends are refused at once.</summary>
    public const int Most = 10_000;

    private static readonly TimeSpan s_pause = TimeSpan.FromMilliseconds(5);

    private readonly Lock _gate = new();
    private readonly Dictionary<TopicPartition, Queue<PendingAppend>> _lanes = [];
    private int _count;
    private bool _ended;

    /// <summary>Hands the append over now or, in its turn, later.</summary>
    public void Add(PendingAppend append)
    {
        lock (_gate)
        {
            if (_ended)
            {
                append.Refuse();
                return;
            }

            if (!_lanes.TryGetValue(append.Lane, out var lane))
            {
                if (Settled(append))
                {
                    return;
                }

                _lanes[append.Lane] = lane = new Queue<PendingAppend>();
            }

            if (_count == Most)
            {
                append.Refuse();
                return;
            }

            lane.Enqueue(append);
            if (_count++ == 0)
            {
                _ = PumpAsync();
            }
        }
    }

    public void Dispose()
    {
        lock (_gate)
        {
            _ended = true;
            foreach (var append in _lanes.Values.SelectMany(lane => lane))
            {
                append.Refuse();
            }

            _lanes.Clear();
            _count = 0;
        }
    }

    private async Task PumpAsync()
    {
        do
        {
            await Task.Delay(s_pause);
        }
        while (Pump());
    }

    // True while there is more to do.
    private bool Pump()
    {
        lock (_gate)
        {
            foreach (var (name, lane) in _lanes)
            {
                while (lane.TryPeek(out var first) && Settled(first))
                {
                    lane.Dequeue();
                    _count--;
                }

                if (lane.Count == 0)
                {
                    _lanes.Remove(name);
                }
            }

            return _count > 0;
        }
    }

    private bool Settled(PendingAppend append)
    {
        if (append.Abandoned)
        {
            return true;
        }

        switch (hand(append))
        {
            case AppendStatus.Handed:
                return true;
            case AppendStatus.TooLarge:
                append.Refuse();
                return true;
            default:
                return false;
        }
    }
}
