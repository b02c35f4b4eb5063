using System.Net;
using System.Net.Sockets;
using Contracts.Configuration;
using Microsoft.Extensions.Logging;
using MQTTnet.Server;

namespace Standalone;

/// <summary>An MQTT broker inside this process, for trying things out and for tests: no passwords, nothing survives the process.</summary>
public sealed partial class EmbeddedMqttBroker : IAsyncDisposable
{
    // A slower subscriber than that loses its oldest messages; a persistent session of one that is away too.
    private const int MaxPendingMessages = 10_000;

    private const int MaxPortTries = 10;

    private readonly MqttServer _server;
    private readonly ILogger _logger;
    private long _dropped;

    private EmbeddedMqttBroker(BindAddress bind, int port, ILogger logger)
    {
        (Port, _logger) = (port, logger);
        var address = bind.Address ?? IPAddress.Any;
        var isV6 = address.AddressFamily == AddressFamily.InterNetworkV6;
        Server = "mqtt://" + new IPEndPoint(IPAddress.IsLoopback(address) ? address : bind.Address is null || address.Equals(IPAddress.Any) ? IPAddress.Loopback : address, port);
        var options = new MqttServerOptionsBuilder()
            .WithDefaultEndpoint()
            .WithDefaultEndpointBoundIPAddress(isV6 ? IPAddress.None : address)
            .WithDefaultEndpointBoundIPV6Address(isV6 ? address : bind.Address is null ? IPAddress.IPv6Any : IPAddress.None)
            .WithDefaultEndpointPort(port)
            .WithPersistentSessions()
            .WithMaxPendingMessagesPerClient(MaxPendingMessages)
            .WithoutPacketFragmentation()
            .Build();
        _server = new MqttServerFactory().CreateMqttServer(options, [new NamelessClients()]);
        _server.QueuedApplicationMessageOverwrittenAsync += e =>
        {
            if (Interlocked.Increment(ref _dropped) % MaxPendingMessages == 1)
            {
                LogDropped(e.ReceiverClientId);
            }

            return Task.CompletedTask;
        };
    }

    /// <summary>The port that it listens on, also where 0 was asked for.</summary>
    public int Port { get; }

    /// <summary>The URL for <c>mqtt.server</c>.</summary>
    public string Server { get; }

    /// <summary>Messages that were thrown away because their subscriber was too slow, or away.</summary>
    public long Dropped => Interlocked.Read(ref _dropped);

    /// <summary>Starts it. Port 0 takes any free port.</summary>
    /// <exception cref="SocketException">The port is taken.</exception>
    public static async Task<EmbeddedMqttBroker> StartAsync(BindAddress bind, ILogger logger)
    {
        ArgumentNullException.ThrowIfNull(bind);
        for (var tries = 1; ; tries++)
        {
            var broker = new EmbeddedMqttBroker(bind, bind.Port > 0 ? bind.Port : FreePort(bind), logger);
            try
            {
                await broker._server.StartAsync();
                return broker;
            }
            catch (SocketException) when (bind.Port == 0 && tries < MaxPortTries)
            {
                // Another process took it in between.
                broker._server.Dispose();
            }
            catch
            {
                broker._server.Dispose();
                throw;
            }
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (_server.IsStarted)
        {
            await _server.StopAsync(new MqttServerStopOptions());
        }

        _server.Dispose();
    }

    // The server does not tell which port it was given.
    private static int FreePort(BindAddress bind)
    {
        using var socket = new Socket(bind.ToEndPoint().AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        socket.Bind(bind.ToEndPoint());
        return ((IPEndPoint)socket.LocalEndPoint!).Port;
    }

    [LoggerMessage(1, LogLevel.Warning, "The embedded MQTT broker throws away the oldest messages of client {ClientId}: it is slow, or away.")]
    private partial void LogDropped(string clientId);
}
