using Contracts.Configuration;
using Messaging;

[assembly: AssemblyFixture(typeof(Pipeline.IntegrationTests.Kafka.KafkaFixture))]

namespace Pipeline.IntegrationTests.Kafka;

/// <summary>The real Kafka that all tests of a run share, started for the first that asks. Tests keep apart by topic prefix.</summary>
public sealed class KafkaFixture : IAsyncDisposable
{
    private readonly Lazy<Task<KafkaCluster>> _cluster = new(() => KafkaCluster.StartAsync());
    private int _prefixes;

    /// <summary>The cluster; where there can be none, the test is skipped with the reason.</summary>
    public Task<KafkaCluster> RequireAsync()
    {
        SkipUnlessPossible();
        return _cluster.Value;
    }

    /// <summary>How a client reaches it, under a topic prefix that nobody else has.</summary>
    public async Task<KafkaConnection> ConnectAsync() => Connect(await RequireAsync(), $"t{Interlocked.Increment(ref _prefixes)}");

    public static KafkaConnection Connect(KafkaCluster cluster, string prefix) =>
        new(cluster.BootstrapServers, false, new KafkaOptions { TopicPrefix = prefix, Partitions = 4, Slots = 4 }, null);

    public static void SkipUnlessPossible()
    {
        if (KafkaCluster.Missing is { } reason)
        {
            Assert.Skip("Needs a real Kafka: " + reason);
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (_cluster.IsValueCreated && _cluster.Value.IsCompletedSuccessfully)
        {
            await (await _cluster.Value).DisposeAsync();
        }
    }
}
