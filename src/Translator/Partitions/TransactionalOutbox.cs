using System.Collections.Concurrent;
using Hosting.Traces;
using Messaging;

namespace Translator.Partitions;

/// <summary>
/// Carries out the work of all partitions of one assignment in transactions, one after the other, on a thread of its own: what a record leads
/// to stands on Kafka together with its offset, or not at all. When one fails, what has been decided since is void with it, so the outbox is at
/// its end: the partitions must be given up and taken anew, with another. The work that waits is bounded by what the consumer lets in.
/// </summary>
internal sealed class TransactionalOutbox : IOutbox, IDisposable
{
    /// <summary>A transaction is kept open for so long after its first record: what comes meanwhile shares its cost.</summary>
    public const int GatherMs = 20;

    /// <summary>Works after which it is not kept open any longer.</summary>
    public const int Most = 5000;

    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);

    private readonly Func<TransactionalProducer> _open;
    private readonly GroupMembership _membership;
    private readonly string _deadLetters;
    private readonly Action<LogRecord> _done;
    private readonly Action<Exception> _failed;
    private readonly TranslatorTelemetry _telemetry;
    private readonly BlockingCollection<Work> _works = [];
    private readonly CancellationTokenSource _closing = new();
    private readonly TaskCompletionSource _ready = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _completion = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Dictionary<(string Topic, int Partition), long> _positions = [];
    private readonly List<Work> _written = [];

    /// <param name="open">Makes a producer; its transactional id is always the same.</param>
    /// <param name="membership">Whose positions are committed.</param>
    /// <param name="deadLetters">Topic of what Kafka can never take.</param>
    /// <param name="done">All that the record led to is committed, and so is its offset.</param>
    /// <param name="failed">Told once, when this outbox is at its end before it was closed.</param>
    public TransactionalOutbox(
        Func<TransactionalProducer> open, GroupMembership membership, string deadLetters, Action<LogRecord> done, Action<Exception> failed,
        TranslatorTelemetry telemetry)
    {
        (_open, _membership, _deadLetters, _done, _failed, _telemetry) = (open, membership, deadLetters, done, failed, telemetry);
    }

    /// <summary>What an earlier outbox with the same transactional id has left open is aborted, and nothing more can come of it.</summary>
    public Task Ready => _ready.Task;

    /// <summary>The thread has ended, and what it had open is aborted as far as Kafka could be reached.</summary>
    public Task Completion => _completion.Task;

    /// <param name="former">Begins when this has ended: the predecessor, whose last transaction may still be on its way.</param>
    public void Start(Task former) =>
        new Thread(() => Run(former)) { IsBackground = true, Name = "translator-transactions" }.Start();

    public void Carry(Work work)
    {
        if (!_closing.IsCancellationRequested)
        {
            _works.Add(work);
        }
    }

    /// <summary>Partitions leave all together, so the first that leaves ends all: the transaction under way is committed or aborted, the rest is void.</summary>
    public void Close() => _closing.Cancel();

    public void Dispose()
    {
        Close();
        _completion.Task.Wait();
        _works.Dispose();
        _closing.Dispose();
    }

    private void Run(Task former)
    {
        try
        {
            former.Wait(_closing.Token);
            using var producer = Initialized();
            _ready.TrySetResult();
            while (true)
            {
                Transact(producer, _works.Take(_closing.Token));
            }
        }
        catch (OperationCanceledException)
        {
            _ready.TrySetCanceled();
        }
#pragma warning disable CA1031 // whatever it is, what has been decided is void and must be decided anew
        catch (Exception exception)
#pragma warning restore CA1031
        {
            _telemetry.CountTransaction("failed");
            if (!_closing.Token.WaitHandle.WaitOne(Pause))
            {
                _failed(exception);
            }
        }
        finally
        {
            _completion.TrySetResult();
        }
    }

    private TransactionalProducer Initialized()
    {
        while (true)
        {
            var producer = _open();
            try
            {
                producer.Initialize(_closing.Token);
                return producer;
            }
            catch (TransactionFailedException)
            {
                producer.Dispose();
                _closing.Token.WaitHandle.WaitOne(Pause);
            }
            catch
            {
                producer.Dispose();
                throw;
            }
        }
    }

    private void Transact(TransactionalProducer producer, Work first)
    {
        producer.Begin();
        var until = Environment.TickCount64 + GatherMs;
        var count = 0;
        var work = first;
        do
        {
            Write(producer, work);
        }
        while (++count < Most && Math.Max(0, until - Environment.TickCount64) is var left && _works.TryTake(out work!, (int)left, _closing.Token));

        producer.Commit(
            [.. _positions.Select(at => new LogPosition(at.Key.Topic, at.Key.Partition, at.Value))], _membership, _closing.Token);
        _telemetry.CountTransaction("committed");
        foreach (var done in _written)
        {
            done.Span?.End();
            _done(done.Source!.Value);
        }

        // The positions stay: each transaction shows the group that it is of a member.
        _written.Clear();
    }

    private void Write(TransactionalProducer producer, Work work)
    {
        foreach (var step in work.Steps)
        {
            foreach (var append in step)
            {
                Write(producer, append, work.Source);
            }
        }

        // Every record of a partition leads to work, in the order of the log.
        if (work.Source is { } source)
        {
            _positions[(source.Topic, source.Partition)] = source.Offset + 1;
            _written.Add(work);
        }
    }

    private void Write(TransactionalProducer producer, LogAppend append, LogRecord? source)
    {
        for (var next = append; next is not null; next = EventRecord.InsteadOf(next, source, _deadLetters))
        {
            if (producer.Append(next.Topic, next.Partition, next.Key, next.Value, next.Headers, _closing.Token))
            {
                return;
            }

            _telemetry.CountDeadLetter("append");
        }
    }
}
