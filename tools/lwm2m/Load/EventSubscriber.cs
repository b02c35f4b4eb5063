using System.Buffers;
using Contracts;
using MQTTnet;
using MQTTnet.Formatter;
using MQTTnet.Protocol;

namespace Tools.Load;

/// <summary>The application behind the gateway: takes the events from MQTT, and publishes commands.</summary>
sealed class EventSubscriber : IAsyncDisposable
{
    // Brokers look unacknowledged messages up one by one: after a stall, with tens of thousands of them, mosquitto delivers 100/s.
    const ushort MostInFlight = 1000;

    readonly LoadSettings _settings;
    readonly MqttSettings _mqtt;
    readonly Mountpoint _mountpoint;
    readonly IMqttClient _client = new MqttClientFactory().CreateMqttClient();
    readonly Notified _notified;
    readonly Answered _answered;
    byte[] _copy = new byte[4096];
    long _messages;

    public EventSubscriber(LoadSettings settings, Notified notified, Answered answered)
    {
        _settings = settings;
        _mqtt = settings.Mqtt ?? throw new ArgumentException("No MQTT broker is given.", nameof(settings));
        _mountpoint = new Mountpoint(_mqtt.Mountpoint);
        _notified = notified;
        _answered = answered;
        _client.ApplicationMessageReceivedAsync += OnMessageAsync;
        _client.DisconnectedAsync += _ =>
        {
            IsBroken = true;
            return Task.CompletedTask;
        };
    }

    /// <summary>A notification with that value came out for the device with that number.</summary>
    public delegate void Notified(int device, double value);

    /// <summary>A command was answered.</summary>
    public delegate void Answered(long requestId, bool isSuccess);

    /// <summary>The connection was lost: messages may be missing, and nobody else's fault.</summary>
    public bool IsBroken { get; private set; }

    /// <summary>All that came, of whatever kind.</summary>
    public long Messages => Volatile.Read(ref _messages);

    public async Task ConnectAsync(CancellationToken cancellation)
    {
        var options = new MqttClientOptionsBuilder()
            .WithTcpServer(_mqtt.Broker.Host, _mqtt.Broker.Port)
            .WithProtocolVersion(MqttProtocolVersion.V500)
            .WithClientId($"lwm2m-load-{Guid.NewGuid():N}")
            .WithKeepAlivePeriod(TimeSpan.FromMinutes(2)) // pings wait their turn on a machine under load
            .WithReceiveMaximum(MostInFlight);
        if (_mqtt.Username is not null)
            options.WithCredentials(_mqtt.Username, _mqtt.Password);
        if (_mqtt.Tls)
            options.WithTlsOptions(tls => tls.UseTls().WithTrustChain(_mqtt.Authorities));
        await _client.ConnectAsync(options.Build(), cancellation);
        await _client.SubscribeAsync(_mountpoint.Filter(_mqtt.Events), (MqttQualityOfServiceLevel)_mqtt.QualityOfService, cancellation);
    }

    public Task CommandAsync(int device, string json, CancellationToken cancellation)
    {
        var endpoint = _settings.EndpointOf(device);
        var client = new ClientIdentity { Clientid = endpoint, Username = endpoint };
        return _client.PublishStringAsync(
            _mountpoint.Render(endpoint, client) + _mqtt.Commands, json, MqttQualityOfServiceLevel.AtLeastOnce, cancellationToken: cancellation);
    }

    public async ValueTask DisposeAsync()
    {
        await _client.TryDisconnectAsync();
        _client.Dispose();
    }

    Task OnMessageAsync(MqttApplicationMessageReceivedEventArgs received)
    {
        Volatile.Write(ref _messages, _messages + 1);
        var payload = received.ApplicationMessage.Payload;
        var json = payload.IsSingleSegment ? payload.FirstSpan : Copy(payload);
        if (EventPayload.IsOfType(json, "notify"u8))
        {
            if (TryGetDevice(received.ApplicationMessage.Topic, out var device) && EventPayload.TryGetValue(json, out var value))
                _notified(device, value);
        }
        else if (EventPayload.TryGetRequestId(json, out var id) && !EventPayload.IsOfType(json, "ack"u8))
        {
            _answered((long)id, EventPayload.CodeOf(json).StartsWith("2"u8));
        }
        return Task.CompletedTask;
    }

    // The endpoint stands somewhere in the topic, wherever the mountpoint puts it.
    bool TryGetDevice(string topic, out int device)
    {
        device = 0;
        var at = topic.IndexOf(_settings.EndpointPrefix, StringComparison.Ordinal);
        if (at < 0)
            return false;
        var digits = topic.AsSpan(at + _settings.EndpointPrefix.Length);
        var end = digits.IndexOf('/');
        return int.TryParse(end < 0 ? digits : digits[..end], out device);
    }

    ReadOnlySpan<byte> Copy(ReadOnlySequence<byte> payload)
    {
        if (_copy.Length < payload.Length)
            _copy = new byte[payload.Length];
        payload.CopyTo(_copy);
        return _copy.AsSpan(0, (int)payload.Length);
    }
}
