using Pipeline.IntegrationTests.Kafka;

namespace Pipeline.IntegrationTests.Translators;

/// <summary>A Kafka of one class of tests, which looks for dead transactions each second, and may be taken away.</summary>
public sealed class TranslatorKafkaFixture : IAsyncLifetime
{
    static int rigs;

    KafkaCluster? _cluster;

    public KafkaCluster Cluster => _cluster!;

    public async ValueTask InitializeAsync()
    {
        if (KafkaCluster.Missing is null)
            _cluster = await KafkaCluster.StartAsync("transaction.abort.timed.out.transaction.cleanup.interval.ms=1000");
    }

    public async ValueTask DisposeAsync()
    {
        if (_cluster is not null)
            await _cluster.DisposeAsync();
    }

    internal Task<TranslatorRig> RigAsync(bool exactlyOnce, int endpoints = 12)
    {
        KafkaFixture.SkipUnlessPossible();
        return TranslatorRig.BeginAsync(Cluster, $"translators{Interlocked.Increment(ref rigs)}", exactlyOnce, endpoints);
    }
}
