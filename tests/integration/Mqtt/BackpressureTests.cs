using System.Globalization;
using System.Text;
using Contracts;
using Contracts.Configuration;
using Messaging;
using Microsoft.Extensions.Logging.Abstractions;
using Pipeline.IntegrationTests.Gateways;
using Pipeline.IntegrationTests.Kafka;

namespace Pipeline.IntegrationTests.Mqtt;

/// <summary>An MQTT broker that does not keep up: the events wait in Kafka, not in Egress.</summary>
public sealed class BackpressureTests(KafkaFixture kafka) : IAsyncDisposable
{
    const int Events = 200_000, Bytes = 500;

    static readonly TimeSpan Bound = TimeSpan.FromSeconds(180);

    readonly UnhurriedBroker _broker = new();
    EgressReplicas? _replicas;

    public async ValueTask DisposeAsync()
    {
        if (TestContext.Current.TestState?.Result == TestResult.Failed)
            TestContext.Current.TestOutputHelper?.WriteLine(_replicas?.Log ?? "");
        if (_replicas is not null)
            await _replicas.DisposeAsync();
        await _broker.DisposeAsync();
    }

    [Fact]
    public async Task Broker_that_acknowledges_nothing_makes_events_wait_in_kafka_and_takes_them_all_when_it_goes_on()
    {
        var servers = (await kafka.RequireAsync()).BootstrapServers;
        _replicas = new EgressReplicas(servers, _broker.Server, "stalled");
        var egress = await _replicas.AddAsync();
        await WriteAsync(servers, 0, 10_000);
        await Eventually.TrueAsync(() => _broker.Received > 0, Bound, () => "nothing is published");
        await SettleAsync(egress);
        var (few, most) = (await MemoryAsync(egress), await TakenAsync(egress));

        await WriteAsync(servers, 10_000, Events);
        await SettleAsync(egress);

        // 512 of each partition, however many there are; 2 connections with 64 on the wire.
        Assert.InRange(most, 1, EgressReplicas.Partitions * 512);
        Assert.Equal(most, await TakenAsync(egress));
        Assert.InRange(_broker.Received, 1, 2 * 64);
        Assert.Equal(0, _broker.Taken);
        var many = await MemoryAsync(egress);
        TestContext.Current.TestOutputHelper?.WriteLine($"{most} taken; memory with 10 000 waiting {few / 1e6:0.0} MB, with {Events} {many / 1e6:0.0} MB");
        Assert.InRange(many, 0, few + (64 * 1024 * 1024)); // what waits is 120 MB on the wire, and twice that as objects

        _broker.Move();
        await Eventually.TrueAsync(() => _broker.Taken == Events, Bound, () => $"{_broker.Taken} of {Events} are acknowledged");
        Assert.Equal(0, await EgressReplicas.CountAsync(egress, "lwm2m_egress_dead_lettered_total"));
    }

    // Until it takes no more.
    static async Task SettleAsync(ServiceProcess egress)
    {
        var (before, same) = (-1.0, 0);
        await Eventually.TrueAsync(
            async () =>
            {
                await Task.Delay(200, TestContext.Current.CancellationToken);
                var now = await TakenAsync(egress);
                same = now == before ? same + 1 : 0;
                before = now;
                return same >= 10;
            },
            Bound,
            () => "it takes more and more");
    }

    static Task<double> TakenAsync(ServiceProcess egress) => EgressReplicas.CountAsync(egress, "lwm2m_messaging_read_total{topic=\"stalled.events\"}");

    static Task<double> MemoryAsync(ServiceProcess egress) => EgressReplicas.CountAsync(egress, "dotnet_process_memory_working_set_bytes");

    static async Task WriteAsync(string servers, int from, int to)
    {
        using var producer = new LogProducer(new KafkaConnection(servers, false, new KafkaOptions { TopicPrefix = "stalled" }, null), "events", NullLogger.Instance);
        var topic = new Topics("stalled").Events;
        var filler = new string('x', Bytes);
        foreach (var some in Enumerable.Range(from, to - from).Chunk(2000))
        {
            var written = await Task.WhenAll(some.Select(number => producer.AppendAsync(
                topic, -1, Encoding.UTF8.GetBytes($"dev-{number % 100}"), Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{filler} {number}")),
                [
                    new RecordHeader(EventHeaders.Id, Encoding.UTF8.GetBytes($"{EventId.Of(BitConverter.GetBytes(number))}-0")),
                    new RecordHeader(EventHeaders.MqttTopic, "lwm2m/x/up/notify"u8.ToArray()),
                ],
                CancellationToken.None)));
            Assert.All(written, result => Assert.True(result.Succeeded));
        }
    }
}
