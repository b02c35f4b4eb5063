using System.Collections.Concurrent;
using System.Text;
using MQTTnet;
using MQTTnet.Exceptions;
using MQTTnet.Protocol;
using WireVersion = MQTTnet.Formatter.MqttProtocolVersion;

namespace Pipeline.IntegrationTests.Mqtt;

/// <summary>A subscriber with a persistent session that comes back whenever the broker does, so that it misses nothing.</summary>
internal sealed class FaithfulSubscriber : IAsyncDisposable
{
    private readonly IMqttClient _client = new MqttClientFactory().CreateMqttClient();
    private readonly CancellationTokenSource _end = new();
    private readonly ConcurrentQueue<Heard> _heard = new();
    private readonly Task _staying;

    private FaithfulSubscriber(int port, string filter)
    {
        _client.ApplicationMessageReceivedAsync += e =>
        {
            _heard.Enqueue(new Heard(e.ApplicationMessage.ConvertPayloadToString(), EventIdOf(e.ApplicationMessage), DateTime.UtcNow));
            return Task.CompletedTask;
        };
        _staying = StayAsync(port, filter);
    }

    /// <summary>What it has heard, in order. Throws when it could not stay.</summary>
    public IReadOnlyList<string> Payloads => [.. Messages.Select(message => message.Payload)];

    public IReadOnlyList<Heard> Messages => _staying.IsFaulted ? throw _staying.Exception : [.. _heard];

    internal sealed record Heard(string Payload, string EventId, DateTime At);

    /// <summary>It has subscribed: from now on the broker keeps everything for it.</summary>
    public bool IsReady { get; private set; }

    public static async Task<FaithfulSubscriber> OpenAsync(int port, string filter)
    {
        var subscriber = new FaithfulSubscriber(port, filter);
        while (!subscriber.IsReady)
        {
            await await Task.WhenAny(subscriber._staying, Task.Delay(10));
        }

        return subscriber;
    }

    public async ValueTask DisposeAsync()
    {
        await _end.CancelAsync();
        await _staying.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _client.Dispose();
        _end.Dispose();
    }

    private static string EventIdOf(MqttApplicationMessage message) =>
        message.UserProperties?.Where(property => property.Name == "event_id").Select(property => Encoding.UTF8.GetString(property.ValueBuffer.Span)).FirstOrDefault() ?? "";

    // MQTTnet's client refuses to connect while it is still busy with the connection that it has lost: that is a matter of time, too.
    private async Task StayAsync(int port, string filter)
    {
        var subscribed = false;
        var options = new MqttClientOptionsBuilder().WithTcpServer("127.0.0.1", port).WithClientId("faithful")
            .WithCleanStart(false).WithSessionExpiryInterval(3600).WithProtocolVersion(WireVersion.V500).Build();
        while (!_end.IsCancellationRequested)
        {
            try
            {
                if (!_client.IsConnected)
                {
                    subscribed = (await _client.ConnectAsync(options, _end.Token)).IsSessionPresent && subscribed;
                }

                if (!subscribed)
                {
                    await _client.SubscribeAsync(filter, MqttQualityOfServiceLevel.AtLeastOnce, _end.Token);
                    subscribed = IsReady = true;
                }
            }
            catch (Exception e) when (e is MqttCommunicationException or InvalidOperationException or OperationCanceledException)
            {
                // The broker is away, or went while we came.
            }

            await Task.Delay(50, _end.Token);
        }
    }
}
