using Confluent.Kafka;
using Microsoft.Extensions.Logging;
using KafkaPartition = Confluent.Kafka.TopicPartition;

namespace Messaging;

/// <summary>
/// Writes records, and where there is one the positions of a group, in transactions: readers are shown all of one or nothing. One thread calls it, and each call
/// may block. After a <see cref="TransactionFailedException"/> it is of no more use, and what it was told must be decided anew from what is
/// committed.
/// </summary>
public sealed class TransactionalProducer : IDisposable
{
    // Each question to Kafka is repeated for this long: then the coordinator has aborted the transaction by itself.
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(15);
    private static readonly TimeSpan s_try = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan s_farewell = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan s_pause = TimeSpan.FromMilliseconds(2);

    private readonly IProducer<byte[], byte[]> _producer;
    private readonly ClientLog _log;
    private readonly Dictionary<string, int> _written = [];
    private int _records;
    private bool _open;

    /// <param name="transactionalId">The same for a process that takes this one's place, different from that of any other that lives.</param>
    public TransactionalProducer(KafkaConnection connection, string clientId, string transactionalId, ILogger logger)
    {
        ArgumentNullException.ThrowIfNull(connection);
        _log = new ClientLog(logger, clientId);
        _producer = new ProducerBuilder<byte[], byte[]>(ClientSettings.Transactional(connection, clientId, transactionalId))
            .SetErrorHandler((_, error) => _log.Error(error))
            .SetLogHandler((_, message) => _log.Message(message))
            .Build();
    }

    /// <summary>Aborts what an earlier holder of the id has left open, and shuts it out. Waits for Kafka until cancelled. Once.</summary>
    /// <exception cref="TransactionFailedException">It cannot be.</exception>
    public void Initialize(CancellationToken ct) =>
        Repeat(_producer.InitTransactions, TimeSpan.MaxValue, "the transactional id is not to be had", ct);

    /// <summary>Begins a transaction.</summary>
    /// <exception cref="TransactionFailedException">It cannot be.</exception>
    public void Begin()
    {
        try
        {
            _producer.BeginTransaction();
            _open = true;
        }
        catch (KafkaException exception)
        {
            throw new TransactionFailedException("a transaction cannot begin: " + exception.Error.Reason, exception);
        }
    }

    /// <summary>
    /// Writes a record within the transaction, waiting while there is no room. False where it is larger than Kafka takes: nothing is
    /// written then, and the transaction goes on. Whether the record has been written shows when the transaction is committed.
    /// </summary>
    /// <exception cref="TransactionFailedException">The transaction is at its end.</exception>
    public bool Append(string topic, int partition, byte[]? key, byte[]? value, RecordHeader[]? headers, CancellationToken ct)
    {
        if (LogProducer.SizeOf(key, value, headers) > LogProducer.MaxRecordBytes)
        {
            MessagingMetrics.TooLarge.Count(topic);
            return false;
        }

        var message = new Message<byte[], byte[]> { Key = key!, Value = value!, Headers = HeadersOf(headers) };
        while (!TryProduce(new KafkaPartition(topic, partition), message))
        {
            MessagingMetrics.QueueFull.Count(topic);
            ct.WaitHandle.WaitOne(s_pause);
            ct.ThrowIfCancellationRequested();
        }

        _written[topic] = _written.GetValueOrDefault(topic) + 1;
        _records++;
        MessagingMetrics.AddInFlight(1);
        return true;
    }

    /// <summary>Commits what has been written since <see cref="Begin"/>, and with it the positions of the group.</summary>
    /// <exception cref="TransactionFailedException">It is aborted, or Kafka does not say: then it may have been committed.</exception>
    public void Commit(IReadOnlyCollection<LogPosition> positions, GroupMembership membership, CancellationToken ct)
    {
        ArgumentNullException.ThrowIfNull(positions);
        ArgumentNullException.ThrowIfNull(membership);
        var metadata = membership.Metadata ?? throw new TransactionFailedException("the group has thrown this member out");
        if (positions.Count > 0)
        {
            var offsets = positions.Select(at => new TopicPartitionOffset(at.Topic, at.Partition, at.Offset)).ToList();
            Repeat(bound => _producer.SendOffsetsToTransaction(offsets, metadata, bound), s_patience, "the group does not take the positions", ct);
        }

        Commit(ct);
    }

    /// <summary>Commits what has been written since <see cref="Begin"/>.</summary>
    /// <exception cref="TransactionFailedException">It is aborted, or Kafka does not say: then it may have been committed.</exception>
    public void Commit(CancellationToken ct)
    {
        Repeat(_producer.CommitTransaction, s_patience, "the transaction is not committed", ct);
        _open = false;
        foreach (var (topic, records) in _written)
        {
            MessagingMetrics.Appended.Add(records, new KeyValuePair<string, object?>("topic", topic));
        }

        Forget();
    }

    /// <summary>Aborts what is open, so that readers need not wait until it is given up for dead.</summary>
    public void Dispose()
    {
        if (_open)
        {
            try
            {
                _producer.AbortTransaction(s_farewell);
            }
            catch (KafkaException exception)
            {
                _log.Error(exception.Error); // Kafka does it after transaction.timeout.ms, or when the id is taken again
            }
        }

        Forget();
        _producer.Dispose();
    }

    private bool TryProduce(KafkaPartition partition, Message<byte[], byte[]> message)
    {
        try
        {
            _producer.Produce(partition, message);
            return true;
        }
        catch (ProduceException<byte[], byte[]> exception) when (exception.Error.Code == ErrorCode.Local_QueueFull)
        {
            return false;
        }
        catch (KafkaException exception)
        {
            throw new TransactionFailedException($"a record for {partition.Topic} is not taken: {exception.Error.Reason}", exception);
        }
    }

    private static void Repeat(Action<TimeSpan> ask, TimeSpan patience, string otherwise, CancellationToken ct)
    {
        for (var begin = Environment.TickCount64; ; ct.ThrowIfCancellationRequested())
        {
            try
            {
                ask(s_try);
                return;
            }
            catch (KafkaRetriableException exception) when (Environment.TickCount64 - begin >= patience.TotalMilliseconds)
            {
                throw new TransactionFailedException($"{otherwise}: {exception.Error.Reason}", exception);
            }
            catch (KafkaRetriableException)
            {
                // Asked again, it goes on where it was.
            }
            catch (KafkaException exception)
            {
                throw new TransactionFailedException($"{otherwise}: {exception.Error.Reason}", exception);
            }
        }
    }

    private void Forget()
    {
        MessagingMetrics.AddInFlight(-_records);
        _records = 0;
        _written.Clear();
    }

    private static Headers? HeadersOf(RecordHeader[]? headers)
    {
        if (headers is not { Length: > 0 })
        {
            return null;
        }

        var list = new Headers();
        foreach (var header in headers)
        {
            list.Add(header.Name, header.Value);
        }

        return list;
    }
}
