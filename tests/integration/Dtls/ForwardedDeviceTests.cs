using Confluent.Kafka;
using Contracts;
using Google.Protobuf;
using Pipeline.IntegrationTests.Devices;
using Pipeline.IntegrationTests.Gateways;
using Pipeline.IntegrationTests.Kafka;
using Pipeline.IntegrationTests.Ownership;

namespace Pipeline.IntegrationTests.Dtls;

/// <summary>Two replicas of Ingress behind something that balances by address, and a device that wakes behind another one each time.</summary>
public sealed class ForwardedDeviceTests(KafkaFixture kafka) : IDisposable
{
    const string Prefix = "forward";
    const string Key = "000102030405060708090a0b0c0d0e0f";

    static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    readonly string _credentials = Path.GetTempFileName();

    public void Dispose() => File.Delete(_credentials);

    [Fact]
    public async Task Device_goes_on_at_a_replica_that_has_not_got_its_session_with_nothing_lost()
    {
        var servers = (await kafka.RequireAsync()).BootstrapServers;
        await File.WriteAllTextAsync(_credentials, $$"""[{"endpoint": "rover", "psk": "{{Key}}"}]""", TestContext.Current.CancellationToken);
        await using var owner = new IngressReplica(0, servers, Prefix, _credentials);
        await using var other = new IngressReplica(1, servers, Prefix, _credentials);
        await Task.WhenAll(owner.StartAsync(), other.StartAsync());
        foreach (var replica in new[] { owner, other })
            await Eventually.TrueAsync(async () => await replica.MetricAsync("lwm2m_ingress_forward_slots") == 1, Patience, () => "they know each other");

        using var device = new SecureDevice("rover", Convert.FromHexString(Key), offersId: true);
        using var words = new BareDevice(owner.Coap, "rover");
        device.Carry(owner.Secure);
        await device.ConnectAsync();
        words.Registered(device.Ask(words.RegisterRequest()));
        await AskAsync(servers, OperationKind.Observe, "c1");
        var token = device.Answer("CON GET 6=0 11=3 11=0 11=0", "value 0", observe: 1).Token;

        // Each from another address, every other one at the replica that has never heard of it.
        for (uint i = 1; i <= 8; i++)
        {
            device.Carry((i % 2 == 0 ? owner : other).Secure);
            var notification = words.Notification(token, $"value {i}", i + 1);
            var answer = device.Ask(notification);
            Assert.Equal((MessageType.Acknowledgement, Datagram.Empty, notification.Id), (answer.Type, answer.Code, answer.Id));
        }

        // What it is asked goes through the one that it speaks to, and a request of its own is answered there.
        device.Carry(other.Secure);
        Assert.Equal("ACK 2.04", device.Ask(words.UpdateRequest()).Said);
        await AskAsync(servers, OperationKind.Read, "c2");
        device.Answer("CON GET 11=3 11=0 11=0", "here");
        Assert.Equal("ACK 2.02", device.Ask(words.DeregisterRequest()).Said);

        var events = Uplink(servers);
        Assert.Equal(Enumerable.Range(1, 8).Select(i => $"value {i}"), events.Where(e => e.Kind == EventKind.Notified).Select(e => e.Payload.ToStringUtf8()));
        Assert.Equal("here", events.Single(e => e.Kind == EventKind.Outcome && e.Command.CommandId == "c2").Payload.ToStringUtf8());
        Assert.All(events, e => Assert.Equal((0u, "rover", "psk:rover"), (e.Slot, e.Endpoint, e.Client.Identity)));
        Assert.Equal(1, events.Count(e => e.Kind == EventKind.Registered));
        Assert.Equal((1, 0), (await owner.MetricAsync("lwm2m_ingress_dtls_handshakes_total"), await other.MetricAsync("lwm2m_ingress_dtls_handshakes_total")));
        Assert.Equal(0, await other.MetricAsync("lwm2m_ingress_dtls_dropped_total"));
        Assert.True(await other.MetricAsync("lwm2m_ingress_forwarded_total", "direction=\"out\"") >= 7);
        Assert.True(await owner.MetricAsync("lwm2m_ingress_forwarded_answers_total", "direction=\"out\"") >= 7);
    }

    // As the Translator hands an operation to the owner.
    static async Task AskAsync(string servers, OperationKind kind, string id)
    {
        using var producer = new ProducerBuilder<string, byte[]>(new ProducerConfig { BootstrapServers = servers }).Build();
        var operation = new DownlinkOperation
        {
            Schema = 1, Endpoint = "rover", Kind = kind, Path = "/3/0/0", DeadlineMs = DateTimeOffset.UtcNow.AddHours(1).ToUnixTimeMilliseconds(),
            Command = new CommandContext { CommandId = id, MsgType = "x" },
        };
        await producer.ProduceAsync(
            new TopicPartition(new Topics(Prefix).Downlink, 0), new Message<string, byte[]> { Key = "rover", Value = operation.ToByteArray() }, TestContext.Current.CancellationToken);
    }

    static List<UplinkEvent> Uplink(string servers)
    {
        using var consumer = new ConsumerBuilder<byte[], byte[]>(new ConsumerConfig { BootstrapServers = servers, GroupId = Prefix + "-outsider", EnableAutoCommit = false }).Build();
        var events = new List<UplinkEvent>();
        for (var partition = 0; partition < 4; partition++)
        {
            var name = new TopicPartition(new Topics(Prefix).Uplink, partition);
            var end = consumer.QueryWatermarkOffsets(name, Patience).High;
            consumer.Assign(new TopicPartitionOffset(name, Offset.Beginning));
            while (end > 0 && consumer.Consume(Patience) is { } record)
            {
                events.Add(UplinkEvent.Parser.ParseFrom(record.Message.Value));
                if (record.Offset.Value >= end.Value - 1)
                    break;
            }
        }

        return events;
    }
}
