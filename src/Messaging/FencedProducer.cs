using System.Threading.Channels;
using Confluent.Kafka;
using Microsoft.Extensions.Logging;
using KafkaPartition = Confluent.Kafka.TopicPartition;

namespace Messaging;

/// <summary>
/// Writes records under a name that one process at a time can have: the last that has opened it. From then on Kafka refuses what an earlier one still
/// tries to write, also what lay in its queues while it was paused, and what it had written without being told so is decided. Each batch is a transaction
/// under the name as <c>transactional.id</c>. It ends with the first failure: open it again. Not for the embedded broker, which one process has for itself.
/// </summary>
public sealed class FencedProducer : IAppender, IDisposable
{
    private const int MaxQueued = 1024;
    private const int MaxBatch = 256;

    // So long a process that has died in a transaction holds up the readers of what is committed, unless its successor comes first.
    private const string TransactionTimeoutMs = "15000";

    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan s_commitBound = TimeSpan.FromSeconds(20);

    private sealed record Waiting(KafkaPartition Partition, Message<byte[], byte[]> Message, IAppendSink Sink, long Cookie)
    {
        public TopicPartitionOffset? Written { get; set; }
    }

    private readonly ILogger _logger;
    private readonly ClientLog _log;
    private readonly string _clientId;
    private readonly IProducer<byte[], byte[]> _producer;
    private readonly Channel<Waiting> _queue = Channel.CreateBounded<Waiting>(new BoundedChannelOptions(MaxQueued) { SingleReader = true });
    private readonly CancellationTokenSource _end = new();
    private readonly TaskCompletionSource _completion = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private Task _writing = Task.CompletedTask;

    private FencedProducer(KafkaConnection connection, string name, string clientId, ILogger logger)
    {
        (_logger, _log, _clientId) = (logger, new ClientLog(logger, clientId), clientId);
        _producer = new ProducerBuilder<byte[], byte[]>(ClientSettings.FencedProducer(connection, name, clientId, TransactionTimeoutMs))
            .SetErrorHandler((_, error) => _log.Error(error))
            .SetLogHandler((_, message) => _log.Message(message))
            .Build();
    }

    /// <summary>Faults with <see cref="AppendingEndedException"/> when it can write no more. Ends with <see cref="Dispose"/>.</summary>
    public Task Completion => _completion.Task;

    /// <summary>Takes the name from whoever has it. Waits while Kafka is away.</summary>
    /// <exception cref="AppendingEndedException">Kafka does not allow it.</exception>
    public static async Task<FencedProducer> OpenAsync(KafkaConnection connection, string name, string clientId, ILogger logger, CancellationToken ct)
    {
        var producer = new FencedProducer(connection, name, clientId, logger);
        try
        {
            await Task.Run(() => producer.Open(ct), ct);
            producer._writing = Task.Factory.StartNew(producer.Run, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
            return producer;
        }
        catch
        {
            producer.Dispose();
            throw;
        }
    }

    public AppendStatus TryAppend(
        string topic, int partition, byte[]? key, byte[]? value, RecordHeader[]? headers, IAppendSink sink, long cookie)
    {
        if (LogProducer.SizeOf(key, value, headers) > LogProducer.MaxRecordBytes)
        {
            MessagingMetrics.TooLarge.Count(topic);
            return AppendStatus.TooLarge;
        }

        var message = new Message<byte[], byte[]> { Key = key!, Value = value!, Headers = [] };
        foreach (var header in headers ?? [])
        {
            message.Headers.Add(header.Name, header.Value);
        }

        if (_queue.Writer.TryWrite(new Waiting(new KafkaPartition(topic, partition), message, sink, cookie)))
        {
            return AppendStatus.Handed;
        }

        var ended = _completion.Task.IsCompleted;
        (ended ? MessagingMetrics.BrokersAway : MessagingMetrics.QueueFull).Count(topic);
        return ended ? AppendStatus.BrokersAway : AppendStatus.QueueFull;
    }

    /// <summary>What is not reported yet is given up: nothing of a transaction that is not over will be seen.</summary>
    public void Dispose()
    {
        if (_end.IsCancellationRequested)
        {
            return;
        }

        _end.Cancel();
        _writing.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing).GetAwaiter().GetResult();
        _producer.Dispose();
        _completion.TrySetResult();
    }

    private void Open(CancellationToken ct)
    {
        while (true)
        {
            ct.ThrowIfCancellationRequested();
            try
            {
                _producer.InitTransactions(s_patience);
                return;
            }
            catch (KafkaRetriableException exception)
            {
                _logger.ClientDetail(_clientId, exception.Message);
            }
            catch (KafkaException exception)
            {
                throw new AppendingEndedException(exception.Error.Reason, exception);
            }
        }
    }

    private void Run()
    {
        var batch = new List<Waiting>(MaxBatch);
        try
        {
            while (_queue.Reader.WaitToReadAsync(_end.Token).AsTask().GetAwaiter().GetResult())
            {
                while (batch.Count < MaxBatch && _queue.Reader.TryRead(out var waiting))
                {
                    batch.Add(waiting);
                }

                Write(batch);
                Tell(batch, succeeded: true);
                batch.Clear();
            }
        }
        catch (OperationCanceledException) when (_end.IsCancellationRequested)
        {
            End(batch, null);
        }
        catch (KafkaException exception)
        {
            _logger.ClientWarning(_clientId, exception.Error.Reason);
            End(batch, new AppendingEndedException(exception.Error.Reason, exception));
        }
#pragma warning disable CA1031 // whatever a sink throws is a bug, and must not go unnoticed
        catch (Exception exception)
#pragma warning restore CA1031
        {
            _logger.Ended(exception, _clientId, "a sink threw");
            End(batch, exception);
        }
    }

    // A record that could not be written fails the commit.
    private void Write(List<Waiting> batch)
    {
        _producer.BeginTransaction();
        foreach (var waiting in batch)
        {
            _producer.Produce(waiting.Partition, waiting.Message, report => waiting.Written = report.TopicPartitionOffset);
        }

        for (var until = Environment.TickCount64 + (long)s_commitBound.TotalMilliseconds; ;)
        {
            try
            {
                _producer.CommitTransaction(s_patience);
                return;
            }
            catch (KafkaRetriableException) when (Environment.TickCount64 < until && !_end.IsCancellationRequested)
            {
                // The same call goes on where this one left off.
            }
        }
    }

    private static void Tell(List<Waiting> batch, bool succeeded)
    {
        foreach (var waiting in batch)
        {
            (succeeded ? MessagingMetrics.Appended : MessagingMetrics.AppendFailed).Count(waiting.Partition.Topic);
            var written = waiting.Written ?? new TopicPartitionOffset(waiting.Partition, Offset.Unset);
            waiting.Sink.Appended(waiting.Cookie, written.Partition.Value, written.Offset.Value, succeeded);
        }
    }

    private void End(List<Waiting> batch, Exception? exception)
    {
        _queue.Writer.TryComplete();
        if (exception is not null)
        {
            _completion.TrySetException(exception);
        }

        while (_queue.Reader.TryRead(out var waiting))
        {
            batch.Add(waiting);
        }

        Tell(batch, succeeded: false);
    }
}
