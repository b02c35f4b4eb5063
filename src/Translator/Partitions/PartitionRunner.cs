using Contracts;
using Messaging;

namespace Translator.Partitions;

/// <summary>
/// One partition at work: gives <see cref="TranslatorPartition"/> its records, the clock and the logs, and carries out what it decides. Calls may
/// come from the consumer, the reader, the producer and timers; one lock orders them.
/// </summary>
internal sealed class PartitionRunner : IDisposable
{
    private readonly Lock _gate = new();
    private readonly Topics _topics;
    private readonly TranslatorPartition _decisions;
    private readonly Func<Task<bool>> _catchUp;
    private readonly IOutbox _outbox;
    private readonly TranslatorTelemetry _telemetry;
    private readonly TimeProvider _time;
    private readonly Queue<LogRecord> _commands = new();
    private readonly CancellationTokenSource _closing = new();
    private int _certain;
    private Task _catchingUp = Task.CompletedTask;
    private bool _closed;

    /// <summary>Every step is acknowledged before the next is written.</summary>
    /// <param name="catchUp">Reads the partition's registrations to their end as of the call; false where that takes too long.</param>
    /// <param name="tryAppend">Offers a record to Kafka.</param>
    /// <param name="done">All that the record led to is acknowledged.</param>
    public PartitionRunner(
        Topics topics, TranslatorPartition decisions, Func<Task<bool>> catchUp, Func<LogAppend, IAppendSink, long, AppendStatus> tryAppend,
        Action<LogRecord> done, TranslatorTelemetry telemetry, TimeProvider time)
    {
        (_topics, _decisions, _catchUp, _telemetry, _time) = (topics, decisions, catchUp, telemetry, time);
        _outbox = new Outbox(_gate, tryAppend, topics.DeadLetters, done, telemetry, time);
    }

    /// <summary>Work is carried out elsewhere.</summary>
    public PartitionRunner(
        Topics topics, TranslatorPartition decisions, Func<Task<bool>> catchUp, IOutbox outbox, TranslatorTelemetry telemetry, TimeProvider time)
    {
        (_topics, _decisions, _catchUp, _telemetry, _time) = (topics, decisions, catchUp, telemetry, time);
        _outbox = outbox;
    }

    /// <summary>Commands without outcome.</summary>
    public int OpenCount
    {
        get
        {
            lock (_gate)
            {
                return _decisions.Book.OpenCount;
            }
        }
    }

    /// <summary>A record of uplink or commands.</summary>
    public void Handle(LogRecord record)
    {
        lock (_gate)
        {
            if (_closed)
            {
                return;
            }

            if (record.Topic == _topics.Uplink)
            {
                _outbox.Carry(Decide(_decisions.Uplink, record));
                return;
            }

            _commands.Enqueue(record);
            if (_catchingUp.IsCompleted)
            {
                Pump();
            }
        }
    }

    /// <summary>A record of operations or registrations.</summary>
    public void Fold(LogRecord record)
    {
        lock (_gate)
        {
            if (_closed)
            {
                return;
            }

            try
            {
                if (record.Topic == _topics.Operations)
                {
                    _decisions.FoldOperation(record);
                }
                else
                {
                    Carry(_decisions.FoldRegistration(record));
                }
            }
#pragma warning disable CA1031 // A bug with one record must not stop the others.
            catch (Exception bug)
#pragma warning restore CA1031
            {
                _telemetry.CountBug(record.Topic, bug);
            }
        }
    }

    /// <summary>Operations and registrations have been read to their end as of the assignment.</summary>
    public void Release()
    {
        lock (_gate)
        {
            if (!_closed)
            {
                Carry(_decisions.Release());
            }
        }
    }

    /// <summary>A slot has a newer epoch.</summary>
    public void HandOverAll()
    {
        lock (_gate)
        {
            if (!_closed)
            {
                Carry(_decisions.HandOverAll());
            }
        }
    }

    public void Tick()
    {
        lock (_gate)
        {
            if (_closed)
            {
                return;
            }

            try
            {
                foreach (var work in _decisions.Tick(Now))
                {
                    _outbox.Carry(work);
                }
            }
#pragma warning disable CA1031 // It would end the service once a second, and nothing of the partition would ever be done.
            catch (Exception bug)
#pragma warning restore CA1031
            {
                _telemetry.CountBug("tick", bug);
            }
        }
    }

    public void Dispose()
    {
        lock (_gate)
        {
            _closed = true;
            _commands.Clear();
        }

        _closing.Cancel();
        _outbox.Close();
        _decisions.Dispose();
    }

    private long Now => _time.GetUtcNow().ToUnixTimeMilliseconds();

    // A bug makes poison of the one record that it showed with.
    private Work Decide(Func<LogRecord, long, Work> decide, LogRecord record)
    {
        try
        {
            return decide(record, Now);
        }
#pragma warning disable CA1031 // whatever it is, the others go on
        catch (Exception bug)
#pragma warning restore CA1031
        {
            _telemetry.CountBug("decide", bug);
            _telemetry.CountDeadLetter("decide");
            return new Work(record, [[EventRecord.DeadLetter(record, "decide", $"{bug.GetType().Name}: {bug.Message}", _topics.DeadLetters)]]);
        }
    }

    private void Carry(Work? work)
    {
        if (work is not null)
        {
            _outbox.Carry(work);
        }
    }

    // In order: a command that must wait for the directory holds up those behind it.
    private void Pump()
    {
        while (_commands.TryPeek(out var record))
        {
            if (_certain == 0 && _decisions.MustCatchUp(record))
            {
                _catchingUp = CatchUpAsync(_commands.Count);
                return;
            }

            _certain = Math.Max(0, _certain - 1);
            _outbox.Carry(Decide(_decisions.Command, _commands.Dequeue()));
        }
    }

    // "Not registered" is said at the end of the log only. Where that cannot be reached Kafka is away, and nothing is said until it is back.
    private async Task CatchUpAsync(int asked)
    {
        _telemetry.CountCatchUp();
        while (!_closing.IsCancellationRequested)
        {
            if (await _catchUp().ConfigureAwait(ConfigureAwaitOptions.ForceYielding))
            {
                break;
            }
        }

        lock (_gate)
        {
            if (_closed)
            {
                return;
            }

            _certain = asked;
            _catchingUp = Task.CompletedTask;
            Pump();
        }
    }
}
