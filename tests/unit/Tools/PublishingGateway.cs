using System.Buffers;
using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using MQTTnet;
using MQTTnet.Server;
using Protocol.Coap;
using Tools.Load;

namespace Pipeline.Tests.Tools;

/// <summary>
/// An MQTT broker, and a gateway that publishes to it what the devices notify, with faults on demand: the load generator has to find them.
/// </summary>
sealed class PublishingGateway : IAsyncDisposable
{
    readonly MqttServer _broker;
    readonly UdpClient _socket = new(new IPEndPoint(IPAddress.Loopback, 0));
    readonly Dictionary<IPEndPoint, string> _endpoints = [];
    readonly ConcurrentQueue<string> _held = [];
    Task _loop = Task.CompletedTask;
    ushort _messageId;
    int _count;

    PublishingGateway(int port) => _broker = new MqttServerFactory().CreateMqttServer(new MqttServerOptionsBuilder()
        .WithDefaultEndpoint()
        .WithDefaultEndpointBoundIPAddress(IPAddress.Loopback)
        .WithDefaultEndpointBoundIPV6Address(IPAddress.None)
        .WithDefaultEndpointPort(port)
        .WithMaxPendingMessagesPerClient(100_000)
        .Build());

    public required int MqttPort { get; init; }

    public IPEndPoint Coap => (IPEndPoint)_socket.Client.LocalEndPoint!;

    /// <summary>Every so many-th event is not published; 0 for none.</summary>
    public int LoseEvery { get; init; }

    /// <summary>Every so many-th event is published twice; 0 for none.</summary>
    public int RepeatEvery { get; init; }

    /// <summary>Every so many-th event of a device is published after the next one of it; 0 for none.</summary>
    public int SwapEvery { get; init; }

    public static PublishingGateway Create(int loseEvery = 0, int repeatEvery = 0, int swapEvery = 0)
    {
        using var probe = new TcpListener(IPAddress.Loopback, 0);
        probe.Start();
        var port = ((IPEndPoint)probe.LocalEndpoint).Port;
        return new PublishingGateway(port) { MqttPort = port, LoseEvery = loseEvery, RepeatEvery = repeatEvery, SwapEvery = swapEvery };
    }

    public async Task StartAsync()
    {
        await _broker.StartAsync();
        _broker.InterceptingPublishAsync += async published =>
        {
            if (!published.ApplicationMessage.Topic.EndsWith("/dn/load", StringComparison.Ordinal))
                return;
            Assert.True(EventPayload.TryGetRequestId(published.ApplicationMessage.Payload.ToArray(), out var id));
            var endpoint = published.ApplicationMessage.Topic.Split('/')[1];
            await PublishAsync(endpoint, "resp", $$$"""{"data":{"code":"2.05","codeMsg":"content"},"msgType":"read","reqID":{{{id}}}}""");
        };
        _loop = Task.Run(RunAsync);
    }

    public async ValueTask DisposeAsync()
    {
        _socket.Dispose();
        await _loop;
        await _broker.StopAsync();
        _broker.Dispose();
    }

    async Task RunAsync()
    {
        try
        {
            while (true)
            {
                var received = await _socket.ReceiveAsync();
                await HandleAsync(new Message(received.Buffer), received.RemoteEndPoint);
            }
        }
        catch (Exception exception) when (exception is SocketException or ObjectDisposedException)
        {
            // Disposed.
        }
    }

    async Task HandleAsync(Message message, IPEndPoint peer)
    {
        if (message.Code == CoapCode.Content && message.Type == CoapType.Confirmable)
        {
            _socket.Send(global::Tools.Simulation.DeviceMessages.Empty(CoapType.Acknowledgement, message.MessageId), peer);
            await NotifyAsync(_endpoints[peer], BitConverter.ToDouble([.. message.Payload[^8..].Reverse()]));
        }
        else if (message.Code == CoapCode.Post && message.Path == "/rd")
        {
            _endpoints[peer] = message.Queries[0]["ep=".Length..];
            Send(peer, CoapType.Acknowledgement, CoapCode.Created, message.MessageId, message.Token, (ref CoapWriter writer) => writer.AddLocationPath("/rd/1"));
            Send(peer, CoapType.Confirmable, CoapCode.Get, _messageId++, [7], (ref CoapWriter writer) =>
            {
                writer.AddOption(CoapOptionNumber.Observe, 0);
                writer.AddUriPath("/3303/0");
            });
        }
        else if (message.Code.IsRequest)
        {
            Send(peer, CoapType.Acknowledgement, message.Code == CoapCode.Post ? CoapCode.Changed : CoapCode.Deleted, message.MessageId, message.Token, null);
        }
    }

    async Task NotifyAsync(string endpoint, double value)
    {
        var text = value.ToString("0.0", CultureInfo.InvariantCulture);
        var json = $$$"""{"data":{"code":"2.05","codeMsg":"content","content":[{"path":"/3303/0/5700","value":{{{text}}}}],"reqPath":"/3303/0"},"msgType":"notify","seqNum":2}""";
        _count++;
        if (LoseEvery > 0 && _count % LoseEvery == 0)
            return;
        // With one device only: the one that is held back is followed by the next of the same device.
        if (SwapEvery > 0 && _count % SwapEvery == 0)
        {
            _held.Enqueue(json);
            return;
        }
        await PublishAsync(endpoint, "notify", json);
        while (_held.TryDequeue(out var held))
            await PublishAsync(endpoint, "notify", held);
        if (RepeatEvery > 0 && _count % RepeatEvery == 0)
            await PublishAsync(endpoint, "notify", json);
    }

    Task PublishAsync(string endpoint, string topic, string json) => _broker.InjectApplicationMessage(
        new InjectedMqttApplicationMessage(new MqttApplicationMessageBuilder()
            .WithTopic($"lwm2m/{endpoint}/up/{topic}").WithPayload(json).WithQualityOfServiceLevel(MQTTnet.Protocol.MqttQualityOfServiceLevel.AtLeastOnce).Build()));

    void Send(IPEndPoint peer, CoapType type, CoapCode code, ushort messageId, byte[] token, DeviceBench.WriteOptions? options)
    {
        var buffer = new byte[256];
        var writer = new CoapWriter(buffer, type, code, messageId, token);
        options?.Invoke(ref writer);
        Assert.True(writer.TryFinish(out var length));
        _socket.Send(buffer, length, peer);
    }
}
