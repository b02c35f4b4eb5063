using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using System.Net;
using System.Net.Sockets;
using Contracts.Configuration;
using Ingress;
using Ingress.Access;
using Ingress.Security;
using Ingress.Service;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;
using Org.BouncyCastle.Tls;
using Pipeline.Tests.Dtls;

namespace Pipeline.Tests.Ingress.Security;

/// <summary>Somebody tries one key after the other.</summary>
public sealed class WrongKeyStormTests : IDisposable, ILogger
{
    readonly ServiceProvider _services = new ServiceCollection().AddMetrics().BuildServiceProvider();
    readonly string _file = Path.GetTempFileName();
    readonly FakeTimeProvider _time = new();
    readonly MeterListener _meters = new();
    readonly ConcurrentQueue<string> _warnings = new();
    readonly List<IDisposable> _sockets = [];
    long _limited;

    public void Dispose()
    {
        _sockets.ForEach(s => s.Dispose());
        _meters.Dispose();
        _services.Dispose();
        File.Delete(_file);
    }

    [Fact]
    public async Task Source_with_many_failures_is_not_begun_with_and_told_of_once()
    {
        File.WriteAllText(_file, """[{"endpoint": "dev-1", "psk": "01"}]""");
        var telemetry = new IngressTelemetry(_services.GetRequiredService<IMeterFactory>());
        _meters.InstrumentPublished = (instrument, listener) =>
        {
            if (ReferenceEquals(instrument, telemetry.DtlsDropped))
                listener.EnableMeasurementEvents(instrument);
        };
        _meters.SetMeasurementEventCallback<long>((_, value, tags, _) =>
        {
            if (tags.ToArray().Any(t => t.Value is "limited"))
                Interlocked.Add(ref _limited, value);
        });
        _meters.Start();
        using var credentials = new CredentialFile(() => _file, _time, this);
        using var listeners = new Listeners(Options(), this, new DtlsNeeds(new Credentials(credentials), telemetry, _time, this, 100, 0));
        listeners.Start(1, (in _, _) => { });
        _time.Advance(TimeSpan.FromSeconds(11));

        var attempts = 0;
        var last = Task.CompletedTask;
        while (Interlocked.Read(ref _limited) == 0)
        {
            attempts++;
            last = Client(listeners, 2).ConnectAsync();
            while (!last.IsCompleted && Interlocked.Read(ref _limited) == 0)
                await Task.Delay(1, TestContext.Current.CancellationToken);
        }

        // A failure is counted when its alert has left already.
        Assert.InRange(attempts, FailureLimit.Most + 1, FailureLimit.Most + 3);
        // Now nobody from there is begun with, not even with the right key, until some failures are forgotten.
        var right = Client(listeners, 1).ConnectAsync();
        Assert.Equal(0, listeners.Secure.Single().Sessions);
        _time.Advance(TimeSpan.FromSeconds(5));
        await Assert.ThrowsAsync<TlsFatalAlertReceived>(() => last);
        await right;
        var warning = Assert.Single(_warnings, w => w.Contains("has failed", StringComparison.Ordinal));
        Assert.Contains("wrong_key", warning, StringComparison.Ordinal);
    }

    DtlsClient Client(Listeners listeners, byte key)
    {
        var socket = new UdpClient(new IPEndPoint(IPAddress.Loopback, 0));
        _sockets.Add(socket);
        socket.Connect(listeners.Open.Single(l => l.Name == "dtls:secure").LocalEndPoint);
        var client = new DtlsClient(datagram => socket.Send(datagram), "dev-1", [key]);
        _ = Task.Run(async () =>
        {
            while (true)
                client.Deliver((await socket.ReceiveAsync()).Buffer);
        });
        return client;
    }

    static Lwm2mOptions Options() => new()
    {
        Listeners = new ListenersOptions
        {
            Udp = new Dictionary<string, UdpListenerOptions> { ["plain"] = new() { Bind = BindAddress.Loopback(0) } },
            Dtls = new Dictionary<string, DtlsListenerOptions> { ["secure"] = new() { Bind = BindAddress.Loopback(0) } },
        },
    };

    IDisposable? ILogger.BeginScope<TState>(TState state) => null;

    bool ILogger.IsEnabled(LogLevel logLevel) => logLevel >= LogLevel.Warning;

    void ILogger.Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
        _warnings.Enqueue(formatter(state, exception));
}
