using System.Net;
using System.Text;
using Contracts;
using Google.Protobuf;
using Ingress.Sockets;
using Messaging;

namespace Ingress.Capture;

/// <summary>
/// Carries what was recorded to Kafka, with a producer of its own: what it fills is no room of uplink events. The producer is made with the first datagram.
/// Where Kafka takes nothing it tries again, until the queue is full.
/// </summary>
sealed class CaptureWriter(CaptureQueue queue, Topics topics, IReadOnlyList<string> listeners, LocalAddresses addresses, Func<LogProducer> makeProducer, TimeProvider time)
    : IAppendSink, IAsyncDisposable
{
    static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(20);
    static readonly TimeSpan Farewell = TimeSpan.FromSeconds(1);
    static readonly byte[] Nowhere = new byte[Peer.Length];

    readonly CancellationTokenSource _ending = new();
    LogProducer? _producer;
    Task _run = Task.CompletedTask;

    public void Start() => _run = RunAsync();

    public async ValueTask DisposeAsync()
    {
        queue.Complete();
        _ending.CancelAfter(Farewell);
        await _run;
        _producer?.Flush(Farewell);
        _producer?.Dispose();
        _ending.Dispose();
    }

    void IAppendSink.Appended(long cookie, int partition, long offset, bool succeeded)
    {
        if (!succeeded)
            queue.Drop("kafka");
    }

    async Task RunAsync()
    {
        // The host goes on starting.
        await Task.Yield();
        try
        {
            while (await queue.TakeAsync(_ending.Token) is { } captured)
                await TryWriteAsync(captured);
        }
        catch (OperationCanceledException)
        {
            while (queue.TryTake(out _))
                queue.Drop("kafka");
        }
    }

    async Task TryWriteAsync(CapturedDatagram captured)
    {
        try
        {
            await WriteAsync(captured);
        }
#pragma warning disable CA1031 // Whatever is wrong, the gateway does not end for it: it is counted, and Kafka's client has logged it.
        catch (Exception failure) when (failure is not OperationCanceledException)
#pragma warning restore CA1031
        {
            queue.Drop("kafka");
        }
    }

    async Task WriteAsync(CapturedDatagram captured)
    {
        captured.Local = ByteString.CopyFrom(LocalOf(captured));
        var (key, value) = (Encoding.UTF8.GetBytes(captured.Endpoint), captured.ToByteArray());
        var producer = _producer ??= makeProducer();
        while (true)
        {
            switch (producer.TryAppend(topics.Capture, -1, key, value, null, this, 0))
            {
                case AppendStatus.Handed:
                    return;
                case AppendStatus.TooLarge:
                    queue.Drop("kafka");
                    return;
            }

            // A client that cannot go on: the next datagram gets another.
            if (producer.Completion.IsCompleted)
            {
                queue.Drop("kafka");
                producer.Dispose();
                _producer = null;
                return;
            }

            await Task.Delay(Pause, time, _ending.Token);
        }
    }

    byte[] LocalOf(CapturedDatagram captured)
    {
        var index = listeners.Index().FirstOrDefault(listener => listener.Item == captured.Listener).Index;
        if (!Peer.TryRead(captured.Peer.Span, index, out var peer) || addresses.Of(peer) is not { } local)
            return Nowhere;
        var bytes = new byte[Peer.Length];
        Peer.From(local, index).Write(bytes);
        return bytes;
    }
}
