using System.Threading.Channels;
using Messaging;
using Microsoft.Extensions.Logging;

namespace Tools.Traffic;

/// <summary>One partition of a topic from a position to its end as of the start: read and worked on by a thread of its own, a bounded stretch ahead.</summary>
sealed class PartitionScan<T> : IAsyncDisposable
{
    const int Ahead = 1024;

    static readonly TimeSpan AnswerBound = TimeSpan.FromSeconds(30);

    readonly Channel<T> _found = Channel.CreateBounded<T>(new BoundedChannelOptions(Ahead) { SingleReader = true, SingleWriter = true });
    readonly LogReader _reader;
    readonly Func<LogRecord, IEnumerable<T>> _take;
    readonly CancellationTokenSource _ending;
    Task _run = Task.CompletedTask;
    long _end;

    PartitionScan(LogReader reader, Func<LogRecord, IEnumerable<T>> take, CancellationToken cancellation)
    {
        (_reader, _take) = (reader, take);
        _ending = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
    }

    /// <param name="connection">To Kafka.</param>
    /// <param name="clientId">Its name there.</param>
    /// <param name="from">Where it begins.</param>
    /// <param name="take">What is found in a record.</param>
    /// <param name="logger">Where Kafka's clients log.</param>
    /// <param name="cancellation">Ends it.</param>
    public static PartitionScan<T> Start(
        KafkaConnection connection, string clientId, LogPosition from, Func<LogRecord, IEnumerable<T>> take, ILogger logger, CancellationToken cancellation)
    {
        var scan = new PartitionScan<T>(new LogReader(connection, $"{clientId}-{from.Partition}", logger), take, cancellation);
        scan._run = scan.RunAsync(from);
        return scan;
    }

    public IAsyncEnumerable<T> ReadAsync(CancellationToken cancellation) => _found.Reader.ReadAllAsync(cancellation);

    public async ValueTask DisposeAsync()
    {
        await _ending.CancelAsync();
        await _run;
        // Its thread may be waiting for a place in the queue, which the cancellation has ended.
        _reader.Dispose();
        _ending.Dispose();
    }

    async Task RunAsync(LogPosition from)
    {
        try
        {
            _end = await _reader.EndOffsetAsync(from.Topic, from.Partition, AnswerBound);
            _reader.Start([from], Handle);
            while (!_ending.IsCancellationRequested && !await _reader.CatchUpAsync(from.Topic, from.Partition, AnswerBound).WaitAsync(_ending.Token))
            {
                if (_reader.Completion.IsFaulted)
                    await _reader.Completion;
            }

            _found.Writer.TryComplete();
        }
        catch (OperationCanceledException)
        {
            _found.Writer.TryComplete();
        }
#pragma warning disable CA1031 // Whoever reads the queue hears of it.
        catch (Exception failure)
#pragma warning restore CA1031
        {
            _found.Writer.TryComplete(failure is TimeoutException ? new IOException($"{from.Topic} does not answer: {failure.Message}", failure) : failure);
        }
    }

    void Handle(LogRecord record)
    {
        if (record.Offset >= _end || _ending.IsCancellationRequested)
            return;
        foreach (var found in _take(record))
            Put(found);
    }

    void Put(T item)
    {
        if (_found.Writer.TryWrite(item))
            return;
        try
        {
            _found.Writer.WriteAsync(item, _ending.Token).AsTask().GetAwaiter().GetResult();
        }
        catch (Exception ended) when (ended is OperationCanceledException or ChannelClosedException)
        {
            // Nobody wants it any more.
        }
    }
}
