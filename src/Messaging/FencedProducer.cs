using System.Threading.Channels;
using Microsoft.Extensions.Logging;

namespace Messaging;

/// <summary>
/// Writes records under a name that one process at a time can have: the last that has opened it. From then on Kafka refuses what an earlier one still
/// tries to write, also what lay in its queues while it was paused, and what it had written without being told so is decided. Each batch is a transaction
/// under the name as <c>transactional.id</c>; the sinks are told nothing of offsets. It ends with the first failure: open it again. Not for the embedded
/// broker, which one process has for itself.
/// </summary>
public sealed class FencedProducer : IAppender, IDisposable
{
    private const int MaxQueued = 1024;
    private const int MaxBatch = 256;

    private sealed record Waiting(string Topic, int Partition, byte[]? Key, byte[]? Value, RecordHeader[]? Headers, IAppendSink Sink, long Cookie);

    private readonly ILogger _logger;
    private readonly string _clientId;
    private readonly TransactionalProducer _producer;
    private readonly Channel<Waiting> _queue = Channel.CreateBounded<Waiting>(new BoundedChannelOptions(MaxQueued) { SingleReader = true });
    private readonly CancellationTokenSource _end = new();
    private readonly TaskCompletionSource _completion = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private Task _writing = Task.CompletedTask;

    private FencedProducer(KafkaConnection connection, string name, string clientId, ILogger logger)
    {
        (_logger, _clientId) = (logger, clientId);
        _producer = new TransactionalProducer(connection, clientId, name, logger);
    }

    /// <summary>
    /// Faults with <see cref="TransactionFailedException"/> when it can write no more: somebody else has opened its name, or Kafka was away for too long.
    /// What it had not reported may or may not stand in the log; once the name has been opened again that does not change any more. Ends with
    /// <see cref="Dispose"/>.
    /// </summary>
    public Task Completion => _completion.Task;

    /// <summary>Takes the name from whoever has it. Waits while Kafka is away.</summary>
    /// <exception cref="TransactionFailedException">Kafka does not allow it.</exception>
    public static async Task<FencedProducer> OpenAsync(KafkaConnection connection, string name, string clientId, ILogger logger, CancellationToken ct)
    {
        var producer = new FencedProducer(connection, name, clientId, logger);
        try
        {
            await Task.Run(() => producer._producer.Initialize(ct), ct);
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

        if (_queue.Writer.TryWrite(new Waiting(topic, partition, key, value, headers, sink, cookie)))
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
        catch (TransactionFailedException exception)
        {
            _logger.ClientWarning(_clientId, exception.Message);
            End(batch, exception);
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
        _producer.Begin();
        foreach (var waiting in batch)
        {
            _producer.Append(waiting.Topic, waiting.Partition, waiting.Key, waiting.Value, waiting.Headers, _end.Token);
        }

        _producer.Commit(_end.Token);
    }

    private static void Tell(List<Waiting> batch, bool succeeded)
    {
        foreach (var waiting in batch)
        {
            if (!succeeded)
            {
                MessagingMetrics.AppendFailed.Count(waiting.Topic);
            }

            waiting.Sink.Appended(waiting.Cookie, waiting.Partition, -1, succeeded);
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
