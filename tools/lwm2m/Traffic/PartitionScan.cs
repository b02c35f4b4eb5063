using System.Threading.Channels;
using Contracts;
using Google.Protobuf;
using Messaging;
using Microsoft.Extensions.Logging;

namespace Tools.Traffic;

/// <summary>One partition of uplink from a position to its end as of the start: read and worked on by a thread of its own, a bounded stretch ahead.</summary>
sealed class PartitionScan<T> : IAsyncDisposable
{
    const int Ahead = 1024;

    static readonly TimeSpan AnswerBound = TimeSpan.FromSeconds(30);

    readonly Channel<(UplinkEvent, T)> _found = Channel.CreateBounded<(UplinkEvent, T)>(new BoundedChannelOptions(Ahead) { SingleReader = true, SingleWriter = true });
    readonly LogReader _reader;
    readonly TrafficContext _context;
    readonly Func<UplinkEvent, T> _work;
    readonly Action _unreadable;
    readonly CancellationTokenSource _ending;
    Task _run = Task.CompletedTask;
    long _end;

    PartitionScan(LogReader reader, TrafficContext context, Func<UplinkEvent, T> work, Action unreadable, CancellationToken cancellation)
    {
        (_reader, _context, _work, _unreadable) = (reader, context, work, unreadable);
        _ending = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
    }

    public static PartitionScan<T> Start(
        KafkaConnection connection, string clientId, LogPosition from, TrafficSelection selection, Func<UplinkEvent, T> work, Action unreadable, ILogger logger,
        CancellationToken cancellation)
    {
        var scan = new PartitionScan<T>(new LogReader(connection, $"{clientId}-{from.Partition}", logger), new TrafficContext(selection), work, unreadable, cancellation);
        scan._run = scan.RunAsync(from);
        return scan;
    }

    public IAsyncEnumerable<(UplinkEvent Event, T Result)> ReadAsync(CancellationToken cancellation) => _found.Reader.ReadAllAsync(cancellation);

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
        if (!TryParse(record.Value, out var happened))
        {
            _unreadable();
            return;
        }

        foreach (var wanted in _context.Take(happened))
            Put((wanted, _work(wanted)));
    }

    void Put((UplinkEvent, T) item)
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

    static bool TryParse(byte[]? value, out UplinkEvent happened)
    {
        try
        {
            happened = UplinkEvent.Parser.ParseFrom(value ?? []);
            return happened is { Schema: > 0 and <= Schema.Current, Endpoint.Length: > 0 };
        }
        catch (InvalidProtocolBufferException)
        {
            happened = new UplinkEvent();
            return false;
        }
    }
}
