using System.Collections.Concurrent;
using Confluent.Kafka;
using Microsoft.Extensions.Logging;
using KafkaPartition = Confluent.Kafka.TopicPartition;

namespace Messaging;

/// <summary>
/// Reads given partitions without a group, in log order, on a thread of its own. Where a position is no longer in the log (a slow reader of
/// a topic with retention), that is logged and counted, and reading goes on at the beginning of what is left; where Kafka only said so for a
/// moment (a leader that has just changed), it goes on where it was. Where the client below stands
/// still while Kafka tells others of more records (<see cref="Patience"/>), a new one takes its place.
/// </summary>
public sealed class LogReader : IDisposable
{
    // How late an assignment and the end of the reader may be noticed.
    private const int PollMs = 20;

    private static int s_readers;

    private readonly ILogger _logger;
    private readonly ClientLog _log;
    private readonly string _clientId;
    private readonly string _reader;
    private readonly UnreadBudget? _budget;
    private readonly KafkaConnection _connection;
    private readonly OffsetClient _offsets;
    private readonly ConcurrentDictionary<TopicPartition, ReaderPartition> _partitions = new();
    private readonly ConcurrentQueue<Action> _commands = new(); // carried out by the reading thread, between records
    private readonly TaskCompletionSource _completion = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly HashSet<TopicPartition> _read = []; // what the client has been assigned; as the client itself, the reading thread's
    private IConsumer<byte[], byte[]> _consumer;
    private Action<LogRecord> _handle = static _ => { };
    private Thread? _thread;
    private Looks? _looks;
    private volatile bool _ended;

    public LogReader(KafkaConnection connection, string clientId, ILogger logger)
    {
        ArgumentNullException.ThrowIfNull(connection);
        _logger = logger;
        _log = new ClientLog(logger, clientId);
        _clientId = clientId;
        _reader = $"{clientId}#{Interlocked.Increment(ref s_readers)}";
        _budget = connection.Budget;
        _connection = connection;
        _consumer = Connect();
        _offsets = OffsetClient.Share(connection, logger);
    }

    /// <summary>Each assigned partition has been handled up to where its log ended when it was assigned.</summary>
    public bool IsCaughtUp =>
        _thread is not null && !_completion.Task.IsCompleted && _partitions.Values.All(partition => partition.CaughtUp);

    /// <summary>
    /// Faults when the reader cannot go on (the handler threw, a fatal error): the process should end. Ends with <see cref="Dispose"/>.
    /// </summary>
    public Task Completion => _completion.Task;

    /// <summary>Starts reading. The handler is called on the reading thread; an exception ends the reader.</summary>
    public void Start(IReadOnlyList<LogPosition> from, Action<LogRecord> handle)
    {
        if (_thread is not null)
        {
            throw new InvalidOperationException("The reader has been started before.");
        }

        _handle = handle;
        Assign(from);
        _thread = new Thread(Run) { IsBackground = true, Name = _clientId };
        _thread.Start();
        _looks = new Looks(_connection.Patience.Look, _ => LookAsync());
    }

    /// <summary>Adds partitions while running; one that is read already starts anew.</summary>
    public void Assign(IReadOnlyList<LogPosition> from)
    {
        foreach (var position in from)
        {
            var name = new TopicPartition(position.Topic, position.Partition);
            Drop(name);
            var partition = new ReaderPartition(_connection.Patience.Looks(_connection.Patience.Behind));
            _partitions[name] = partition;
            _ = LocateAsync(name, partition, position.Offset);
        }
    }

    /// <summary>
    /// Drops partitions. When it returns, no record of them is being handled or will be (unless called from the handler itself).
    /// </summary>
    public void Unassign(IReadOnlyList<TopicPartition> partitions)
    {
        foreach (var partition in partitions)
        {
            Drop(partition);
        }
    }

    /// <summary>
    /// True when everything that stood in the log at the call has been handled; false when the bound passed first, or the partition is not
    /// assigned. Cheap for many at once: they share questions to the broker.
    /// </summary>
    /// <param name="end">What counts as standing in the log: <see cref="LogPosition.End"/> or <see cref="LogPosition.Written"/>.</param>
    public async Task<bool> CatchUpAsync(string topic, int partition, TimeSpan bound, long end = LogPosition.End)
    {
        var name = new TopicPartition(topic, partition);
        if (!_partitions.TryGetValue(name, out var state))
        {
            return false;
        }

        using var cancellation = new CancellationTokenSource(bound);
        try
        {
            var edge = await EdgeAsync(name, end, cancellation.Token);
            return await state.Reached(edge).WaitAsync(cancellation.Token);
        }
        catch (OperationCanceledException)
        {
            return false;
        }
    }

    /// <summary>The offset behind the newest record of any partition, assigned or not; works before <see cref="Start"/>.</summary>
    /// <exception cref="TimeoutException">The bound passed first.</exception>
    public Task<long> EndOffsetAsync(string topic, int partition, TimeSpan bound) => EdgeOffsetAsync(topic, partition, LogPosition.End, bound);

    /// <summary>The offset of the oldest record that is kept, or that of the end where there is none.</summary>
    /// <exception cref="TimeoutException">The bound passed first.</exception>
    public Task<long> BeginningOffsetAsync(string topic, int partition, TimeSpan bound) =>
        EdgeOffsetAsync(topic, partition, LogPosition.Beginning, bound);

    public void Dispose()
    {
        if (_ended)
        {
            return;
        }

        _ended = true;
        _looks?.Dispose();
        if (_thread is not null && _thread != Thread.CurrentThread)
        {
            _thread.Join();
        }

        foreach (var name in _partitions.Keys)
        {
            Drop(name);
            _budget?.Leave(_reader, name.Topic, name.Partition); // the thread that would do it is gone
        }

        _offsets.Dispose();
        _consumer.Close();
        _consumer.Dispose();
        _completion.TrySetResult();
    }

    private async Task<long> EdgeOffsetAsync(string topic, int partition, long edge, TimeSpan bound)
    {
        using var cancellation = new CancellationTokenSource(bound);
        try
        {
            return await EdgeAsync(new TopicPartition(topic, partition), edge, cancellation.Token);
        }
        catch (OperationCanceledException)
        {
            var what = edge == LogPosition.End ? "ends" : "begins";
            throw new TimeoutException($"Kafka did not say within {bound.TotalSeconds:0.0} s where {topic}[{partition}] {what}.");
        }
    }

    private async Task<long> EdgeAsync(TopicPartition name, long edge, CancellationToken ct)
    {
        while (true)
        {
            if (await AskAsync(name, edge).WaitAsync(ct) is { } found)
            {
                return found;
            }

            await Task.Delay(PollMs, ct);
        }
    }

    // A position is made absolute before it is assigned, so that it is always known what has been handled.
    private async Task LocateAsync(TopicPartition name, ReaderPartition partition, long offset)
    {
        var asking = AskWhileCurrentAsync(name, partition, LogPosition.End);
        var locating = offset == LogPosition.Beginning ? AskWhileCurrentAsync(name, partition, LogPosition.Beginning) : asking;
        if (await asking is not { } end || await locating is not { } edge)
        {
            return;
        }

        var start = offset >= 0 ? offset : edge;
        partition.SetGoal(end);
        _commands.Enqueue(() =>
        {
            if (IsCurrent(name, partition))
            {
                _budget?.Join(_reader, name.Topic, name.Partition, start);
                Read(name, start);
                partition.Start(start);
            }
        });
    }

    private async Task<long?> AskWhileCurrentAsync(TopicPartition name, ReaderPartition partition, long edge)
    {
        while (!_ended && IsCurrent(name, partition))
        {
            if (await AskAsync(name, edge) is { } found)
            {
                return found;
            }

            await Task.Delay(PollMs);
        }

        return null;
    }

    private Task<long?> AskAsync(TopicPartition name, long edge) => _offsets.AskAsync(new LogPosition(name.Topic, name.Partition, edge));

    private void Drop(TopicPartition name)
    {
        if (!_partitions.TryRemove(name, out var partition))
        {
            return;
        }

        partition.Drop();
        _commands.Enqueue(() =>
        {
            if (partition.Next >= 0)
            {
                Leave(name);
                _budget?.Leave(_reader, name.Topic, name.Partition);
            }
        });
    }

    private bool IsCurrent(TopicPartition name, ReaderPartition partition) =>
        _partitions.TryGetValue(name, out var current) && ReferenceEquals(current, partition);

    private void Run()
    {
        try
        {
            while (!_ended && !_completion.Task.IsCompleted)
            {
                // Only those that stand there now: a command may put itself behind again.
                for (var count = _commands.Count; count > 0 && _commands.TryDequeue(out var command); count--)
                {
                    command();
                }

                Poll();
            }
        }
#pragma warning disable CA1031 // an exception of the handler is a bug: reading stops for all to see
        catch (Exception exception)
#pragma warning restore CA1031
        {
            MessagingMetrics.HandlerFailed.Add(1);
            End(exception, "reading failed");
        }
    }

    private void Poll()
    {
        ConsumeResult<byte[], byte[]>? result;
        try
        {
            result = _consumer.Consume(PollMs);
        }
        catch (ConsumeException exception) when (exception.Error.Code == ErrorCode.Local_AutoOffsetReset)
        {
            var lost = exception.ConsumerRecord.TopicPartition;
            _ = StartOverAsync(new TopicPartition(lost.Topic, lost.Partition.Value));
            return;
        }
        catch (ConsumeException exception) when (!exception.Error.IsFatal)
        {
            _log.Error(exception.Error);
            return;
        }

        if (result is null || !_partitions.TryGetValue(new TopicPartition(result.Topic, result.Partition.Value), out var partition))
        {
            return;
        }

        if (result.IsPartitionEOF)
        {
            partition.AtEnd(result.Offset.Value);
        }
        else if (partition.Handle(Records.From(result), _handle))
        {
            MessagingMetrics.Read.Count(result.Topic);
        }

        _budget?.Handled(_reader, result.Topic, result.Partition.Value, partition.Next);
    }

    // Until the answers are there the client lets the partition stand still; the others are read on.
    private async Task StartOverAsync(TopicPartition name)
    {
        if (!_partitions.TryGetValue(name, out var partition)
            || await AskWhileCurrentAsync(name, partition, LogPosition.Beginning) is not { } low
            || await AskWhileCurrentAsync(name, partition, LogPosition.End) is not { } end)
        {
            return;
        }

        _commands.Enqueue(() =>
        {
            if (!IsCurrent(name, partition))
            {
                return;
            }

            var next = Math.Clamp(partition.Next, low, Math.Max(low, end));
            if (next != partition.Next)
            {
                _logger.OutOfRange(_clientId, partition.Next, name, next);
                MessagingMetrics.OutOfRange.Count(name.Topic);
            }

            Leave(name); // one given up is not sought
            Read(name, next);
            partition.Start(next);
            _budget?.Handled(_reader, name.Topic, name.Partition, next);
        });
    }

    private IConsumer<byte[], byte[]> Connect() => new ConsumerBuilder<byte[], byte[]>(ClientSettings.Reader(_connection, _clientId))
        .SetErrorHandler((_, error) => OnError(error))
        .SetLogHandler((_, message) => _log.Message(message))
        .Build();

    private async Task LookAsync()
    {
        var found = await Task.WhenAll(_partitions.Select(entry => StandsStillAsync(entry.Key, entry.Value)));
        var still = found.Where(entry => entry.Next >= 0).ToArray();
        if (still.Length > 0)
        {
            _commands.Enqueue(() => GoOnAnew(still));
        }
    }

    // That it has handled nothing is no fault of the client while there is nothing more to be had.
    private async Task<(TopicPartition Name, long Next)> StandsStillAsync(TopicPartition name, ReaderPartition partition)
    {
        var next = partition.Next;
        var still = await partition.Standstill.LookAsync(next >= 0 ? next : null, async () => await AskAsync(name, LogPosition.End) > next);
        return (name, still ? next : -1);
    }

    private void GoOnAnew((TopicPartition Name, long Next)[] still)
    {
        var left = still.Where(entry => _partitions.TryGetValue(entry.Name, out var partition) && partition.Next == entry.Next).ToArray();
        if (left.Length == 0)
        {
            return;
        }

        _logger.ReadAnew(_clientId, string.Join(' ', left.Select(entry => entry.Name)), _connection.Patience.Behind.TotalSeconds);
        MessagingMetrics.Replaced.CountClient(_clientId);
        var former = _consumer;
        _ = Task.Run(former.Dispose); // a broken client may not end
        _consumer = Connect();
        _read.Clear(); // what is being dropped or located is not among them
        foreach (var (name, partition) in _partitions)
        {
            if (partition.Next is >= 0 and var next)
            {
                Read(name, next);
            }
        }
    }

    private void Read(TopicPartition name, long from)
    {
        _consumer.IncrementalAssign([new TopicPartitionOffset(name.Topic, name.Partition, from)]);
        _read.Add(name);
    }

    private void Leave(TopicPartition name)
    {
        if (_read.Remove(name))
        {
            _consumer.IncrementalUnassign([new KafkaPartition(name.Topic, name.Partition)]);
        }
    }

    private void OnError(Error error)
    {
        if (error.IsFatal)
        {
            End(new KafkaException(error), error.Reason);
        }
        else
        {
            _log.Error(error);
        }
    }

    private void End(Exception exception, string reason)
    {
        if (_completion.TrySetException(exception))
        {
            _logger.Ended(exception, _clientId, reason);
            foreach (var partition in _partitions.Values)
            {
                partition.Drop();
            }
        }
    }
}
