using System.Diagnostics;
using Hosting.Traces;
using Messaging;

namespace Translator.Partitions;

/// <summary>
/// Carries out the work of one partition: step by step, each append in order, none given up. What Kafka does not take now waits, and all behind it;
/// what it failed to deliver is written again. The work under way is bounded by what the consumer lets in. Thread-safe.
/// </summary>
internal sealed class Outbox : IAppendSink, IOutbox
{
    private static readonly TimeSpan RetryAfter = TimeSpan.FromMilliseconds(50);

    private readonly Lock _gate;
    private readonly Func<LogAppend, IAppendSink, long, AppendStatus> _tryAppend;
    private readonly string _deadLetters;
    private readonly Action<LogRecord> _done;
    private readonly TranslatorTelemetry _telemetry;
    private readonly Dictionary<long, (Carried Work, LogAppend Append)> _handed = [];
    private readonly LinkedList<(Carried Work, LogAppend Append)> _waiting = [];
    private readonly SortedList<long, (Carried Work, LogAppend Append)> _failed = [];
    private readonly ITimer _retry;
    private long _cookie;
    private bool _closed;

    /// <param name="gate">Held while anything of the partition is decided; also taken by acknowledgements.</param>
    /// <param name="tryAppend">Offers a record to Kafka; the sink hears the cookie again.</param>
    /// <param name="deadLetters">Topic of what Kafka can never take.</param>
    /// <param name="done">Called with the lock held when all that a record led to is acknowledged.</param>
    public Outbox(
        Lock gate, Func<LogAppend, IAppendSink, long, AppendStatus> tryAppend, string deadLetters, Action<LogRecord> done,
        TranslatorTelemetry telemetry, TimeProvider time)
    {
        (_gate, _tryAppend, _deadLetters, _done, _telemetry) = (gate, tryAppend, deadLetters, done, telemetry);
        _retry = time.CreateTimer(_ => Retry(), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    public void Carry(Work work)
    {
        lock (_gate)
        {
            Advance(new Carried(work));
        }
    }

    public void Appended(long cookie, int partition, long offset, bool succeeded)
    {
        lock (_gate)
        {
            if (_closed || !_handed.Remove(cookie, out var handed))
            {
                return;
            }

            if (succeeded)
            {
                Acknowledge(handed.Work);
            }
            else
            {
                // It may stand in the log all the same: every reader takes a repeated record for what it is.
                _telemetry.CountRetry();
                _failed.Add(cookie, handed);
            }

            if (_failed.Count > 0)
            {
                Collect();
            }
        }
    }

    /// <summary>The partition belongs to another now: nothing more is written.</summary>
    public void Close()
    {
        lock (_gate)
        {
            _closed = true;
            _waiting.Clear();
            _failed.Clear();
            _handed.Clear();
        }

        _retry.Dispose();
    }

    private void Advance(Carried work)
    {
        if (_closed)
        {
            return;
        }

        if (work.Next() is not { } step)
        {
            work.Span?.End();
            if (work.Source is { } source)
            {
                _done(source);
            }

            return;
        }

        foreach (var append in step)
        {
            _waiting.AddLast((work, append));
        }

        // Whatever waits already is waiting for Kafka, and its timer runs.
        if (_waiting.Count == step.Count && _failed.Count == 0)
        {
            Pump();
        }
    }

    // What failed goes first, in its old order, once it is known what became of all that was handed over with it.
    private void Collect()
    {
        if (_handed.Count > 0)
        {
            return;
        }

        for (var i = _failed.Count - 1; i >= 0; i--)
        {
            _waiting.AddFirst(_failed.Values[i]);
        }

        _failed.Clear();
        Later();
    }

    private void Pump()
    {
        while (_waiting.First is { } first)
        {
            var (work, append) = first.Value;
            var cookie = ++_cookie;
            _handed.Add(cookie, first.Value);
            switch (_tryAppend(append, this, cookie))
            {
                case AppendStatus.Handed:
                    _waiting.RemoveFirst();
                    break;
                case AppendStatus.TooLarge:
                    _handed.Remove(cookie);
                    _waiting.RemoveFirst();
                    Bury(work, append);
                    break;
                default:
                    _handed.Remove(cookie);
                    _telemetry.CountRetry();
                    Later();
                    return;
            }
        }
    }

    private void Bury(Carried work, LogAppend append)
    {
        _telemetry.CountDeadLetter("append");
        if (EventRecord.InsteadOf(append, work.Source, _deadLetters) is { } kept)
        {
            _waiting.AddFirst((work, kept));
        }
        else
        {
            Acknowledge(work);
        }
    }

    private void Acknowledge(Carried work)
    {
        if (work.IsStepOver())
        {
            Advance(work);
        }
    }

    private void Later()
    {
        if (!_closed)
        {
            _retry.Change(RetryAfter, Timeout.InfiniteTimeSpan);
        }
    }

    private void Retry()
    {
        lock (_gate)
        {
            if (!_closed && _failed.Count == 0)
            {
                Pump();
            }
        }
    }

    /// <summary>Work and how far it is.</summary>
    private sealed class Carried(Work work)
    {
        private int _step;
        private int _unacknowledged;

        public LogRecord? Source => work.Source;

        public Activity? Span => work.Span;

        /// <summary>The next step that writes anything; null when all are over.</summary>
        public IReadOnlyList<LogAppend>? Next()
        {
            while (_step < work.Steps.Count)
            {
                var step = work.Steps[_step++];
                _unacknowledged = step.Count;
                if (step.Count > 0)
                {
                    return step;
                }
            }

            return null;
        }

        public bool IsStepOver() => --_unacknowledged == 0;
    }
}
