using System.Text;
using Confluent.Kafka;

namespace Pipeline.IntegrationTests.Gateways;

/// <summary>What somebody sees who reads the gateway's topics with a client of his own.</summary>
static class RecordsOfGateway
{
    /// <summary>The first records with a key on a topic.</summary>
    public static List<ConsumeResult<string, byte[]>> Read(this GatewayFixture gateway, string topic, string key, int count)
    {
        using var consumer = new ConsumerBuilder<string, byte[]>(new ConsumerConfig
        {
            BootstrapServers = gateway.KafkaServers, GroupId = "outsider", EnableAutoCommit = false,
        }).Build();
        using var admin = new DependentAdminClientBuilder(consumer.Handle).Build();
        var partitions = admin.GetMetadata(topic, TimeSpan.FromSeconds(10)).Topics[0].Partitions.Count;
        consumer.Assign(Enumerable.Range(0, partitions).Select(p => new TopicPartitionOffset(topic, p, Offset.Beginning)));
        var found = new List<ConsumeResult<string, byte[]>>();
        while (found.Count < count)
        {
            var record = consumer.Consume(TimeSpan.FromSeconds(10))
                ?? throw new TimeoutException($"{topic} holds {found.Count} records of {key}, not {count}");
            if (record.Message.Key == key)
                found.Add(record);
        }

        return found;
    }

    public static string? Header(this ConsumeResult<string, byte[]> record, string name) =>
        record.Message.Headers.TryGetLastBytes(name, out var value) ? Encoding.UTF8.GetString(value) : null;
}
