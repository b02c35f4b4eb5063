using Contracts.Configuration;

namespace Messaging;

/// <summary>Everything that a client needs to reach Kafka. <paramref name="Budget"/> exists on the embedded broker only.</summary>
public sealed record KafkaConnection(string BootstrapServers, bool Embedded, KafkaOptions Options, UnreadBudget? Budget)
{
    internal Patience Patience { get; init; } = Patience.Usual;

    /// <summary>The configured brokers.</summary>
    /// <exception cref="InvalidOperationException">None are configured.</exception>
    public static KafkaConnection From(KafkaOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        return new KafkaConnection(
            options.BootstrapServers ?? throw new InvalidOperationException("kafka.bootstrap_servers is not set: only Standalone brings a broker of its own"),
            Embedded: false, options, Budget: null);
    }
}
