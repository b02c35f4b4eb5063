using System.Net;
using System.Net.Sockets;
using System.Text;
using MQTTnet.Packets;
using MQTTnet.Protocol;
using MQTTnet.Server;

namespace Pipeline.Tests.Egress;

/// <summary>
/// An MQTT broker that does to each publish what the test says. Unlike MQTTnet's own it delivers again as MQTT 5 section 4.4 wants it:
/// under the old packet id, with DUP. Payloads must differ for that.
/// </summary>
internal sealed class FussyBroker : IAsyncDisposable
{
    private readonly MqttServer _server;
    private int _publishes;
    private volatile string? _held;
    private volatile string? _refused;
    private readonly Lock _gate = new();
    private readonly Dictionary<string, ushort> _sent = [];
    private readonly Dictionary<ushort, ushort> _realIds = [];

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
        _server.InterceptingSubscriptionAsync += e =>
        {
            if (e.TopicFilter.Topic == _refused)
            {
                e.Response.ReasonCode = MqttSubscribeReasonCode.NotAuthorized;
                e.ProcessSubscription = false;
            }

            return Task.CompletedTask;
        };
        _server.InterceptingInboundPacketAsync += e =>
        {
            if (e.Packet is MqttPubAckPacket acknowledgement)
            {
                e.ProcessPacket = Take(e.ClientId, acknowledgement);
            }

            return Task.CompletedTask;
        };
        _server.InterceptingOutboundPacketAsync += e =>
        {
            if (e.Packet is MqttPublishPacket { QualityOfServiceLevel: > 0 } message)
            {
                Mark(message);
            }

            return Task.CompletedTask;
        };
    }

    public string Server { get; }

    /// <summary>Nobody may subscribe to this filter.</summary>
    public void Refuse(string filter) => _refused = filter;

    /// <summary>Acknowledgements of this client do not reach the broker.</summary>
    public void HoldAcknowledgements(string? of) => _held = of;

    public Task DisconnectAsync(string client) => _server.DisconnectClientAsync(client, new MqttServerClientDisconnectOptions());

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

    /// <summary>Messages that the clients have acknowledged.</summary>
    public int Acknowledged { get; private set; }

    private bool Take(string client, MqttPubAckPacket acknowledgement)
    {
        if (client == _held)
        {
            return false;
        }

        lock (_gate)
        {
            Acknowledged++;
            if (_realIds.Remove(acknowledgement.PacketIdentifier, out var real))
            {
                acknowledgement.PacketIdentifier = real;
            }
        }

        return true;
    }

    private void Mark(MqttPublishPacket message)
    {
        lock (_gate)
        {
            var content = message.Topic + ' ' + Encoding.UTF8.GetString(message.Payload);
            if (_sent.TryGetValue(content, out var first))
            {
                _realIds[first] = message.PacketIdentifier;
                (message.PacketIdentifier, message.Dup) = (first, true);
            }
            else
            {
                _sent[content] = message.PacketIdentifier;
            }
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _server.StopAsync(new MqttServerStopOptions());
        _server.Dispose();
    }
}
