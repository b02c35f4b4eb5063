using Contracts;
using Contracts.Configuration;
using Translator.Partitions;
using Translator.Uplink;

namespace Pipeline.Tests.Translator;

/// <summary>The retained state of a device, where the configuration wants it.</summary>
public sealed class OnlineStateTests
{
    private static readonly global::Translator.TranslationRules Rules =
        Given.With(lwm2m => lwm2m with { Translators = new TopicMappings { Online = new TopicMapping { Topic = "up/online", Qos = 1 } } });

    [Theory]
    [InlineData(EventKind.Registered, """{"endpoint":"e1","online":true,"since":1700000000000}""")]
    [InlineData(EventKind.Deregistered, """{"endpoint":"e1","online":false,"reason":"deregister","since":1700000000000}""")]
    [InlineData(EventKind.Expired, """{"endpoint":"e1","online":false,"reason":"expired","since":1700000000000}""")]
    [InlineData(EventKind.Replaced, """{"endpoint":"e1","online":false,"reason":"replaced","since":1700000000000}""")]
    public void What_begins_or_ends_a_registration_changes_the_state(EventKind kind, string json)
    {
        var events = UplinkPipeline.Translate(Given.Uplink(kind), Rules);
        Assert.Equal(2, events.Count);
        Assert.Equal(Given.Text(UplinkPipeline.Translate(Given.Uplink(kind), Given.Rules).Single().Json), Given.Text(events[0].Json));
        var state = events[1];
        Assert.Equal(json, Given.Text(state.Json));
        Assert.Equal(
            ("lwm2m/e1/up/online", 1, true, "lwm2m.online", "e1", "0123456789abcdeffedcba9876543210-1"),
            (state.Topic, state.Qos, state.Retain, state.Type, state.Key, state.Id));
        Assert.False(events[0].Retain);
    }

    [Theory]
    [InlineData(EventKind.Updated)]
    [InlineData(EventKind.Notified)]
    [InlineData(EventKind.Sent)]
    public void Nothing_else_does(EventKind kind) => Assert.Single(UplinkPipeline.Translate(Given.Uplink(kind), Rules));

    [Theory]
    [InlineData(EventKind.Registered)]
    [InlineData(EventKind.Expired)]
    public void Without_the_mapping_there_is_no_state(EventKind kind) => Assert.Single(UplinkPipeline.Translate(Given.Uplink(kind), Given.Rules));

    [Fact]
    public void The_record_tells_Egress_to_retain_it()
    {
        var events = UplinkPipeline.Translate(Given.Uplink(EventKind.Registered), Rules);
        var records = events.Select(device => EventRecord.Of(device, Given.Record("lwm2m.uplink", "e1", []), "lwm2m.events")).ToList();
        Assert.Equal("1", Given.Text(records[1].Headers!.Single(header => header.Name == EventHeaders.MqttRetain).Value));
        Assert.Equal("1", Given.Text(records[1].Headers!.Single(header => header.Name == EventHeaders.MqttQos).Value));
        Assert.DoesNotContain(records[0].Headers!, header => header.Name == EventHeaders.MqttRetain);
    }

    [Fact]
    public void The_same_event_gives_the_same_state()
    {
        var (first, second) = (UplinkPipeline.Translate(Given.Uplink(EventKind.Expired), Rules)[1], UplinkPipeline.Translate(Given.Uplink(EventKind.Expired), Rules)[1]);
        Assert.Equal(first.Json, second.Json);
        Assert.Equal(first.Id, second.Id);
    }

    [Fact]
    public void A_name_is_written_as_JSON_wants_it() =>
        Assert.Equal(
            """{"endpoint":"a\"ü","online":true,"since":1700000000000}""",
            Given.Text(UplinkPipeline.Translate(Given.Uplink(EventKind.Registered, uplink => uplink.Endpoint = "a\"ü"), Rules)[1].Json));
}
