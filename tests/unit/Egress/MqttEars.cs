using System.Collections.Concurrent;
using System.Text;
using MQTTnet;
using MQTTnet.Protocol;
using WireVersion = MQTTnet.Formatter.MqttProtocolVersion;

namespace Pipeline.Tests.Egress;

/// <summary>An application's MQTT client: hears what is published and sends commands.</summary>
internal sealed class MqttEars : IAsyncDisposable
{
    private readonly IMqttClient _client = new MqttClientFactory().CreateMqttClient();
    private readonly ConcurrentQueue<MqttApplicationMessage> _heard = new();

    public IReadOnlyList<MqttApplicationMessage> Heard => [.. _heard];

    public IReadOnlyList<string> Payloads => [.. _heard.Select(message => message.ConvertPayloadToString())];

    public static async Task<MqttEars> OpenAsync(string server, params string[] filters)
    {
        var ears = new MqttEars();
        var url = new Uri(server);
        ears._client.ApplicationMessageReceivedAsync += e =>
        {
            ears._heard.Enqueue(e.ApplicationMessage);
            return Task.CompletedTask;
        };
        await ears._client.ConnectAsync(new MqttClientOptionsBuilder().WithTcpServer(url.Host, url.Port).WithProtocolVersion(WireVersion.V500).Build());
        foreach (var filter in filters)
        {
            await ears._client.SubscribeAsync(filter, MqttQualityOfServiceLevel.AtLeastOnce);
        }

        return ears;
    }

    public Task AwaitAsync(int count) => EgressRig.UntilAsync(() => _heard.Count >= count);

    public Task SendAsync(string topic, string payload, Action<MqttApplicationMessageBuilder>? more = null)
    {
        var message = new MqttApplicationMessageBuilder().WithTopic(topic).WithPayload(Encoding.UTF8.GetBytes(payload)).WithQualityOfServiceLevel(MqttQualityOfServiceLevel.AtLeastOnce);
        more?.Invoke(message);
        return _client.PublishAsync(message.Build());
    }

    public ValueTask DisposeAsync()
    {
        _client.Dispose();
        return ValueTask.CompletedTask;
    }
}
