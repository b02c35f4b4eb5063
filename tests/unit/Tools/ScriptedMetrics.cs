using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Pipeline.Tests.Tools;

/// <summary>A process that tells on /metrics how much it has used: the same amount more each time it is asked.</summary>
sealed class ScriptedMetrics : IAsyncDisposable
{
    readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    Task _answering = Task.CompletedTask;
    int _asked;

    public Uri Address => new($"http://{_listener.LocalEndpoint}/metrics");

    public static Task<ScriptedMetrics> StartAsync()
    {
        var metrics = new ScriptedMetrics();
        metrics._listener.Start();
        metrics._answering = metrics.AnswerAsync();
        return Task.FromResult(metrics);
    }

    public async ValueTask DisposeAsync()
    {
        _listener.Stop();
        await _answering;
    }

    async Task AnswerAsync()
    {
        try
        {
            while (true)
            {
                using var client = await _listener.AcceptTcpClientAsync();
                await using var stream = client.GetStream();
                await stream.ReadAtLeastAsync(new byte[4096], 1);
                _asked++;
                var body = string.Create(
                    CultureInfo.InvariantCulture,
                    $"# HELP process_cpu_seconds_total x\nprocess_cpu_seconds_total {_asked * 0.5}\nprocess_resident_memory_bytes 67108864\n"
                    + $"dotnet_gc_heap_total_allocated_bytes_total {_asked * 1000}\n");
                await stream.WriteAsync(Encoding.ASCII.GetBytes($"HTTP/1.1 200 OK\r\nContent-Length: {body.Length}\r\nConnection: close\r\n\r\n{body}"));
            }
        }
        catch (Exception exception) when (exception is SocketException or ObjectDisposedException or IOException)
        {
            // Stopped.
        }
    }
}
