namespace Pipeline.Tests.Messaging;

/// <summary>Devices do not stop talking because Kafka is away.</summary>
public sealed class KafkaAwayFloodTests
{
    private const int Devices = 100;
    private const int Each = 2000;
    private const long MostGrowth = 100_000_000;

    [Fact]
    public async Task A_flood_while_kafka_is_away_costs_bounded_memory_and_nothing_acknowledged_is_lost_or_doubled()
    {
        using var ingress = new FloodedIngress();
        for (var device = 1; device <= Devices; device++)
        {
            await ingress.RegisterAsync(device);
            await ingress.ObserveAsync(device);
            ingress.Notify(device, 0, device);
        }

        Assert.True(await EmbeddedBrokerTests.WaitFor(() => ingress.Acknowledged.Count == Devices));
        var before = GC.GetTotalMemory(forceFullCollection: true);

        // 200 000 notifications: what comes before Kafka is known to be away is kept for it, as much as there is room for; the rest is refused.
        ingress.Broker.SetDown();
        for (ushort id = 1; id <= Each; id++)
        {
            for (var device = 1; device <= Devices; device++)
            {
                ingress.Notify(device, id, Value(device, id));
            }
        }

        var growth = GC.GetTotalMemory(forceFullCollection: true) - before;
        Assert.InRange(growth, long.MinValue, MostGrowth);
        Assert.Equal(Devices, ingress.Acknowledged.Count); // nothing while nothing is written

        // A request that Kafka cannot be handed is sent away, and told for how long.
        Assert.True(await EmbeddedBrokerTests.WaitFor(() => ingress.Producer.BrokersAway));
        ingress.Receive(Devices + 1, ingress.Register(Devices + 1));
        Assert.Equal("5.03 Max-Age", ingress.Answers[(Devices + 1, 1)]);

        // What was handed is acknowledged when Kafka has it, though nobody asks again; what was not is taken when it comes again.
        ingress.Broker.SetUp();
        Assert.True(await EmbeddedBrokerTests.WaitFor(() => !ingress.Producer.BrokersAway));
        await ingress.RegisterAsync(Devices + 1, id: 2);
        for (ushort id = Each - 20; id <= Each; id++)
        {
            for (var device = 1; device <= Devices; device++)
            {
                ingress.Notify(device, id, Value(device, id));
            }

            await Task.Yield();
        }

        Assert.True(await EmbeddedBrokerTests.WaitFor(() => ingress.Told.Count == ingress.Acknowledged.Count && AllOfTheLast(ingress)));
        Assert.All(ingress.Told, told => Assert.Equal(1, told.Value));
        foreach (var (device, id) in ingress.Acknowledged.Keys)
        {
            Assert.True(ingress.Told.ContainsKey(id == 0 ? device : Value(device, id)), $"device {device}, message {id}");
        }
    }

    private static bool AllOfTheLast(FloodedIngress ingress) => Enumerable.Range(1, Devices).All(device => ingress.Acknowledged.ContainsKey((device, Each)));

    private static int Value(int device, int id) => (device * 10_000) + id;
}
