using Confluent.Kafka;
using Microsoft.Extensions.Logging;
using KafkaPartition = Confluent.Kafka.TopicPartition;

namespace Messaging;

/// <summary>
/// One member of a consumer group, on a thread of its own. Starts at the beginning where nothing is committed; commits, four times a second
/// and when it gives a partition up, behind the contiguous prefix of what is <see cref="Done"/>, unless transactions of the handler do
/// that (<see cref="TransactionalProducer"/>). A partition with too much under way is paused until half of it is done.
/// </summary>
public sealed class GroupConsumer : IDisposable
{
    private const int PollMs = 20;
    private const int BusyPollMs = 5; // while paused partitions wait for room or for their release
    private const long RevokeDrainMs = 2000;

    private static readonly TimeSpan s_parting = TimeSpan.FromSeconds(5); // from a client that may not come back from a call

    private readonly ILogger _logger;
    private readonly ClientLog _log;
    private readonly string _clientId;
    private readonly IReadOnlyList<string> _topics;
    private readonly IGroupHandler _handler;
    private readonly int _most;
    private readonly bool _byTransactions;
    private readonly IConsumer<byte[], byte[]> _consumer;
    private readonly GroupCommits _commits;
    private readonly GroupPartitions _partitions;
    private readonly GroupWatch _watch;
    private readonly GroupPauses _pauses;
    private readonly Action<GroupPartition, LogRecord> _take;
    private readonly GroupLosses _lost;
    private readonly TaskCompletionSource _completion = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private Thread? _thread;
    private Task? _assigning;
    private CancellationTokenSource _assignment = new();
    private long _drainUntil;
    private long _turns;
    private long _assignments; // that came or went
    private volatile bool _holds;
    private volatile Exception? _fatal;
    private volatile bool _standsStill;
    private volatile bool _stopping;
    private volatile bool _rejoining;
    private volatile bool _assigned;
    private int _disposed;

    public GroupConsumer(
        KafkaConnection connection,
        string group,
        string clientId,
        IReadOnlyList<string> topics,
        IGroupHandler handler,
        int maxInFlightPerPartition,
        ILogger logger,
        bool byTransactions = false)
    {
        ArgumentNullException.ThrowIfNull(connection);
        ArgumentOutOfRangeException.ThrowIfLessThan(maxInFlightPerPartition, 1);
        _logger = logger;
        _log = new ClientLog(logger, clientId);
        _clientId = clientId;
        _topics = topics;
        _handler = handler;
        _most = maxInFlightPerPartition;
        _byTransactions = byTransactions;
        _partitions = new GroupPartitions(connection.Patience.Looks(connection.Patience.StandsStill));
        _watch = new GroupWatch(
            connection, group, clientId, topics[0], _partitions, () => Volatile.Read(ref _turns),
            () => _holds ? null : Volatile.Read(ref _assignments), StandStill, logger);
        _consumer = new ConsumerBuilder<byte[], byte[]>(ClientSettings.Member(connection, group, clientId))
            .SetErrorHandler((_, error) => OnError(error))
            .SetLogHandler((_, message) => _log.Message(message))
            .SetPartitionsAssignedHandler((_, partitions) => OnAssigned(partitions))
            .SetPartitionsRevokedHandler((_, _) => OnRevoked())
            .SetPartitionsLostHandler((_, _) => OnLost())
            .SetOffsetsCommittedHandler((_, committed) => _commits!.Heard(committed))
            .Build();
        _pauses = new GroupPauses(_consumer);
        _lost = new GroupLosses(_consumer, _partitions, clientId, _log, logger);
        _take = Take;
        _commits = new GroupCommits(_consumer, _partitions, group, clientId, connection, byTransactions, _log, logger);
        _commits.JoinBudget(topics);
    }

    /// <summary>Has an assignment, possibly an empty one, and all its partitions are released.</summary>
    public bool Assigned => _assigned && !_completion.Task.IsCompleted;

    /// <summary>Of the newest assignment, where positions are committed by transactions; null before the first.</summary>
    public GroupMembership? Membership { get; private set; }

    /// <summary>Lag of the assigned partitions, about a second old; older while Kafka does not answer.</summary>
    public IReadOnlyList<PartitionLag> Lags => _commits.Lags;

    /// <summary>
    /// Ends when the consumer has stopped; faults when it cannot go on (the handler threw, a fatal error): the process should end.
    /// </summary>
    public Task Completion => _completion.Task;

    public void Start()
    {
        if (_thread is not null)
        {
            throw new InvalidOperationException("The consumer has been started before.");
        }

        MessagingMetrics.Observe(this, _commits.Measure);
        _consumer.Subscribe(_topics);
        _thread = new Thread(Run) { IsBackground = true, Name = _clientId };
        _thread.Start();
        _watch.Start();
    }

    /// <summary>The committed position of a partition that is held, -1 where there is none. Below it everything is done. To be asked in the handler's calls.</summary>
    public long CommittedOf(TopicPartition partition) => _partitions.TryGet(partition, out var state) ? state.Stored ?? -1 : -1;

    /// <summary>
    /// The effect of a record is complete. Thread-safe, once per record, in any order. For a partition that has been revoked it does
    /// nothing; where the partition has come back it is either true of a record taken again, or ignored.
    /// </summary>
    public void Done(string topic, int partition, long offset) => _partitions.Done(new TopicPartition(topic, partition), offset);

    /// <summary>Gives everything up without committing, and takes it anew from what is committed. Thread-safe; carried out soon after.</summary>
    public void Rejoin() => _rejoining = true;

    /// <summary>
    /// Takes nothing more, waits so long for what is under way, commits and leaves the group. Does not fault: see <see cref="Completion"/>.
    /// </summary>
    public async Task StopAsync(TimeSpan drain)
    {
        Volatile.Write(ref _drainUntil, Environment.TickCount64 + (long)drain.TotalMilliseconds);
        _stopping = true;
        if (_thread is not null)
        {
            await _completion.Task.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    public void Dispose()
    {
        if (Interlocked.Exchange(ref _disposed, 1) != 0)
        {
            return;
        }

        _stopping = true;
        if (_thread != Thread.CurrentThread)
        {
            _thread?.Join(_standsStill ? s_parting : Timeout.InfiniteTimeSpan);
        }

        _watch.Dispose();
        _commits.Dispose();
        _assignment.Dispose();
        _completion.TrySetResult();
        if (_standsStill)
        {
            _ = Task.Run(_consumer.Dispose); // it may not end
        }
        else
        {
            _consumer.Dispose();
        }
    }

    private void Run()
    {
        try
        {
            while (!IsOver())
            {
                Release();
                Resume();
                _commits.Store();
                StartOver();
                TakeAnew();
                Poll();
                Volatile.Write(ref _turns, _turns + 1);
            }

            _consumer.Close(); // revokes: commits and tells the handler
            Revoked(_partitions.GiveUpSuspended());
            _completion.TrySetResult();
        }
#pragma warning disable CA1031 // an exception of the handler is a bug: reading stops for all to see
        catch (Exception exception)
#pragma warning restore CA1031
        {
            if (_fatal is null)
            {
                MessagingMetrics.HandlerFailed.Add(1);
            }

            _logger.Ended(exception, _clientId, "consuming failed");
            Abandon();
            _completion.TrySetException(exception);
        }
        finally
        {
            _assigned = false;
            MessagingMetrics.Forget(this);
        }
    }

    private bool IsOver()
    {
        if (_fatal is { } fatal)
        {
            throw fatal;
        }

        if (!_stopping)
        {
            return false;
        }

        if (!_assignment.IsCancellationRequested)
        {
            _assignment.Cancel();
            _pauses.PauseAll(_partitions);
        }

        return Environment.TickCount64 >= Volatile.Read(ref _drainUntil) || _partitions.IsDrained;
    }

    private void Poll()
    {
        ConsumeResult<byte[], byte[]>? result;
        try
        {
            result = _consumer.Consume(_pauses.Any ? BusyPollMs : PollMs);
        }
        catch (ConsumeException exception) when (exception.Error.Code == ErrorCode.Local_AutoOffsetReset)
        {
            _lost.Add(exception.ConsumerRecord.TopicPartitionOffset);
            return;
        }
        catch (ConsumeException exception) when (!exception.Error.IsFatal)
        {
            _log.Error(exception.Error);
            return;
        }

        if (_assigning is not null)
        {
            _pauses.PauseAll(_partitions); // fetching starts with the assignment, delivery with the release
        }

        if (result is null || !_partitions.TryGet(new TopicPartition(result.Topic, result.Partition.Value), out var partition))
        {
            return;
        }

        var record = Records.From(result);
        if (partition.Paused)
        {
            partition.Held.Enqueue(record);
        }
        else
        {
            Take(partition, record);
        }
    }

    private void Take(GroupPartition partition, LogRecord record)
    {
        if (!partition.Taken(record.Offset))
        {
            return;
        }

        MessagingMetrics.Read.Count(record.Topic);
        _handler.Handle(record);
        if (partition.Window >= _most)
        {
            _pauses.Pause(partition);
        }
    }

    private void Release()
    {
        if (_stopping || _assigning is not { IsCompleted: true } assigning)
        {
            return;
        }

        assigning.GetAwaiter().GetResult(); // a failure ends the consumer
        _assigning = null;
        _assigned = true;
    }

    private void Resume()
    {
        if (_stopping || _assigning is not null)
        {
            return;
        }

        _pauses.Resume(_most, _take);
    }

    private void StartOver()
    {
        if (_lost.Locate())
        {
            _commits.Commit();
            _consumer.Unsubscribe();
            _consumer.Subscribe(_topics);
        }
    }

    private void TakeAnew()
    {
        if (_rejoining)
        {
            _rejoining = false;
            _consumer.Unsubscribe();
            _consumer.Subscribe(_topics);
        }
    }

    private List<TopicPartitionOffset> OnAssigned(List<KafkaPartition> partitions)
    {
        var starts = _partitions.Hold(_commits.StartsOf(partitions, () => _stopping || _fatal is not null), out var givenUp);
        Revoked(givenUp);
        var names = _partitions.Names;
        _holds = true;
        _logger.Assigned(_clientId, names.Length, string.Join(' ', names));
        _assignment.Dispose();
        _assignment = new CancellationTokenSource();
        Membership = _byTransactions ? GroupMembership.Of(_consumer) : null;
        _assigning = _handler.AssignedAsync(names, _assignment.Token);
        Release();
        return starts;
    }

    private void OnRevoked()
    {
        EndAssignment();
        // What is nearly done need not be done twice.
        for (var until = Environment.TickCount64 + RevokeDrainMs; !_stopping && !_partitions.IsDrained && Environment.TickCount64 < until;)
        {
            Thread.Sleep(BusyPollMs);
        }

        _handler.Revoking(_partitions.Names);
        _commits.Commit();
        Revoked(_partitions.GiveUpHeld());
    }

    private void OnLost()
    {
        EndAssignment();
        if (_byTransactions)
        {
            Revoked(_partitions.GiveUpHeld()); // their transaction can no longer be committed, so what was decided in it never was
            return;
        }

        var names = _partitions.Suspend();
        _logger.Suspended(_clientId, names.Length);
        _handler.Suspended(names);
    }

    private void EndAssignment()
    {
        _holds = false;
        Volatile.Write(ref _assignments, _assignments + 1);
        _assigned = false;
        _assignment.Cancel();
        _assigning = null;
        _pauses.Clear();
        _lost.Clear();
        _commits.Clear();
    }

    private void Revoked(TopicPartition[] givenUp)
    {
        if (givenUp.Length > 0)
        {
            _logger.Revoked(_clientId, givenUp.Length);
            _handler.Revoked(givenUp);
        }
    }

    private void StandStill(string seen)
    {
        if (_stopping || _completion.Task.IsCompleted)
        {
            return;
        }

        MessagingMetrics.StoodStill.CountClient(_clientId);
        _standsStill = true;
        var exception = new TimeoutException($"{_clientId} stands still: {seen}");
        _fatal = exception;
        // The thread ends it, unless the client holds it fast.
        _ = Task.Delay(s_parting).ContinueWith(_ => _completion.TrySetException(exception), TaskScheduler.Default);
    }

    private void Abandon()
    {
        if (_standsStill)
        {
            return; // without a farewell that it could not send
        }

        try
        {
            _consumer.Close();
        }
#pragma warning disable CA1031 // the first failure is the one that is told
        catch (Exception exception)
#pragma warning restore CA1031
        {
            _logger.ClientDetail(_clientId, exception.Message);
        }
    }

    private void OnError(Error error)
    {
        if (error.IsFatal)
        {
            _fatal = new KafkaException(error); // the client swallows what its callbacks throw
        }

        _log.Error(error);
    }
}
