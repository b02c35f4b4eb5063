using System.Net;
using System.Net.Sockets;
using MQTTnet.Server;

namespace Pipeline.Tests.Egress;

/// <summary>An MQTT broker that does to each publish what the test says.</summary>
internal sealed class FussyBroker : IAsyncDisposable
{
    private readonly MqttServer _server;
    private int _publishes;

    private FussyBroker(int port, Action<InterceptingPublishEventArgs, int> publish)
    {
        Server = $"mqtt://127.0.0.1:{port}";
        _server = new MqttServerFactory().CreateMqttServer(new MqttServerOptionsBuilder()
            .WithDefaultEndpoint().WithDefaultEndpointBoundIPAddress(IPAddress.Loopback).WithDefaultEndpointBoundIPV6Address(IPAddress.None).WithDefaultEndpointPort(port)
            .WithPersistentSessions().Build());
        _server.InterceptingPublishAsync += e =>
        {
            publish(e, Interlocked.Increment(ref _publishes) - 1);
            return Task.CompletedTask;
        };
    }

    public string Server { get; }

    public static async Task<FussyBroker> StartAsync(Action<InterceptingPublishEventArgs, int> publish)
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        var port = ((IPEndPoint)socket.LocalEndPoint!).Port;
        socket.Dispose();
        var broker = new FussyBroker(port, publish);
        await broker._server.StartAsync();
        return broker;
    }

    public async ValueTask DisposeAsync()
    {
        await _server.StopAsync(new MqttServerStopOptions());
        _server.Dispose();
    }
}
