using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;

namespace Pipeline.IntegrationTests.Gateways;

/// <summary>A way to a TCP server on loopback on which nothing moves while it is stalled, as behind a router that hangs.</summary>
sealed class StallingProxy : IAsyncDisposable
{
    readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    readonly ConcurrentBag<Socket> _sockets = [];
    readonly CancellationTokenSource _end = new();
    readonly int _target;
    readonly Task _accepting;
    volatile TaskCompletionSource _open = new();
    volatile bool _isCut;

    public StallingProxy(int target)
    {
        _target = target;
        _listener.Start();
        _open.SetResult();
        _accepting = AcceptAsync();
    }

    public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    public void Stall() => _open = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Ends all connections, and every new one at once.</summary>
    public void Cut()
    {
        _isCut = true;
        Drop();
    }

    /// <summary>Moves on; what was on its way is lost with its connections.</summary>
    public void ResumeAfresh()
    {
        _isCut = false;
        Drop();
        _open.TrySetResult();
    }

    public async ValueTask DisposeAsync()
    {
        await _end.CancelAsync();
        _listener.Dispose();
        ResumeAfresh();
        await _accepting;
        _end.Dispose();
    }

    async Task AcceptAsync()
    {
        try
        {
            while (true)
            {
                var client = await _listener.AcceptSocketAsync(_end.Token);
                _ = ConnectAsync(client);
            }
        }
        catch (Exception e) when (e is OperationCanceledException or SocketException or ObjectDisposedException)
        {
            // The end.
        }
    }

    async Task ConnectAsync(Socket client)
    {
        var server = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        client.NoDelay = true;
        _sockets.Add(client);
        _sockets.Add(server);
        try
        {
            if (_isCut)
                throw new SocketException((int)SocketError.ConnectionRefused);
            await server.ConnectAsync(IPAddress.Loopback, _target, _end.Token);
            await Task.WhenAll(CopyAsync(client, server), CopyAsync(server, client));
        }
        catch (Exception e) when (e is OperationCanceledException or SocketException or ObjectDisposedException)
        {
            // The server is away.
            client.Dispose();
            server.Dispose();
        }
    }

    void Drop()
    {
        while (_sockets.TryTake(out var socket))
            socket.Dispose();
    }

    async Task CopyAsync(Socket from, Socket to)
    {
        var buffer = new byte[65536];
        try
        {
            for (var read = await from.ReceiveAsync(buffer); read > 0; read = await from.ReceiveAsync(buffer))
            {
                await _open.Task;
                await to.SendAsync(buffer.AsMemory(0, read));
            }
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            // Ended by either side.
        }

        from.Dispose();
        to.Dispose();
    }
}
