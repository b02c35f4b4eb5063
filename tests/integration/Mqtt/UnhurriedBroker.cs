using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Pipeline.IntegrationTests.Mqtt;

/// <summary>An MQTT 5 broker for publishers that answers everything but publishes (QoS 1), until it is told to.</summary>
sealed class UnhurriedBroker : IAsyncDisposable
{
    const int Connect = 1, Publish = 3, Subscribe = 8, PingRequest = 12;

    readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    readonly ConcurrentBag<TcpClient> _clients = [];
    readonly ConcurrentDictionary<string, int> _taken = new();
    readonly CancellationTokenSource _end = new();
    readonly TaskCompletionSource _moving = new(TaskCreationOptions.RunContinuationsAsynchronously);
    readonly Task _accepting;
    int _received;

    public UnhurriedBroker()
    {
        _listener.Start();
        _accepting = AcceptAsync();
    }

    public string Server => $"mqtt://127.0.0.1:{((IPEndPoint)_listener.LocalEndpoint).Port}";

    /// <summary>Publishes that have come, repetitions too.</summary>
    public int Received => Volatile.Read(ref _received);

    /// <summary>Different payloads that it has acknowledged.</summary>
    public int Taken => _taken.Count;

    public void Move() => _moving.TrySetResult();

    public async ValueTask DisposeAsync()
    {
        await _end.CancelAsync();
        _moving.TrySetCanceled();
        _listener.Dispose();
        foreach (var client in _clients)
            client.Dispose();
        await _accepting;
        _end.Dispose();
    }

    async Task AcceptAsync()
    {
        try
        {
            while (true)
            {
                var client = await _listener.AcceptTcpClientAsync(_end.Token);
                _clients.Add(client);
                _ = ServeAsync(client.GetStream());
            }
        }
        catch (Exception e) when (e is OperationCanceledException or SocketException or ObjectDisposedException)
        {
            // The end.
        }
    }

    async Task ServeAsync(NetworkStream stream)
    {
        using var gate = new SemaphoreSlim(1);
        try
        {
            var buffered = new BufferedStream(stream, 65536);
            while (await ReadAsync(buffered) is var (header, body))
            {
                switch (header >> 4)
                {
                    case Connect:
                        await SendAsync(stream, gate, [0x20, 3, 0, 0, 0]);
                        break;
                    case Subscribe:
                        await SendAsync(stream, gate, [0x90, 4, body[0], body[1], 0, 1]);
                        break;
                    case PingRequest:
                        await SendAsync(stream, gate, [0xd0, 0]);
                        break;
                    case Publish:
                        Interlocked.Increment(ref _received);
                        await TakeAsync(stream, gate, body);
                        break;
                }
            }
        }
        catch (Exception e) when (e is IOException or ObjectDisposedException or OperationCanceledException)
        {
            // Ended by either side.
        }
    }

    // The payload ends with its number, behind the last blank.
    Task TakeAsync(NetworkStream stream, SemaphoreSlim gate, byte[] body)
    {
        var id = 2 + (body[0] << 8) + body[1];
        byte[] acknowledgement = [0x40, 2, body[id], body[id + 1]];
        var payload = Encoding.UTF8.GetString(body.AsSpan(body.AsSpan().LastIndexOf((byte)' ') + 1));
        if (!_moving.Task.IsCompleted)
        {
            _ = LaterAsync();
            return Task.CompletedTask;
        }

        _taken.TryAdd(payload, 0);
        return SendAsync(stream, gate, acknowledgement);

        async Task LaterAsync()
        {
            try
            {
                await _moving.Task;
                _taken.TryAdd(payload, 0);
                await SendAsync(stream, gate, acknowledgement);
            }
            catch (Exception e) when (e is IOException or ObjectDisposedException or OperationCanceledException)
            {
                // The connection is gone.
            }
        }
    }

    static async Task SendAsync(NetworkStream stream, SemaphoreSlim gate, byte[] packet)
    {
        await gate.WaitAsync();
        try
        {
            await stream.WriteAsync(packet);
        }
        finally
        {
            gate.Release();
        }
    }

    static async Task<(byte Header, byte[] Body)> ReadAsync(Stream stream)
    {
        var header = new byte[1];
        await stream.ReadExactlyAsync(header);
        var (length, next) = (0, new byte[] { 0x80 });
        for (var shift = 0; next[0] >= 0x80; shift += 7)
        {
            await stream.ReadExactlyAsync(next);
            length |= (next[0] & 0x7f) << shift;
        }

        var body = new byte[length];
        await stream.ReadExactlyAsync(body);
        return (header[0], body);
    }
}
