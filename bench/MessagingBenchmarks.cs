using System.Text;
using BenchmarkDotNet.Attributes;
using Contracts;
using Contracts.Configuration;
using Messaging;
using Microsoft.Extensions.Logging.Abstractions;

namespace Pipeline.Bench;

/// <summary>One record through the producer, acknowledged by the embedded broker in the same process.</summary>
[MemoryDiagnoser]
public class MessagingBenchmarks : IAppendSink, IDisposable
{
    private const string Topic = "bench.records";
    private const int Records = 10_000;

    private readonly byte[][] _keys = [.. Enumerable.Range(0, 1000).Select(i => Encoding.UTF8.GetBytes("device-" + i))];
    private readonly byte[] _value = new byte[250];
    private EmbeddedBroker _broker = null!;
    private LogProducer _producer = null!;

    [GlobalSetup]
    public void Setup()
    {
        _broker = EmbeddedBroker.Start(
            [new TopicSpec { Name = Topic, Partitions = 4, Cleanup = CleanupPolicy.Delete, Settings = new Dictionary<string, string>() }]);
        _producer = new LogProducer(
            new KafkaConnection(_broker.BootstrapServers, true, new KafkaOptions(), _broker.Budget), "bench", NullLogger.Instance);
    }

    [GlobalCleanup]
    public void Dispose()
    {
        GC.SuppressFinalize(this);
        _producer.Dispose();
        _broker.Dispose();
    }

    [Benchmark(OperationsPerInvoke = Records)]
    public void Append_and_acknowledge()
    {
        for (var i = 0; i < Records; i++)
        {
            _producer.TryAppend(Topic, -1, _keys[i % _keys.Length], _value, null, this, i);
        }

        _producer.Flush(TimeSpan.FromSeconds(10));
    }

    public void Appended(long cookie, int partition, long offset, bool succeeded)
    {
    }
}
