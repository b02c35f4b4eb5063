using System.Collections.Concurrent;
using Contracts;
using Contracts.Configuration;
using Google.Protobuf;
using Hosting;
using Messaging;
using Microsoft.Extensions.Logging.Abstractions;
using Pipeline.Tests.Lwm2m;
using Translator;

namespace Pipeline.Tests.Translator;

/// <summary>The whole Translator on the embedded broker: what it reads and writes on Kafka.</summary>
public sealed class TranslatorServiceTests : IAsyncLifetime
{
    private static readonly TimeSpan Bound = TimeSpan.FromSeconds(30);
    private static readonly Topics Topics = new("lwm2m");
    private static readonly KafkaOptions Options = new();

    private readonly EmbeddedBroker _broker = EmbeddedBroker.Start(Topics.Specs(Options, embedded: true));
    private readonly KafkaConnection _kafka;
    private readonly ConfigReader _config;
    private readonly LogProducer _producer;
    private readonly LogReader _reader;
    private readonly ConcurrentQueue<LogRecord> _seen = new();
    private readonly SemaphoreSlim _arrived = new(0);
    private TranslatorService? _service;

    public TranslatorServiceTests()
    {
        _kafka = new KafkaConnection(_broker.BootstrapServers, true, Options, _broker.Budget);
        _config = new ConfigReader(_kafka, new LiveConfiguration(new GatewayConfiguration()).Lay, NullLogger<ConfigReader>.Instance);
        _producer = new LogProducer(_kafka, "test", NullLogger.Instance);
        _reader = new LogReader(_kafka, "test-reader", NullLogger.Instance);
    }

    public async ValueTask InitializeAsync()
    {
        string[] topics = [Topics.Events, Topics.Operations, Topics.Uplink, Topics.DeadLetters, Topics.Downlink];
        _reader.Start(
            [.. topics.SelectMany(topic => Enumerable.Range(0, 4).Select(partition => new LogPosition(topic, partition, LogPosition.Beginning)))],
            record =>
            {
                _seen.Enqueue(record);
                _arrived.Release();
            });
        await StartAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        _reader.Dispose();
        _producer.Dispose();
        _config.Dispose();
        _broker.Dispose();
    }

    [Fact]
    public async Task Events_go_up_commands_go_down_and_outcomes_close_them()
    {
        await AppendAsync(Topics.Instances, 0, "ingress/2", Given.Bytes("""{"kind":"start","address":"x","heartbeat_ms":1}"""));
        await AppendAsync(Topics.Registrations, -1, "e1", Given.Registration(slot: 2).ToJson());
        await AppendAsync(Topics.Uplink, -1, "e1", Given.Uplink(EventKind.Registered, uplink => uplink.Registration = new RegistrationInfo()).ToByteArray());
        var registered = await SeenAsync(Topics.Events, _ => true);
        Assert.Equal("""{"data":{},"msgType":"register"}""", Given.Text(registered.Value!));
        Assert.Equal("lwm2m/e1/up/resp", HeaderOf(registered, EventHeaders.MqttTopic));

        await AppendAsync(Topics.Commands, -1, "e1", Given.Bytes("""{"reqID":1,"msgType":"read","data":{"path":"/3/0/0"}}"""), (CommandHeaders.CommandId, "c1"));
        var handed = await SeenAsync(Topics.Downlink, _ => true);
        var operation = DownlinkOperation.Parser.ParseFrom(handed.Value);
        Assert.Equal((2, "/3/0/0", OperationKind.Read, "c1"), (handed.Partition, operation.Path, operation.Kind, operation.Command.CommandId));
        Assert.InRange(operation.DeadlineMs - DateTimeOffset.UtcNow.ToUnixTimeMilliseconds(), 7_100_000, 7_200_000);

        await AppendAsync(Topics.Uplink, -1, "e1", Given.Uplink(EventKind.Outcome, uplink =>
            (uplink.Outcome, uplink.Code, uplink.Path, uplink.Payload, uplink.Command) = (Outcome.Answered, 0x45, "/3/0/0", ByteString.CopyFromUtf8("EMQ"), operation.Command)).ToByteArray());
        var answer = await SeenAsync(Topics.Events, record => HeaderOf(record, EventHeaders.Type) == "lwm2m.response");
        Assert.Equal("""{"data":{"code":"2.05","codeMsg":"content","content":[{"path":"/3/0/0","value":"EMQ"}],"reqPath":"/3/0/0"},"msgType":"read","reqID":1}""", Given.Text(answer.Value!));
        var closed = await SeenAsync(Topics.Operations, record => OperationRecord.Parser.ParseFrom(record.Value).State == OperationState.Closed);
        Assert.Equal("e1\0c1", Given.Text(closed.Key));
        Assert.Equal(registered.Partition, closed.Partition);
    }

    [Fact]
    public async Task A_command_for_nobody_is_answered_once_and_a_restart_repeats_nothing()
    {
        await AppendAsync(Topics.Commands, -1, "ghost", Given.Bytes("""{"msgType":"read","data":{"path":"/3"}}"""), (CommandHeaders.MqttTopic, "lwm2m/ghost/dn/1"));
        var answer = await SeenAsync(Topics.Events, _ => true);
        Assert.Equal("""{"data":{"code":"4.04","codeMsg":"not_found","reason":"not registered","reqPath":"/3"},"msgType":"read"}""", Given.Text(answer.Value!));
        Assert.Equal("lwm2m/ghost/up/resp", HeaderOf(answer, EventHeaders.MqttTopic));
        await SeenAsync(Topics.Operations, record => OperationRecord.Parser.ParseFrom(record.Value).State == OperationState.Closed);

        await StopAsync();
        await StartAsync();
        await AppendAsync(Topics.Uplink, -1, "ghost", [0xff]);
        await SeenAsync(Topics.DeadLetters, record => HeaderOf(record, DeadLetterHeaders.Stage) == "decode");
        Assert.Single(_seen, record => record.Topic == Topics.Events);
    }

    [Fact]
    public async Task Records_wait_while_Kafka_is_away_and_go_on_in_order()
    {
        await AppendAsync(Topics.Uplink, -1, "e1", Given.Uplink(EventKind.Deregistered).ToByteArray());
        await SeenAsync(Topics.Events, _ => true);
        for (byte i = 0; i < 100; i++)
        {
            var number = i;
            await AppendAsync(Topics.Uplink, -1, "e1", Given.Uplink(EventKind.Notified, uplink =>
                (uplink.IdLow, uplink.Path, uplink.Code, uplink.ContentFormat, uplink.Payload) = (number, "/3/0/9", 0x45, 42, ByteString.CopyFrom(number))).ToByteArray());
            if (i == 50)
            {
                _broker.SetDown();
                _broker.SetUp();
            }
        }

        await SeenAsync(Topics.Events, record => HeaderOf(record, EventHeaders.Id) == "0123456789abcdef0000000000000063-0");
        var ids = _seen.Where(record => record.Topic == Topics.Events).Select(record => HeaderOf(record, EventHeaders.Id)).Skip(1).Distinct();
        Assert.Equal(Enumerable.Range(0, 100).Select(i => $"0123456789abcdef{i:x16}-0"), ids);
    }

    private async Task StartAsync()
    {
        var definitions = new DefinitionSource(
            new LiveConfiguration(new GatewayConfiguration { Lwm2m = new Lwm2mOptions { XmlDir = Repository.ShippedDefinitions } }), TimeProvider.System, NullLogger<DefinitionSource>.Instance);
        definitions.Reload();
        Assert.True(definitions.Ready, definitions.Reason);
        _service = new TranslatorService(_kafka, definitions, _config, Given.Telemetry, TimeProvider.System, NullLogger<TranslatorService>.Instance);
        await _service.StartAsync(CancellationToken.None);
    }

    private async Task StopAsync()
    {
        await _service!.StopAsync(CancellationToken.None);
        _service.Dispose();
    }

    private async Task AppendAsync(string topic, int partition, string key, byte[] value, params (string Name, string Value)[] headers)
    {
        partition = partition < 0 ? KeyPartitioner.PartitionOf(key, 4) : partition;
        var result = await _producer.AppendAsync(
            topic, partition, Given.Bytes(key), value, [.. headers.Select(header => new RecordHeader(header.Name, Given.Bytes(header.Value)))], TestContext.Current.CancellationToken);
        Assert.True(result.Succeeded);
    }

    private async Task<LogRecord> SeenAsync(string topic, Func<LogRecord, bool> wanted)
    {
        using var bound = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        bound.CancelAfter(Bound);
        while (true)
        {
            if (_seen.FirstOrDefault(record => record.Topic == topic && wanted(record)) is { Topic: not null } found)
            {
                return found;
            }

            try
            {
                await _arrived.WaitAsync(bound.Token);
            }
            catch (OperationCanceledException)
            {
                Assert.Fail($"{topic} never came; {_service!.Trouble ?? "the service is ready"}; seen: {string.Join(", ", _seen.Select(record => record.Topic))}");
            }
        }
    }

    private static string? HeaderOf(LogRecord record, string name) =>
        record.Headers.Where(header => header.Name == name).Select(header => Given.Text(header.Value)).FirstOrDefault();
}
