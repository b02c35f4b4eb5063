using System.Diagnostics.Metrics;
using Contracts;
using Google.Protobuf;
using Microsoft.Extensions.DependencyInjection;
using Translator;
using Translator.Downlink;
using Translator.Operations;
using Translator.Partitions;
using Translator.Uplink;

namespace Pipeline.Tests.Translator;

/// <summary>What a device may not do: its events stay on Kafka, its commands end at once.</summary>
public sealed class DenialTests
{
    private const string Read = """{"msgType":"read","data":{"path":"/3/0/0"}}""";

    [Theory]
    [InlineData(EventKind.Registered, "", Denied.Register)]
    [InlineData(EventKind.Updated, "", Denied.Update)]
    [InlineData(EventKind.Deregistered, "", Denied.Lifecycle)]
    [InlineData(EventKind.Expired, "", Denied.Lifecycle)]
    [InlineData(EventKind.Replaced, "", Denied.Lifecycle)]
    [InlineData(EventKind.Notified, "/3/0/9", Denied.Notify)]
    [InlineData(EventKind.Notified, "/5/0/3", Denied.Firmware)]
    [InlineData(EventKind.Sent, "", Denied.Send)]
    [InlineData(EventKind.Acknowledged, "read", Denied.Response)]
    [InlineData(EventKind.Outcome, "read", Denied.Response)]
    [InlineData(EventKind.Outcome, "notify", Denied.Notify)]
    [InlineData(EventKind.Outcome, "register", Denied.Register)]
    [InlineData(EventKind.Outcome, "update", Denied.Update)]
    public void An_event_is_denied_by_the_bit_of_its_mapping_and_by_no_other(EventKind kind, string subject, Denied denial)
    {
        foreach (var bit in Enum.GetValues<Denied>())
        {
            var device = Assert.Single(UplinkPipeline.Translate(Event(kind, subject, (uint)bit), Given.Rules));
            Assert.Equal(bit == denial, device.Topic is null);
        }

        Assert.NotNull(Assert.Single(UplinkPipeline.Translate(Event(kind, subject, ~(uint)denial), Given.Rules)).Topic);
        Assert.Null(Assert.Single(UplinkPipeline.Translate(Event(kind, subject, uint.MaxValue), Given.Rules)).Topic);
    }

    [Fact]
    public void A_denied_event_says_on_Kafka_what_it_always_says()
    {
        var free = Assert.Single(UplinkPipeline.Translate(Event(EventKind.Notified, "/3/0/9", 0), Given.Rules));
        var denied = Assert.Single(UplinkPipeline.Translate(Event(EventKind.Notified, "/3/0/9", (uint)Denied.Notify), Given.Rules));
        Assert.Equal(free.Json, denied.Json);
        Assert.Equal((free.Id, free.Type, free.Key), (denied.Id, denied.Type, denied.Key));
    }

    [Fact]
    public void Nobody_is_told_where_to_publish_a_denied_event()
    {
        var rules = Given.With(lwm2m => lwm2m with { Translators = new() { Notify = new() { Topic = "n", Qos = 2 }, Online = new() { Topic = "o", Qos = 1 } } });
        var source = Given.Record("lwm2m.uplink", "e1", []);
        var notified = EventRecord.Of(UplinkPipeline.Translate(Event(EventKind.Notified, "/3/0/9", (uint)Denied.Notify), rules)[0], source, "lwm2m.events");
        Assert.Equal(["ce_id", "ce_type", "ce_source", "ce_specversion", "content-type"], notified.Headers!.Select(header => header.Name));
        var registered = UplinkPipeline.Translate(Event(EventKind.Registered, "", (uint)Denied.Lifecycle), rules);
        Assert.Equal(["ce_id", "ce_type", "ce_source", "ce_specversion", "content-type", "mqtt_topic"], EventRecord.Of(registered[0], source, "e").Headers!.Select(header => header.Name));
        Assert.Equal(["ce_id", "ce_type", "ce_source", "ce_specversion", "content-type"], EventRecord.Of(registered[1], source, "e").Headers!.Select(header => header.Name));
    }

    [Fact]
    public void A_response_topic_of_MQTT_5_does_not_get_around_it()
    {
        var answer = Event(EventKind.Outcome, "read", (uint)Denied.Response);
        answer.Command.ResponseTopic = "answers";
        Assert.Null(Assert.Single(UplinkPipeline.Translate(answer, Given.Rules)).Topic);
    }

    [Theory]
    [InlineData(Read)]
    [InlineData("not JSON")]
    [InlineData("""{"msgType":"write","data":{}}""")]
    public void A_command_for_a_device_that_may_get_none_ends_at_once(string command)
    {
        var denied = Given.Registration() with { Denied = (uint)(Denied.Command | Denied.Response) };
        var refusal = CommandTranslator.Translate(Given.Incoming(command), denied, Given.Rules, Given.Now).Refusal!;
        Assert.Equal((Outcome.Denied, denied.Denied), (refusal.Outcome, refusal.Denied));
        var device = Assert.Single(UplinkPipeline.Translate(refusal, Given.Rules));
        Assert.Null(device.Topic);
        Assert.Contains("""{"code":"4.03","codeMsg":"forbidden","reason":"denied","reqPath":""", Given.Text(device.Json), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData((uint)Denied.Command, "lwm2m/e1/up/resp")]
    [InlineData((uint)(Denied.Command | Denied.Response), null)]
    public void Its_answer_is_denied_or_not_by_itself(uint bits, string? topic)
    {
        var refusal = CommandTranslator.Translate(Given.Incoming(Read), Given.Registration() with { Denied = bits }, Given.Rules, Given.Now).Refusal!;
        Assert.Equal(topic, Assert.Single(UplinkPipeline.Translate(refusal, Given.Rules)).Topic);
    }

    [Theory]
    [InlineData("""{"msgType":"kick","data":{}}""")]
    [InlineData("""{"msgType":"cancel","data":{"command_id":"c7"}}""")]
    public void An_operator_can_still_end_what_the_device_has(string command) =>
        Assert.NotNull(CommandTranslator.Translate(Given.Incoming(command), Given.Registration() with { Denied = uint.MaxValue }, Given.Rules, Given.Now).Operation);

    [Fact]
    public void Other_bits_do_not_touch_commands() =>
        Assert.NotNull(CommandTranslator.Translate(
            Given.Incoming(Read), Given.Registration() with { Denied = ~(uint)Denied.Command }, Given.Rules, Given.Now).Operation);

    [Fact]
    public void A_device_that_has_gone_is_not_registered_rather_than_denied() =>
        Assert.Equal(Outcome.NotRegistered, CommandTranslator.Translate(
            Given.Incoming(Read), Given.Registration(state: "gone") with { Denied = uint.MaxValue }, Given.Rules, Given.Now).Refusal!.Outcome);

    [Fact]
    public void On_Kafka_it_is_told_counted_as_suppressed_and_closed()
    {
        var denied = 0L;
        using var listener = new MeterListener();
        using var services = new ServiceCollection().AddMetrics().BuildServiceProvider();
        var meters = services.GetRequiredService<IMeterFactory>();
        listener.InstrumentPublished = (instrument, own) =>
        {
            // Other tests count too.
            if (ReferenceEquals(instrument.Meter.Scope, meters) && instrument.Name == "suppressed")
            {
                own.EnableMeasurementEvents(instrument);
            }
        };
        listener.SetMeasurementEventCallback<long>((_, count, tags, _) => denied += tags[0].Value is "denied" ? count : 0);
        listener.Start();

        var telemetry = new TranslatorTelemetry(meters);
        var topics = new Topics("t");
        using var partition = new TranslatorPartition(0, 1, topics, () => Given.Rules, new SlotDirectory(), telemetry, new OperationLimits());
        partition.Release();
        partition.FoldRegistration(Given.Record(topics.Registrations, "e1", (Given.Registration() with { Denied = (uint)(Denied.Command | Denied.Response) }).ToJson()));

        var outcome = Assert.Single(Assert.Single(partition.Command(Given.Record(topics.Commands, "e1", Given.Bytes(Read)), Given.Now).Steps));
        Assert.Equal("t.uplink", outcome.Topic);
        var told = partition.Uplink(Given.Record(topics.Uplink, "e1", outcome.Value), Given.Now);
        Assert.Equal(["t.events", "t.operations"], told.Steps.Select(step => Assert.Single(step).Topic));
        Assert.DoesNotContain(told.Steps[0][0].Headers!, header => header.Name is EventHeaders.MqttTopic or EventHeaders.MqttQos);
        Assert.Equal(Outcome.Denied, OperationRecord.Parser.ParseFrom(told.Steps[1][0].Value).Outcome);
        Assert.Equal(1, denied);
    }

    private static UplinkEvent Event(EventKind kind, string subject, uint denied) => Given.Uplink(kind, uplink =>
    {
        uplink.Denied = denied;
        uplink.Registration = new RegistrationInfo { HasObjectList = true };
        (uplink.Code, uplink.ContentFormat, uplink.Payload) = (0x45, 42, ByteString.CopyFrom(1));
        if (subject.StartsWith('/'))
        {
            uplink.Path = subject;
        }
        else if (subject.Length > 0)
        {
            uplink.Command = Given.Context("{\"msgType\":\"" + subject + "\",\"data\":{\"path\":\"/3/0/0\"}}");
            uplink.Outcome = Outcome.Invalid;
        }
    });
}
