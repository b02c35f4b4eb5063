using System.Text;
using Contracts;
using Contracts.Configuration;
using Messaging;
using Microsoft.Extensions.Logging.Abstractions;
using MQTTnet;
using MQTTnet.Protocol;
using MQTTnet.Server;
using Standalone;

namespace Pipeline.Tests.Egress;

public sealed class EventPublishingTests
{
    private static readonly BindAddress s_anyPort = BindAddress.Loopback(0);

    [Fact]
    public async Task Events_are_published_in_the_order_of_the_log_per_device()
    {
        await using var mqtt = await EmbeddedMqttBroker.StartAsync(s_anyPort, NullLogger.Instance);
        await using var rig = EgressRig.Start();
        await using var ears = await MqttEars.OpenAsync(mqtt.Server, "lwm2m/#");
        await rig.StartEgressAsync(mqtt.Server);
        await SendAsync(rig, devices: 10, each: 100);

        await ears.AwaitAsync(1000);

        Assert.Equal(1000, ears.Heard.Count);
        AssertInOrder(ears.Payloads, devices: 10, each: 100);
        await EgressRig.UntilAsync(() => rig.Count("published") == 1000);
        Assert.Empty(rig.DeadLetters.Records);
    }

    [Fact]
    public async Task Event_carries_endpoint_event_id_content_type_correlation_and_the_raised_qos()
    {
        await using var mqtt = await EmbeddedMqttBroker.StartAsync(s_anyPort, NullLogger.Instance);
        await using var rig = EgressRig.Start();
        await using var ears = await MqttEars.OpenAsync(mqtt.Server);
        await rig.StartEgressAsync(mqtt.Server);
        await using var precise = await MqttEars.OpenAsync(mqtt.Server, "lwm2m/dev-1/up/resp");
        await rig.EventAsync("dev-1", "lwm2m/dev-1/up/resp", """{"a":1}""",
            new RecordHeader(EventHeaders.Id, "e-1"u8.ToArray()), new RecordHeader(EventHeaders.MqttQos, "2"u8.ToArray()), new RecordHeader(EventHeaders.CorrelationData, [0, 255]));
        await rig.EventAsync("dev-1", "lwm2m/dev-1/up/resp", "after");

        await precise.AwaitAsync(2);

        var message = precise.Heard[0];
        Assert.Equal("""{"a":1}""", precise.Payloads[0]);
        Assert.Equal("application/json", message.ContentType);
        Assert.Equal([0, 255], message.CorrelationData);
        Assert.Equal("dev-1", Property(message, "endpoint"));
        Assert.Equal("e-1", Property(message, "event_id"));
        Assert.False(message.Retain);
        Assert.Equal("after", precise.Payloads[1]);
        await EgressRig.UntilAsync(() => rig.Count("published") == 2);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(2)]
    public async Task Events_are_published_at_any_least_qos_and_in_mqtt_3(int qos)
    {
        await using var mqtt = await EmbeddedMqttBroker.StartAsync(s_anyPort, NullLogger.Instance);
        var configuration = new GatewayConfiguration();
        await using var rig = EgressRig.Start(configuration with
        {
            Egress = configuration.Egress with { MinQos = qos, Inflight = 3 },
            Mqtt = configuration.Mqtt with { ProtocolVersion = MqttProtocolVersion.V311 },
        });
        await using var ears = await MqttEars.OpenAsync(mqtt.Server, "lwm2m/#");
        await rig.StartEgressAsync(mqtt.Server);
        await SendAsync(rig, devices: 3, each: 20);

        await ears.AwaitAsync(60);

        AssertInOrder(ears.Payloads, devices: 3, each: 20);
        await EgressRig.UntilAsync(() => rig.Count("published") == 60);
    }

    [Fact]
    public async Task Broker_that_goes_away_and_comes_back_gets_everything_in_order()
    {
        var mqtt = await EmbeddedMqttBroker.StartAsync(s_anyPort, NullLogger.Instance);
        await using var rig = EgressRig.Start();
        var before = await MqttEars.OpenAsync(mqtt.Server, "lwm2m/#");
        await rig.StartEgressAsync(mqtt.Server);
        await SendAsync(rig, devices: 5, each: 20);
        await before.AwaitAsync(50);
        var port = mqtt.Port;
        await mqtt.DisposeAsync();
        await SendAsync(rig, devices: 5, each: 20, from: 20);
        var heard = before.Payloads;
        await using var again = await EmbeddedMqttBroker.StartAsync(BindAddress.Loopback(port), NullLogger.Instance);
        await using var after = await MqttEars.OpenAsync(again.Server, "lwm2m/#");
        await SendAsync(rig, devices: 5, each: 20, from: 40);

        await EgressRig.UntilAsync(() => rig.Count("published") >= 300);

        await EgressRig.UntilAsync(() => after.Payloads.Count(payload => payload.EndsWith(" 59", StringComparison.Ordinal)) == 5);
        // What was published between the two brokers' subscribers nobody heard; what both heard may come twice.
        AssertRises(after.Payloads);
        Assert.Empty(rig.DeadLetters.Records);
        await before.DisposeAsync();
    }

    // Denied events: the data platform has them, MQTT does not.
    [Fact]
    public async Task Event_without_a_topic_stays_on_kafka_and_is_done_with()
    {
        await using var mqtt = await EmbeddedMqttBroker.StartAsync(s_anyPort, NullLogger.Instance);
        await using var rig = EgressRig.Start();
        await using var ears = await MqttEars.OpenAsync(mqtt.Server, "#");
        await rig.StartEgressAsync(mqtt.Server);
        await rig.EventAsync("dev-1", null, "denied");
        await rig.EventAsync("dev-1", "lwm2m/dev-1/up/resp", "first");
        await ears.AwaitAsync(1);
        await rig.StopEgressAsync();
        await rig.StartEgressAsync(mqtt.Server);
        await rig.EventAsync("dev-1", "lwm2m/dev-1/up/resp", "second");

        await ears.AwaitAsync(2);

        Assert.Equal(["first", "second"], ears.Payloads);
        Assert.Equal(1, rig.Count("not_for_mqtt"));
        Assert.Equal(0, rig.Count("dead_lettered"));
    }

    [Theory]
    [InlineData(MqttProtocolVersion.V5)]
    [InlineData(MqttProtocolVersion.V311)]
    public async Task Event_that_is_to_be_retained_is_there_for_who_subscribes_later_until_it_is_empty(MqttProtocolVersion version)
    {
        await using var mqtt = await EmbeddedMqttBroker.StartAsync(s_anyPort, NullLogger.Instance);
        var configuration = new GatewayConfiguration();
        await using var rig = EgressRig.Start(configuration with { Mqtt = configuration.Mqtt with { ProtocolVersion = version } });
        await rig.StartEgressAsync(mqtt.Server);
        var (yes, no) = (new RecordHeader(EventHeaders.MqttRetain, "1"u8.ToArray()), new RecordHeader(EventHeaders.MqttRetain, "0"u8.ToArray()));
        await rig.EventAsync("dev-1", "online/1", "yes", yes);
        await rig.EventAsync("dev-1", "online/2", "gone", yes);
        await rig.EventAsync("dev-1", "online/2", "", yes);
        await rig.EventAsync("dev-1", "online/3", "not kept", no);
        await EgressRig.UntilAsync(() => rig.Count("published") == 4);

        await using var late = await MqttEars.OpenAsync(mqtt.Server, "online/#");
        await late.AwaitAsync(1);
        await rig.EventAsync("dev-1", "online/1", "last");
        await late.AwaitAsync(2);

        Assert.Equal(["yes", "last"], late.Payloads);
        Assert.Equal([true, false], late.Heard.Select(message => message.Retain));
    }

    [Theory]
    [InlineData("")]
    [InlineData("lwm2m/+/up")]
    [InlineData("lwm2m/#")]
    [InlineData("lwm2m/a\0b")]
    public async Task Record_without_a_topic_that_can_be_published_to_becomes_a_dead_letter(string topic)
    {
        await using var mqtt = await EmbeddedMqttBroker.StartAsync(s_anyPort, NullLogger.Instance);
        await using var rig = EgressRig.Start();
        await using var ears = await MqttEars.OpenAsync(mqtt.Server, "lwm2m/#");
        await rig.StartEgressAsync(mqtt.Server);
        var where = await rig.EventAsync("dev-1", topic, "poison");
        await rig.EventAsync("dev-1", "lwm2m/dev-1/up/resp", "good");

        await ears.AwaitAsync(1);
        var letter = (await rig.DeadLetters.AwaitAsync(1))[0];

        Assert.Equal("good", ears.Payloads[0]);
        Assert.Equal("dev-1", Encoding.UTF8.GetString(letter.Key));
        Assert.Equal("poison", Encoding.UTF8.GetString(letter.Value!));
        Assert.Equal("egress", EgressRig.Header(letter, DeadLetterHeaders.Stage));
        Assert.Equal($"{rig.Topics.Events}/{where.Partition}/{where.Offset}", EgressRig.Header(letter, DeadLetterHeaders.Origin));
        Assert.NotEmpty(EgressRig.Header(letter, DeadLetterHeaders.Reason)!);
        Assert.Equal(1, rig.Count("dead_lettered"));
    }

    [Fact]
    public async Task Refusal_that_trying_again_cannot_cure_makes_a_dead_letter()
    {
        await using var mqtt = await FussyBroker.StartAsync((e, _) =>
        {
            if (e.ApplicationMessage.Topic.EndsWith("secret", StringComparison.Ordinal))
            {
                e.Response.ReasonCode = MqttPubAckReasonCode.NotAuthorized;
                e.ProcessPublish = false;
            }
        });
        await using var rig = EgressRig.Start();
        await using var ears = await MqttEars.OpenAsync(mqtt.Server, "lwm2m/#");
        await rig.StartEgressAsync(mqtt.Server);
        await rig.EventAsync("dev-1", "lwm2m/secret", "refused");
        await rig.EventAsync("dev-1", "lwm2m/open", "taken");

        await ears.AwaitAsync(1);
        var letter = (await rig.DeadLetters.AwaitAsync(1))[0];

        Assert.Equal(["taken"], ears.Payloads);
        Assert.Contains("not authorized", EgressRig.Header(letter, DeadLetterHeaders.Reason));
        Assert.Equal(0, rig.Count("disconnected"));
    }

    [Fact]
    public async Task Refusal_that_may_pass_is_tried_again_in_order()
    {
        await using var mqtt = await FussyBroker.StartAsync((e, count) =>
        {
            if (count is >= 3 and < 8)
            {
                e.Response.ReasonCode = MqttPubAckReasonCode.QuotaExceeded;
                e.ProcessPublish = false;
            }
        });
        await using var rig = EgressRig.Start();
        await using var ears = await MqttEars.OpenAsync(mqtt.Server, "lwm2m/#");
        await rig.StartEgressAsync(mqtt.Server);
        await SendAsync(rig, devices: 1, each: 10);

        await EgressRig.UntilAsync(() => rig.Count("published") >= 10);

        Assert.Equal(10, ears.Payloads.Distinct().Count());
        Assert.Empty(rig.DeadLetters.Records);
    }

    [Fact]
    public async Task Record_over_which_the_connection_ends_three_times_becomes_a_dead_letter_and_the_others_do_not()
    {
        await using var mqtt = await FussyBroker.StartAsync((e, _) => e.CloseConnection = e.ApplicationMessage.ConvertPayloadToString() == "dev-0 7");
        await using var rig = EgressRig.Start();
        await using var ears = await MqttEars.OpenAsync(mqtt.Server, "lwm2m/#");
        await rig.StartEgressAsync(mqtt.Server);
        await SendAsync(rig, devices: 2, each: 20);

        var letter = (await rig.DeadLetters.AwaitAsync(1))[0];
        await EgressRig.UntilAsync(() => rig.Count("published") >= 39);

        Assert.Equal("dev-0 7", Encoding.UTF8.GetString(letter.Value!));
        Assert.Single(rig.DeadLetters.Records);
        await EgressRig.UntilAsync(() => ears.Payloads.Distinct().Count() >= 39);
    }

    [Fact]
    public async Task What_was_acknowledged_is_committed_and_not_published_again_by_the_next_process()
    {
        await using var mqtt = await EmbeddedMqttBroker.StartAsync(s_anyPort, NullLogger.Instance);
        await using var rig = EgressRig.Start();
        await using var ears = await MqttEars.OpenAsync(mqtt.Server, "lwm2m/#");
        await rig.StartEgressAsync(mqtt.Server);
        await SendAsync(rig, devices: 2, each: 10);
        await ears.AwaitAsync(20);
        await rig.StopEgressAsync();
        await SendAsync(rig, devices: 2, each: 10, from: 10);
        await rig.StartEgressAsync(mqtt.Server);

        await ears.AwaitAsync(40);

        Assert.Equal(40, ears.Payloads.Count);
        AssertInOrder(ears.Payloads, devices: 2, each: 20);
    }

    private static async Task SendAsync(EgressRig rig, int devices, int each, int from = 0)
    {
        var sent = new List<Task<AppendResult>>();
        for (var i = from; i < from + each; i++)
        {
            for (var d = 0; d < devices; d++)
            {
                sent.Add(rig.EventAsync($"dev-{d}", $"lwm2m/dev-{d}/up/notify", $"dev-{d} {i}"));
            }
        }

        Assert.All(await Task.WhenAll(sent), result => Assert.True(result.Succeeded));
    }

    private static void AssertInOrder(IReadOnlyList<string> payloads, int devices, int each)
    {
        for (var d = 0; d < devices; d++)
        {
            Assert.Equal(Enumerable.Range(0, each).Select(i => $"dev-{d} {i}"), payloads.Where(payload => payload.StartsWith($"dev-{d} ", StringComparison.Ordinal)));
        }
    }

    // Repetitions after a lost connection may go back, but nothing is left out on the way.
    private static void AssertRises(IReadOnlyList<string> payloads)
    {
        foreach (var device in payloads.Select(payload => payload.Split(' ')).GroupBy(parts => parts[0], parts => int.Parse(parts[1], System.Globalization.CultureInfo.InvariantCulture)))
        {
            var highest = device.First() - 1;
            foreach (var number in device)
            {
                Assert.True(number <= highest + 1, $"{device.Key}: {number} came after {highest}");
                highest = Math.Max(highest, number);
            }
        }
    }

    private static string? Property(MQTTnet.MqttApplicationMessage message, string name) =>
        message.UserProperties?.Where(property => property.Name == name).Select(property => Encoding.UTF8.GetString(property.ValueBuffer.Span)).FirstOrDefault();
}
