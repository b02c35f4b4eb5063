using Contracts;
using Contracts.Configuration;
using Messaging;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging.Abstractions;

namespace Standalone;

/// <summary>The Kafka and the MQTT broker that Standalone brings along where none are configured.</summary>
sealed class EmbeddedBrokers : IHostedService, IAsyncDisposable
{
    readonly EmbeddedBroker? _kafka;
    readonly EmbeddedMqttBroker? _mqtt;

    EmbeddedBrokers(EmbeddedBroker? kafka, EmbeddedMqttBroker? mqtt, GatewayConfiguration configuration)
    {
        _kafka = kafka;
        _mqtt = mqtt;
        Kafka = kafka is null
            ? KafkaConnection.From(configuration.Kafka)
            : new KafkaConnection(kafka.BootstrapServers, Embedded: true, configuration.Kafka, kafka.Budget);
        Mqtt = mqtt is null ? configuration.Mqtt : configuration.Mqtt with { Server = mqtt.Server };
    }

    public KafkaConnection Kafka { get; }

    public MqttOptions Mqtt { get; }

    /// <summary>Null where a broker is configured.</summary>
    public EmbeddedMqttBroker? MqttBroker => _mqtt;

    /// <summary>Null where brokers are configured.</summary>
    public EmbeddedBroker? KafkaBroker => _kafka;

    /// <exception cref="System.Net.Sockets.SocketException">The port of the MQTT broker is taken.</exception>
    public static EmbeddedBrokers Start(GatewayConfiguration configuration)
    {
        // The rest of the host needs their addresses, so they start before it is built.
        var mqtt = configuration.Given.Contains("mqtt.server")
            ? null
            : EmbeddedMqttBroker.StartAsync(configuration.Mqtt.Listen, NullLogger.Instance).GetAwaiter().GetResult();
        var kafka = configuration.Kafka.BootstrapServers is null
            ? EmbeddedBroker.Start(new Topics(configuration.Kafka.TopicPrefix).Specs(configuration.Kafka, embedded: true))
            : null;
        return new EmbeddedBrokers(kafka, mqtt, configuration);
    }

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    // The clients of the services end when they are disposed of: until then the brokers are there.
    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public async ValueTask DisposeAsync()
    {
        if (_mqtt is not null)
            await _mqtt.DisposeAsync();
        _kafka?.Dispose();
    }
}
