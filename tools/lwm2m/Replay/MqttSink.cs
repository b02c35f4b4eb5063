using System.Net;
using Contracts;
using MQTTnet;
using MQTTnet.Protocol;

namespace Tools.Replay;

/// <summary>Events onto an MQTT broker, each topic behind a prefix of its own, acknowledged one by one.</summary>
sealed class MqttSink : IEventSink
{
    readonly IMqttClient _client;
    readonly string _prefix;

    MqttSink(IMqttClient client, string prefix) => (_client, _prefix) = (client, prefix);

    public static async Task<MqttSink> OpenAsync(DnsEndPoint broker, string prefix, CancellationToken cancellation)
    {
        var client = new MqttClientFactory().CreateMqttClient();
        await client.ConnectAsync(new MqttClientOptionsBuilder().WithTcpServer(broker.Host, broker.Port).WithClientId($"lwm2m-replay-{Random.Shared.Next():x8}").Build(), cancellation);
        return new MqttSink(client, prefix);
    }

    public async ValueTask TakeAsync(UplinkEvent happened, IReadOnlyList<ReplayedEvent> events, CancellationToken cancellation)
    {
        foreach (var replayed in events.Where(replayed => replayed.Topic is not null))
        {
            // What is replayed is not the state of now: nothing is retained.
            await _client.PublishAsync(
                new MqttApplicationMessageBuilder().WithTopic(_prefix + replayed.Topic).WithPayload(replayed.Payload.ToArray())
                    .WithQualityOfServiceLevel(MqttQualityOfServiceLevel.AtLeastOnce).Build(),
                cancellation);
        }
    }

    public ValueTask FinishAsync(CancellationToken cancellation) => ValueTask.CompletedTask;

    public async ValueTask DisposeAsync()
    {
        if (_client.IsConnected)
            await _client.DisconnectAsync();
        _client.Dispose();
    }
}
