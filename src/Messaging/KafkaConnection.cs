using Contracts.Configuration;

namespace Messaging;

/// <summary>Everything that a client needs to reach Kafka. <paramref name="Budget"/> exists on the embedded broker only.</summary>
public sealed record KafkaConnection(string BootstrapServers, bool Embedded, KafkaOptions Options, UnreadBudget? Budget);
