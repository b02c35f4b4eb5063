using System.Text.Json;
using Confluent.Kafka;
using Contracts;
using Pipeline.IntegrationTests.Devices;
using Pipeline.IntegrationTests.Gateways;

namespace Pipeline.IntegrationTests.Scenarios;

/// <summary>Settings that are changed while the gateway runs, by records of the config topic as the management API writes them.</summary>
public abstract class ConfigScenarios(GatewayFixture gateway) : GatewayScenarios(gateway)
{
    static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    [Fact]
    public async Task Change_is_in_force_once_every_service_has_said_so_and_can_be_taken_back()
    {
        using var story = await BeginRegisteredAsync();
        await ChangeAsync("gateway.lwm2m", """{"translators":{"command":{"topic":"orders/+"},"response":{"topic":"up/answers"}}}""");
        try
        {
            await story.CommandAsync("""{"msgType":"read","data":{"path":"/3/0/0"},"n":1}""", "dn/cmd"); // nobody listens there now
            await story.CommandAsync("""{"msgType":"read","data":{"path":"/3/0/0"},"n":2}""", "orders/x");
            var request = await story.Device.ExpectRequestAsync("CON GET 11=3 11=0 11=0");
            await story.Device.AnswerAsync(request, Datagram.Content, "value"u8.ToArray(), 0);
            var answer = await story.HearAsync("up/answers");
            Assert.Equal(2, JsonDocument.Parse(answer).RootElement.GetProperty("n").GetInt32());
        }
        finally
        {
            await ChangeAsync("gateway.lwm2m", null);
        }

        await story.HearNothingBeforeNextAnswerAsync();
    }

    [Fact]
    public async Task Broken_change_is_told_by_every_service_and_everything_goes_on()
    {
        using var story = await BeginRegisteredAsync();
        var offset = await WriteAsync("translator", """{"command_ttl":"never"}""");
        try
        {
            await AwaitInstancesAsync(beat => beat.ConfigProblem?.Contains("translator.command_ttl", StringComparison.Ordinal) == true && !(beat.ConfigOffset > offset));
            await story.HearNothingBeforeNextAnswerAsync();
        }
        finally
        {
            await ChangeAsync("translator", null);
        }

        await AwaitInstancesAsync(beat => beat.ConfigProblem is null);
    }

    [Fact]
    public async Task Client_is_commanded_on_a_further_topic_until_it_is_taken_away()
    {
        using var story = await BeginRegisteredAsync();
        await ChangeAsync("subscriptions/" + story.Endpoint, """{"topics":[{"topic":"extra/#","qos":0}]}""");
        await story.CommandAsync("""{"msgType":"read","data":{"path":"/3/0/0"},"n":1}""", "extra/1");
        var request = await story.Device.ExpectRequestAsync("CON GET 11=3 11=0 11=0");
        await story.Device.AnswerAsync(request, Datagram.NotFound, []);
        Assert.Contains("\"n\":1", await story.HearAsync("up/resp"), StringComparison.Ordinal);

        await ChangeAsync("subscriptions/" + story.Endpoint, null);
        await story.CommandAsync("""{"msgType":"read","data":{"path":"/3/0/0"},"n":2}""", "extra/1");
        await story.HearNothingBeforeNextAnswerAsync();
    }

    // As the API does: written, and in force when no instance that lives says otherwise.
    async Task ChangeAsync(string key, string? json)
    {
        var offset = await WriteAsync(key, json);
        await AwaitInstancesAsync(beat => beat.ConfigOffset > offset);
    }

    async Task<long> WriteAsync(string key, string? json)
    {
        using var producer = new ProducerBuilder<string, string>(new ProducerConfig { BootstrapServers = Gateway.KafkaServers }).Build();
        var report = await producer.ProduceAsync(new TopicPartition(Gateway.Topics.Config, 0), new Message<string, string> { Key = key, Value = json! });
        return report.Offset.Value;
    }

    async Task AwaitInstancesAsync(Predicate<InstanceRecord> wanted)
    {
        using var consumer = new ConsumerBuilder<string, byte[]>(new ConsumerConfig
        {
            BootstrapServers = Gateway.KafkaServers, GroupId = "outsider", EnableAutoCommit = false,
        }).Build();
        consumer.Assign(new TopicPartitionOffset(Gateway.Topics.Instances, 0, Offset.Beginning));
        using var bound = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        bound.CancelAfter(Patience);
        var latest = new Dictionary<string, InstanceRecord>();
        while (!AreAll())
        {
            var result = await Task.Run(() => consumer.Consume(bound.Token), bound.Token);
            if (result.Message.Value is { } value && InstanceRecord.TryParse(value, out var beat))
                latest[result.Message.Key] = beat!;
            else
                latest.Remove(result.Message.Key);
        }

        bool AreAll() => new[] { "ingress/", "translator/", "egress/" }.All(service => latest.Keys.Any(key => key.StartsWith(service, StringComparison.Ordinal)))
            && latest.Values.All(beat => wanted(beat));
    }
}
