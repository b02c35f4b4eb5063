using System.Buffers;
using MQTTnet;
using MQTTnet.Exceptions;
using MQTTnet.Formatter;
using MQTTnet.Protocol;
using Pipeline.IntegrationTests.Chaos.Ledgers;

namespace Pipeline.IntegrationTests.Chaos.Events;

/// <summary>
/// The application: subscribes to all events with a persistent session, gives commands, and comes back whenever the broker does.
/// </summary>
sealed class MqttEvents : IAsyncDisposable
{
    public const string ClientId = "chaos-application";

    static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(50);

    readonly IMqttClient _client = new MqttClientFactory().CreateMqttClient();
    readonly CancellationTokenSource _end = new();
    readonly TaskCompletionSource _subscribed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    readonly MqttClientOptions _options;
    readonly Task _staying;

    public MqttEvents(int port, Audit audit)
    {
        // Brokers look unacknowledged messages up one by one: many of them slow them down.
        _options = new MqttClientOptionsBuilder().WithTcpServer("127.0.0.1", port).WithClientId(ClientId)
            .WithCleanStart(false).WithSessionExpiryInterval(3600).WithReceiveMaximum(1000).WithKeepAlivePeriod(TimeSpan.FromMinutes(2))
            .WithProtocolVersion(MqttProtocolVersion.V500).Build();
        _client.ApplicationMessageReceivedAsync += arrived =>
        {
            var message = arrived.ApplicationMessage;
            var id = message.UserProperties?.Find(property => property.Name == "event_id");
            audit.Take(Outlet.Mqtt, message.Topic.Split('/')[1], id is null ? "" : System.Text.Encoding.UTF8.GetString(id.ValueBuffer.Span), message.Payload.ToArray());
            return Task.CompletedTask;
        };
        _staying = StayAsync();
    }

    /// <summary>From now on the broker keeps everything for it.</summary>
    public Task Subscribed => Task.WhenAny(_subscribed.Task, _staying).Unwrap();

    /// <summary>Done with the PUBACK; throws where there will be none.</summary>
    public Task CommandAsync(string topic, byte[] json, CancellationToken cancellation) => _client.PublishAsync(
        new MqttApplicationMessageBuilder().WithTopic(topic).WithPayload(json).WithQualityOfServiceLevel(MqttQualityOfServiceLevel.AtLeastOnce).Build(), cancellation);

    public async ValueTask DisposeAsync()
    {
        await _end.CancelAsync();
        await _staying.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _client.Dispose();
        _end.Dispose();
    }

    // MQTTnet's client refuses to connect while it is still busy with the connection that it has lost: that is a matter of time, too.
    async Task StayAsync()
    {
        var isSubscribed = false;
        while (!_end.IsCancellationRequested)
        {
            try
            {
                if (!_client.IsConnected)
                    isSubscribed = (await _client.ConnectAsync(_options, _end.Token)).IsSessionPresent && isSubscribed;
                if (!isSubscribed)
                {
                    await _client.SubscribeAsync("lwm2m/+/up/#", MqttQualityOfServiceLevel.AtLeastOnce, _end.Token);
                    isSubscribed = true;
                    _subscribed.TrySetResult();
                }
            }
            catch (Exception e) when (e is MqttCommunicationException or InvalidOperationException or OperationCanceledException)
            {
                // The broker is away, or went while we came.
            }

            await Task.Delay(Pause, _end.Token);
        }
    }
}
