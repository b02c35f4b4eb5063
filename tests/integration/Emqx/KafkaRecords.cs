using Confluent.Kafka;
using Pipeline.IntegrationTests.Gateways;

namespace Pipeline.IntegrationTests.Emqx;

/// <summary>Looks at what the services hand to each other.</summary>
static class KafkaRecords
{
    static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    /// <summary>The first record of an endpoint on a topic.</summary>
    public static byte[] First(GatewayFixture gateway, string topic, string endpoint)
    {
        using var consumer = new ConsumerBuilder<string, byte[]>(new ConsumerConfig
        {
            BootstrapServers = gateway.KafkaServers, GroupId = "outsider", EnableAutoCommit = false,
        }).Build();
        using var admin = new DependentAdminClientBuilder(consumer.Handle).Build();
        var partitions = admin.GetMetadata(topic, Patience).Topics[0].Partitions.Count;
        consumer.Assign(Enumerable.Range(0, partitions).Select(p => new TopicPartitionOffset(topic, p, Offset.Beginning)));
        while (true)
        {
            var record = consumer.Consume(Patience) ?? throw new TimeoutException($"{topic} holds no record of {endpoint}");
            if (record.Message.Key == endpoint)
                return record.Message.Value;
        }
    }
}
