namespace Messaging;

/// <summary>
/// Knows whether all brokers are away. The client's word for it is only a suspicion (connections that Kafka closed because they were idle
/// count as down, too); a question that no broker answers makes it certain, and the first answer or acknowledgement ends it. Thread-safe.
/// </summary>
internal sealed class BrokerWatch(Func<TimeSpan, bool> ask, Action<bool> changed) : IDisposable
{
    private static readonly TimeSpan s_patience = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan s_pause = TimeSpan.FromMilliseconds(100);

    private readonly Lock _gate = new();
    private readonly ManualResetEventSlim _ended = new();
    private Thread? _asking;
    private volatile bool _away;

    public bool Away => _away;

    /// <summary>The client believes that all brokers are down.</summary>
    public void Suspect()
    {
        lock (_gate)
        {
            if (_asking is null && !_ended.IsSet)
            {
                _asking = new Thread(Ask) { IsBackground = true, Name = "kafka-watch" };
                _asking.Start();
            }
        }
    }

    /// <summary>A broker has acknowledged something.</summary>
    public void Heard()
    {
        if (_away)
        {
            Set(false);
        }
    }

    /// <summary>Waits for a question under way: the client that is asked may be disposed of afterwards.</summary>
    public void Dispose()
    {
        Thread? asking;
        lock (_gate)
        {
            _ended.Set();
            asking = _asking;
        }

        asking?.Join();
    }

    private void Ask()
    {
        do
        {
            lock (_gate)
            {
                if (_ended.IsSet)
                {
                    return;
                }
            }

            if (ask(s_patience))
            {
                break;
            }

            Set(true);
        }
        while (!_ended.Wait(s_pause));

        lock (_gate)
        {
            _asking = null;
        }

        Set(false);
    }

    private void Set(bool away)
    {
        lock (_gate)
        {
            if (_away == away)
            {
                return;
            }

            _away = away;
        }

        changed(away);
    }
}
