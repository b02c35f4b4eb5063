using System.Collections.Concurrent;
using System.Text;
using System.Threading.Channels;
using MQTTnet;
using MQTTnet.Formatter;
using MQTTnet.Protocol;

namespace Pipeline.IntegrationTests.Gateways;

/// <summary>An MQTT client that hears everything and sends commands.</summary>
sealed class Applications : IAsyncDisposable
{
    static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    static int names;

    readonly int _port;
    readonly IMqttClient _client = new MqttClientFactory().CreateMqttClient();
    readonly ConcurrentDictionary<string, Channel<MqttApplicationMessage>> _topics = new();

    Applications(int port)
    {
        _port = port;
        _client.ApplicationMessageReceivedAsync += arrived =>
        {
            Of(arrived.ApplicationMessage.Topic).Writer.TryWrite(arrived.ApplicationMessage);
            return Task.CompletedTask;
        };
    }

    /// <summary>Another one, that comes now.</summary>
    public Task<Applications> LatecomerAsync() => ConnectAsync(_port);

    public static async Task<Applications> ConnectAsync(int port)
    {
        var applications = new Applications(port);
        await applications._client.ConnectAsync(new MqttClientOptionsBuilder()
            .WithTcpServer("127.0.0.1", port).WithClientId($"applications-{Interlocked.Increment(ref names)}").WithProtocolVersion(MqttProtocolVersion.V500).Build());
        await applications._client.SubscribeAsync("#", MqttQualityOfServiceLevel.AtLeastOnce);
        return applications;
    }

    public Task SendAsync(string topic, string json, string? responseTopic = null, string? correlation = null, uint expiry = 0, params (string Name, string Value)[] properties)
    {
        var message = new MqttApplicationMessageBuilder()
            .WithTopic(topic).WithPayload(json).WithMessageExpiryInterval(expiry).WithQualityOfServiceLevel(MqttQualityOfServiceLevel.AtLeastOnce);
        if (responseTopic is not null)
            message.WithResponseTopic(responseTopic);
        if (correlation is not null)
            message.WithCorrelationData(Encoding.UTF8.GetBytes(correlation));
        foreach (var (name, value) in properties)
            message.WithUserProperty(name, Encoding.UTF8.GetBytes(value));
        return _client.PublishAsync(message.Build());
    }

    /// <summary>The next message on that topic.</summary>
    public async Task<MqttApplicationMessage> ExpectAsync(string topic) =>
        await TryReceiveAsync(topic, Patience)
        ?? throw new TimeoutException($"nothing on {topic} within {Patience.TotalSeconds} s; there was {Unread()}");

    public async Task ExpectAsync(string topic, string json) => Assert.Equal(json, (await ExpectAsync(topic)).ConvertPayloadToString());

    /// <summary>Nothing (more) comes on that topic for a while.</summary>
    public async Task ExpectSilenceAsync(string topic, int milliseconds = 300)
    {
        if (await TryReceiveAsync(topic, TimeSpan.FromMilliseconds(milliseconds)) is { } message)
            Assert.Fail($"silence was expected on {topic}, not {message.ConvertPayloadToString()}");
    }

    public bool HasUnread(string topic) => Of(topic).Reader.TryPeek(out _);

    public ValueTask DisposeAsync()
    {
        _client.Dispose();
        return ValueTask.CompletedTask;
    }

    async Task<MqttApplicationMessage?> TryReceiveAsync(string topic, TimeSpan within)
    {
        using var bound = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        bound.CancelAfter(within);
        try
        {
            return await Of(topic).Reader.ReadAsync(bound.Token);
        }
        catch (OperationCanceledException) when (!TestContext.Current.CancellationToken.IsCancellationRequested)
        {
            return null;
        }
    }

    Channel<MqttApplicationMessage> Of(string topic) => _topics.GetOrAdd(topic, _ => Channel.CreateUnbounded<MqttApplicationMessage>());

    string Unread() => string.Join(", ", _topics.Where(t => t.Value.Reader.Count > 0).Select(t => t.Key).TakeLast(10));
}
