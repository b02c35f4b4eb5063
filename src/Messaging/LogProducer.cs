using System.Collections.Concurrent;
using Confluent.Kafka;
using Contracts;
using Microsoft.Extensions.Logging;
using KafkaPartition = Confluent.Kafka.TopicPartition;

namespace Messaging;

/// <summary>
/// Writes records: idempotent, acknowledged by all replicas, in order per partition. Thread-safe. After <see cref="Dispose"/> no outcome is
/// reported any more: flush first.
/// </summary>
public sealed class LogProducer : IAppender, IDisposable
{
    /// <summary>Records that may be on their way at once.</summary>
    public const int MaxQueuedRecords = 100_000;

    /// <summary>Bytes that may be on their way at once.</summary>
    public const int MaxQueuedBytes = 64 * 1024 * 1024;

    /// <summary>
    /// Largest record on Kafka: key, value and headers. (On the embedded broker <see cref="UnreadBudget.MaxRecordBytes"/>.)
    /// </summary>
    public const int MaxRecordBytes = ClientSettings.MaxMessageBytes - 1024;

    private readonly UnreadBudget? _budget;
    private readonly ILogger _logger;
    private readonly ClientLog _log;
    private readonly string _clientId;
    private readonly int _maxRecordBytes;
    private readonly IProducer<byte[], byte[]> _producer;
    private readonly IAdminClient? _asking;
    private readonly BrokerWatch _watch;
    private readonly ProducerWatch _standstill;
    private readonly WaitingAppends _waiting;
    private readonly ConcurrentQueue<Delivery> _pool = new();
    private readonly ConcurrentDictionary<TopicPartition, KafkaPartition> _partitions = new();
    private readonly TaskCompletionSource _completion = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly CancellationTokenSource _ended = new();
    private string? _lastTopic;
    private volatile bool _standsStill;
    private long _lastLogged = -1000;
    private long _queuedBytes;
    private int _queuedRecords;
    private int _disposed;

    public LogProducer(KafkaConnection connection, string clientId, ILogger logger)
    {
        ArgumentNullException.ThrowIfNull(connection);
        _budget = connection.Budget;
        _clientId = clientId;
        _logger = logger;
        _log = new ClientLog(logger, clientId);
        _maxRecordBytes = connection.Embedded ? UnreadBudget.MaxRecordBytes : MaxRecordBytes;
        _waiting = new WaitingAppends(Hand);
        _watch = new BrokerWatch(AskBrokers, OnBrokersChanged);
        _standstill = new ProducerWatch(
            connection, () => Volatile.Read(ref _queuedRecords) > 0 || _watch.Away, () => _lastTopic, topic => OthersAreAnsweredAsync(connection, topic, logger), StandStill);
        _producer = new ProducerBuilder<byte[], byte[]>(ClientSettings.Producer(connection, clientId))
            .SetErrorHandler((_, error) => OnError(error))
            .SetLogHandler((_, message) => _log.Message(message))
            .SetStatisticsHandler((_, json) => _standstill!.Statistics(json))
            .Build();
        _asking = new DependentAdminClientBuilder(_producer.Handle).Build();
    }

    /// <summary>No broker can be reached, certainly; ends by itself. A single dead broker of several does not count.</summary>
    public bool BrokersAway => _watch.Away;

    /// <summary>
    /// Faults when the producer cannot go on (a fatal error, a sink that threw): the process should end. Ends with <see cref="Dispose"/>.
    /// </summary>
    public Task Completion => _completion.Task;

    /// <summary>
    /// Offers a record. Never blocks, never throws because Kafka is not there. Partition -1 = by key, as Java places it. The arrays belong
    /// to the producer until the sink has heard; headers cost far more than a field of the value.
    /// </summary>
    public AppendStatus TryAppend(
        string topic, int partition, byte[]? key, byte[]? value, RecordHeader[]? headers, IAppendSink sink, long cookie)
    {
        var size = SizeOf(key, value, headers);
        if (size > _maxRecordBytes)
        {
            MessagingMetrics.TooLarge.Count(topic);
            return AppendStatus.TooLarge;
        }

        if (_watch.Away || _completion.Task.IsFaulted)
        {
            MessagingMetrics.BrokersAway.Count(topic);
            return AppendStatus.BrokersAway;
        }

        partition = Place(topic, partition, key);
        if (!TryReserve(topic, partition, size))
        {
            MessagingMetrics.QueueFull.Count(topic);
            return AppendStatus.QueueFull;
        }

        _lastTopic = topic;
        var delivery = _pool.TryDequeue(out var pooled) ? pooled : new Delivery(this);
        delivery.Fill(topic, _budget is null ? -1 : partition, key, value, headers, size, sink, cookie);
        try
        {
            _producer.Produce(PartitionOf(topic, partition), delivery.Message, delivery.Report);
            return AppendStatus.Handed;
        }
        catch (KafkaException exception)
        {
            Return(delivery, written: -1);
            return Refused(topic, exception);
        }
    }

    /// <summary>
    /// Appends a record, waiting while there is no room or no broker. Waiting calls for one partition (or one topic, where the key decides)
    /// keep their order; beyond 10 000 of them, after <see cref="Dispose"/> and for what is too large the result says that it did not
    /// succeed. Cancelled, the record may still be written.
    /// </summary>
    public async Task<AppendResult> AppendAsync(
        string topic, int partition, byte[]? key, byte[]? value, RecordHeader[]? headers, CancellationToken ct)
    {
        var append = new PendingAppend(new TopicPartition(topic, Place(topic, partition, key)), key, value, headers);
        _waiting.Add(append);
        if (append.Outcome.IsCompleted)
        {
            return await append.Outcome;
        }

        using var either = CancellationTokenSource.CreateLinkedTokenSource(ct, _ended.Token);
        try
        {
            return await append.Outcome.WaitAsync(either.Token);
        }
        catch (OperationCanceledException)
        {
            append.Abandoned = true;
            ct.ThrowIfCancellationRequested();
            return new AppendResult(append.Lane.Partition, -1, false);
        }
    }

    /// <summary>Waits until everything handed over has been reported, at most this long.</summary>
    public void Flush(TimeSpan timeout) => _producer.Flush(timeout);

    public void Dispose()
    {
        if (Interlocked.Exchange(ref _disposed, 1) != 0)
        {
            return;
        }

        _standstill.Dispose();
        _waiting.Dispose();
        if (_standsStill)
        {
            _ = Task.Run(DisposeOfClient); // it may not end
        }
        else
        {
            DisposeOfClient();
        }

        MessagingMetrics.AddInFlight(-Interlocked.Exchange(ref _queuedRecords, 0));
        _ended.Cancel(); // lets go of those who await what will not be reported any more
        _completion.TrySetResult();
    }

    internal void Complete(Delivery delivery, DeliveryReport<byte[], byte[]> report)
    {
        if (Volatile.Read(ref _disposed) != 0)
        {
            return;
        }

        if (report.Error.Code != ErrorCode.Local_MsgTimedOut)
        {
            _standstill.Reported();
        }

        var succeeded = !report.Error.IsError;
        var (topic, sink, cookie) = (delivery.Topic, delivery.Sink, delivery.Cookie);
        Return(delivery, succeeded ? report.Offset.Value : -1);
        if (succeeded)
        {
            _watch.Heard();
            MessagingMetrics.Appended.Count(topic);
        }
        else
        {
            MessagingMetrics.AppendFailed.Count(topic);
            if (MayLog())
            {
                _logger.AppendFailed(topic, report.Error.Reason);
            }
        }

        try
        {
            sink.Appended(cookie, report.Partition.Value, report.Offset.Value, succeeded);
        }
#pragma warning disable CA1031 // whatever a sink throws is a bug, and must not end the client's thread unnoticed
        catch (Exception exception)
#pragma warning restore CA1031
        {
            MessagingMetrics.HandlerFailed.Count(topic);
            End(exception, "a sink threw");
        }
    }

    private AppendStatus Hand(PendingAppend append) =>
        TryAppend(append.Lane.Topic, append.Lane.Partition, append.Key, append.Value, append.Headers, append, 0);

    // The budget is by partition, so on the embedded broker the placing is done here. Without a key any partition will do.
    private int Place(string topic, int partition, byte[]? key)
    {
        if (partition >= 0 || _budget is null || _budget.PartitionsOf(topic) is var count && count == 0)
        {
            return partition;
        }

        return key is null ? Random.Shared.Next(count) : KeyPartitioner.PartitionOf(key, count);
    }

    private bool TryReserve(string topic, int partition, int size)
    {
        var records = Interlocked.Increment(ref _queuedRecords);
        var bytes = Interlocked.Add(ref _queuedBytes, size);
        if (records <= MaxQueuedRecords && bytes <= MaxQueuedBytes && (_budget?.TryReserve(topic, partition, size) ?? true))
        {
            MessagingMetrics.AddInFlight(1);
            return true;
        }

        Interlocked.Decrement(ref _queuedRecords);
        Interlocked.Add(ref _queuedBytes, -size);
        return false;
    }

    private void Return(Delivery delivery, long written)
    {
        Interlocked.Decrement(ref _queuedRecords);
        Interlocked.Add(ref _queuedBytes, -delivery.Size);
        MessagingMetrics.AddInFlight(-1);
        if (written >= 0)
        {
            _budget?.Written(delivery.Topic, delivery.Budgeted, written, delivery.Size);
        }
        else
        {
            _budget?.Failed(delivery.Topic, delivery.Budgeted, delivery.Size);
        }

        delivery.Clear();
        _pool.Enqueue(delivery);
    }

    private AppendStatus Refused(string topic, KafkaException exception)
    {
        switch (exception.Error.Code)
        {
            case ErrorCode.Local_QueueFull:
                MessagingMetrics.QueueFull.Count(topic);
                return AppendStatus.QueueFull;
            case ErrorCode.MsgSizeTooLarge:
                MessagingMetrics.TooLarge.Count(topic);
                return AppendStatus.TooLarge;
            default:
                if (MayLog())
                {
                    _logger.AppendRefused(topic, exception.Error.Reason);
                }

                MessagingMetrics.BrokersAway.Count(topic);
                return AppendStatus.BrokersAway;
        }
    }

    // The counters tell how many; one line a second tells why.
    private bool MayLog()
    {
        var now = Environment.TickCount64;
        var last = Interlocked.Read(ref _lastLogged);
        return now - last >= 1000 && Interlocked.CompareExchange(ref _lastLogged, now, last) == last;
    }

    private KafkaPartition PartitionOf(string topic, int partition)
    {
        var name = new TopicPartition(topic, partition);
        return _partitions.TryGetValue(name, out var known) ? known : _partitions.GetOrAdd(name, new KafkaPartition(topic, partition));
    }

    internal static int SizeOf(byte[]? key, byte[]? value, RecordHeader[]? headers)
    {
        var size = (key?.Length ?? 0) + (value?.Length ?? 0) + UnreadBudget.RecordOverhead;
        foreach (var header in headers ?? [])
        {
            size += header.Name.Length + header.Value.Length + 4;
        }

        return size;
    }

    private void OnError(Error error)
    {
        if (error.IsFatal)
        {
            End(new KafkaException(error), error.Reason);
        }
        else if (error.Code == ErrorCode.Local_AllBrokersDown)
        {
            _watch.Suspect();
        }
        else
        {
            _log.Error(error);
        }
    }

    private bool AskBrokers(TimeSpan patience)
    {
        try
        {
            return _asking?.GetMetadata(patience).Brokers.Count > 0; // null: the constructor is not over
        }
        catch (KafkaException)
        {
            return false;
        }
    }

    private void OnBrokersChanged(bool away)
    {
        if (away)
        {
            _logger.BrokersAway(_clientId);
        }
        else
        {
            _logger.BrokersBack(_clientId);
        }
    }

    private static async Task<bool> OthersAreAnsweredAsync(KafkaConnection connection, string? topic, ILogger logger)
    {
        using var others = OffsetClient.Share(connection, logger);
        return await others.AnswersAsync(topic);
    }

    private void StandStill(string seen)
    {
        _standsStill = true;
        MessagingMetrics.StoodStill.CountClient(_clientId);
        End(new TimeoutException($"{_clientId} stands still: {seen}"), seen);
    }

    private void DisposeOfClient()
    {
        _watch.Dispose();
        _asking?.Dispose();
        _producer.Dispose();
    }

    private void End(Exception exception, string reason)
    {
        if (_completion.TrySetException(exception))
        {
            _logger.Ended(exception, _clientId, reason);
        }
    }
}
