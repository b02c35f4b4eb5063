using Contracts;
using Contracts.Configuration;
using Google.Protobuf;
using Translator.Uplink;

namespace Pipeline.Tests.Translator;

/// <summary>Events that are no answers: registrations, notifications, ends of commands; and the topics of all.</summary>
public sealed class EventJsonTests
{
    private static readonly CommandContext Command = Given.Context("""{"reqID":1,"msgType":"read","data":{"path":"/3/0/0"}}""");

    [Fact]
    public void Register_shows_the_query_and_the_object_list()
    {
        var device = Translate(Given.Uplink(EventKind.Registered, uplink => uplink.Registration = Registration(("ep", "urn:imei:1"), ("lt", "300"), ("lwm2m", "1.0"), ("b", "U"))));
        Assert.Equal(
            """{"data":{"alternatePath":"/","b":"U","ep":"urn:imei:1","lt":300,"lwm2m":"1.0","objectList":["/1/0","/3/0"]},"msgType":"register"}""",
            Given.Text(device.Json));
        Assert.Equal(("lwm2m/e1/up/resp", 0, "lwm2m.register", "e1", "0123456789abcdeffedcba9876543210-0"), (device.Topic, device.Qos, device.Type, device.Key, device.Id));
        Assert.Equal("/lwm2m", device.Source);
    }

    [Fact]
    public void Register_without_object_list_leaves_it_out_and_keeps_any_other_key_as_text()
    {
        var registration = new RegistrationInfo { Parameters = { Parameter("zz", "é\"1"), Parameter("sms", "1"), Parameter("sms", "2") } };
        Assert.Equal(
            """{"data":{"sms":"2","zz":"é\"1"},"msgType":"register"}""",
            Given.Text(Translate(Given.Uplink(EventKind.Registered, uplink => uplink.Registration = registration)).Json));
    }

    [Fact]
    public void Update_shows_everything_merged()
    {
        var registration = Registration(("ep", "e1"), ("lt", "600"));
        registration.HasObjectList = false;
        Assert.Equal(
            """{"data":{"alternatePath":"/lwm2m","ep":"e1","lt":600,"objectList":["/1/0","/3/0"]},"msgType":"update"}""",
            Given.Text(Translate(Given.Uplink(EventKind.Updated, uplink => (uplink.Registration, uplink.AlternatePath) = (registration, "/lwm2m"))).Json));
    }

    [Theory]
    [InlineData(UpdateMsgPublishCondition.Always, false, 1)]
    [InlineData(UpdateMsgPublishCondition.Always, true, 1)]
    [InlineData(UpdateMsgPublishCondition.ContainsObjectList, false, 0)]
    [InlineData(UpdateMsgPublishCondition.ContainsObjectList, true, 1)]
    public void Updates_are_published_by_the_condition(UpdateMsgPublishCondition condition, bool hasList, int events)
    {
        var rules = Given.With(lwm2m => lwm2m with { UpdateMsgPublishCondition = condition });
        var update = Given.Uplink(EventKind.Updated, uplink => uplink.Registration = new RegistrationInfo { HasObjectList = hasList });
        Assert.Equal(events, UplinkPipeline.Translate(update, rules).Count);
        update.Kind = EventKind.Registered;
        Assert.Single(UplinkPipeline.Translate(update, rules));
    }

    [Theory]
    [InlineData(EventKind.Deregistered, "deregister", "the device has de-registered")]
    [InlineData(EventKind.Expired, "expired", "the lifetime has passed without an update")]
    [InlineData(EventKind.Replaced, "replaced", "a new registration of the same endpoint has taken its place")]
    public void The_end_of_a_registration_is_told_on_the_lifecycle_topic(EventKind kind, string msgType, string reason)
    {
        var device = Translate(Given.Uplink(kind));
        Assert.Equal($$$"""{"data":{"ep":"e1","location":"/rd/r1","reason":"{{{reason}}}"},"msgType":"{{{msgType}}}"}""", Given.Text(device.Json));
        Assert.Equal("lwm2m/e1/up/lifecycle", device.Topic);
        Assert.Equal("lwm2m." + msgType, device.Type);
    }

    [Fact]
    public void A_notification_repeats_the_observe_command_and_numbers_itself()
    {
        var device = Translate(Notification("/3/0/9", uplink => uplink.Observe = 3));
        Assert.Equal(
            """{"data":{"code":"2.05","codeMsg":"content","content":[{"path":"/3/0/9","value":95}],"reqPath":"/3/0/9"},"msgType":"notify","reqID":307,"seqNum":3}""",
            Given.Text(device.Json));
        Assert.Equal("lwm2m/e1/up/notify", device.Topic);
    }

    [Fact]
    public void What_we_know_of_a_notification_stands_inside_data() =>
        Assert.Equal(
            """{"data":{"code":"2.05","codeMsg":"content","content":[{"path":"/3/0/9","value":95}],"late":true,"reqPath":"/3/0/9","reread":true},"msgType":"notify","reqID":307}""",
            Given.Text(Translate(Notification("/3/0/9", uplink => uplink.Late = uplink.Reread = true)).Json));

    [Fact]
    public void An_error_notification_is_told() =>
        Assert.Equal(
            """{"data":{"code":"4.04","codeMsg":"not_found","reqPath":"/3/0/9"},"msgType":"notify","reqID":307,"seqNum":7}""",
            Given.Text(Translate(Notification("/3/0/9", uplink => (uplink.Code, uplink.Observe) = (0x84, 7))).Json));

    [Fact]
    public void A_notification_that_cannot_be_typed_is_still_a_notification()
    {
        var json = Given.Text(Translate(Notification("/3/0/9", uplink => uplink.Payload = ByteString.CopyFrom(0xc9))).Json);
        Assert.StartsWith("""{"data":{"code":"4.00","codeMsg":"bad_request","reason":"TLV""", json, StringComparison.Ordinal);
        Assert.EndsWith("""},"msgType":"notify","reqID":307}""", json, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("/5/0/3", "lwm2m/e1//v1/up/dm")]
    [InlineData("/5", "lwm2m/e1//v1/up/dm")]
    [InlineData("/50/0", "lwm2m/e1/up/notify")]
    public void Firmware_notifications_have_a_topic_of_their_own(string path, string topic) =>
        Assert.Equal(topic, Translate(Notification(path)).Topic);

    [Fact]
    public void Firmware_answers_go_where_all_answers_go() =>
        Assert.Equal("lwm2m/e1/up/resp", Translate(Given.Answer("""{"msgType":"read","data":{"path":"/5/0/3"}}""", 0x84)).Topic);

    [Fact]
    public void An_acknowledgement_repeats_the_command_as_it_was()
    {
        var device = Translate(Given.Uplink(EventKind.Acknowledged, uplink => uplink.Command = Given.Context("""{"requestID":206,"cacheID":206,"msgType":"read","data":{"path":"/3/0/0"}}""")));
        Assert.Equal("""{"cacheID":206,"data":{"path":"/3/0/0"},"msgType":"ack","requestID":206}""", Given.Text(device.Json));
        Assert.Equal(("lwm2m/e1/up/resp", "lwm2m.ack"), (device.Topic, device.Type));
    }

    [Theory]
    [InlineData(Outcome.TimedOut, "", """{"data":{"path":"/3/0/0"},"msgType":"coap_timeout","reqID":1}""")]
    [InlineData(Outcome.Reset, "", """{"data":{"path":"/3/0/0"},"msgType":"coap_reset","reqID":1}""")]
    [InlineData(Outcome.Unknown, "", """{"data":{"path":"/3/0/0","reason":"unknown: it may have been carried out"},"msgType":"coap_timeout","reqID":1}""")]
    [InlineData(Outcome.Unknown, "a crash in between", """{"data":{"path":"/3/0/0","reason":"unknown: a crash in between"},"msgType":"coap_timeout","reqID":1}""")]
    [InlineData(Outcome.Invalid, "bad type", """{"data":{"code":"4.00","codeMsg":"bad_request","reason":"bad type","reqPath":"/3/0/0"},"msgType":"read","reqID":1}""")]
    [InlineData(Outcome.NotRegistered, "", """{"data":{"code":"4.04","codeMsg":"not_found","reason":"not registered","reqPath":"/3/0/0"},"msgType":"read","reqID":1}""")]
    [InlineData(Outcome.Denied, "by rule 1", """{"data":{"code":"4.03","codeMsg":"forbidden","reason":"denied: by rule 1","reqPath":"/3/0/0"},"msgType":"read","reqID":1}""")]
    [InlineData(Outcome.QueueFull, "", """{"data":{"code":"5.03","codeMsg":"service_unavailable","reason":"queue full","reqPath":"/3/0/0"},"msgType":"read","reqID":1}""")]
    [InlineData(Outcome.NeverSent, "the device sleeps", """{"data":{"code":"5.04","codeMsg":"gateway_timeout","reason":"expired: the device sleeps","reqPath":"/3/0/0"},"msgType":"read","reqID":1}""")]
    [InlineData(Outcome.Cancelled, "cancelled: kicked", """{"data":{"code":"5.03","codeMsg":"service_unavailable","reason":"cancelled: kicked","reqPath":"/3/0/0"},"msgType":"read","reqID":1}""")]
    public void Each_end_of_a_command_has_its_form(Outcome outcome, string reason, string json)
    {
        var device = Translate(Given.Uplink(EventKind.Outcome, uplink => (uplink.Outcome, uplink.Reason, uplink.Command) = (outcome, reason, Command)));
        Assert.Equal(json, Given.Text(device.Json));
        Assert.Equal(("lwm2m/e1/up/resp", "lwm2m.response"), (device.Topic, device.Type));
    }

    [Fact]
    public void An_invalid_command_without_a_type_is_unknown()
    {
        var uplink = Given.Uplink(EventKind.Outcome, uplink => (uplink.Outcome, uplink.Reason, uplink.Command) = (Outcome.Invalid, "not JSON", new CommandContext { CommandId = "c" }));
        Assert.Equal("""{"data":{"code":"4.00","codeMsg":"bad_request","reason":"not JSON","reqPath":null},"msgType":"unknown"}""", Given.Text(Translate(uplink).Json));
    }

    [Theory]
    [InlineData("notify", "lwm2m/e1/up/notify")]
    [InlineData("register", "lwm2m/e1/r")]
    [InlineData("update", "lwm2m/e1/u")]
    [InlineData("whatever", "lwm2m/e1/up/resp")]
    public void A_command_with_the_type_of_an_event_is_refused_on_the_topic_of_that_event(string msgType, string topic)
    {
        var rules = Given.With(lwm2m => lwm2m with { Translators = new TopicMappings { Register = new() { Topic = "r" }, Update = new() { Topic = "u" } } });
        var context = Given.Context("{\"msgType\":\"" + msgType + "\",\"reqID\":10086,\"seqNum\":99,\"data\":{\"path\":\"/31024/11\"}}");
        var device = Translate(Given.Uplink(EventKind.Outcome, uplink => (uplink.Outcome, uplink.Reason, uplink.Command) = (Outcome.Invalid, "no", context)), rules);
        Assert.Equal(topic, device.Topic);
        Assert.Equal(
            "{\"data\":{\"code\":\"4.00\",\"codeMsg\":\"bad_request\",\"reason\":\"no\",\"reqPath\":\"/31024/11\"},\"msgType\":\"" + msgType + "\",\"reqID\":10086,\"seqNum\":99}",
            Given.Text(device.Json));
    }

    [Theory]
    [InlineData("answers/here", "answers/here")]
    [InlineData("answers/#", "lwm2m/e1/up/resp")]
    [InlineData("lwm2m/e2/dn/x", "lwm2m/e1/up/resp")] // it would be a command there
    [InlineData("", "lwm2m/e1/up/resp")]
    public void The_response_topic_of_a_command_is_used_where_that_is_harmless(string wanted, string topic)
    {
        var answer = Given.Answer("""{"msgType":"execute","data":{"path":"/3/0/4"}}""", 0x44, set: uplink =>
            (uplink.Command.ResponseTopic, uplink.Command.CorrelationData) = (wanted, ByteString.CopyFrom(1, 2)));
        var device = Translate(answer);
        Assert.Equal(topic, device.Topic);
        Assert.Equal([1, 2], device.Correlation!);
    }

    [Theory]
    [InlineData("lwm2m/${username}", "/up/resp", "lwm2m/u1/up/resp")]
    [InlineData("${zone}/${clientid}/", "resp", "z/c1/resp")]
    [InlineData("", "resp", "resp")]
    public void Mountpoint_and_topic_are_put_together_as_they_stand(string mountpoint, string response, string topic)
    {
        var rules = Given.With(lwm2m => lwm2m with { Mountpoint = mountpoint, Translators = new TopicMappings { Response = new() { Topic = response, Qos = 2 } } });
        var device = Translate(
            Given.Uplink(EventKind.Acknowledged, uplink => (uplink.Command, uplink.Client) = (Command, new ClientIdentity { Clientid = "c1", Username = "u1", Zone = "z" })), rules);
        Assert.Equal((topic, 2), (device.Topic, device.Qos));
    }

    [Fact]
    public void The_mountpoint_of_a_listener_wins()
    {
        var rules = Given.With(lwm2m => lwm2m with
        {
            Listeners = new ListenersOptions { Udp = new Dictionary<string, UdpListenerOptions> { ["default"] = new() { Bind = BindAddress.Any(1), Mountpoint = "x/${endpoint_name}/" } } },
        });
        Assert.Equal("x/e1/up/resp", Translate(Given.Uplink(EventKind.Registered), rules).Topic);
    }

    [Theory]
    [InlineData("lwm2m/other/", "lwm2m/other/up/resp")]
    [InlineData("", "lwm2m/e1/up/resp")]
    public void An_outcome_for_nobody_goes_to_the_prefix_that_the_command_came_on(string mountpoint, string topic) =>
        Assert.Equal(topic, Translate(Given.Uplink(EventKind.Outcome, uplink =>
            (uplink.Client, uplink.Mountpoint, uplink.Outcome, uplink.Command) = (null, mountpoint, Outcome.NotRegistered, Command))).Topic);

    [Theory]
    [InlineData("up/notify", "up/send")]
    [InlineData("notify", "send")]
    public void Send_has_a_topic_beside_notify(string notify, string send)
    {
        var rules = Given.With(lwm2m => lwm2m with { Translators = new TopicMappings { Notify = new() { Topic = notify } } });
        var device = Translate(Given.Uplink(EventKind.Sent, uplink =>
        {
            uplink.ContentFormat = 11543;
            uplink.Payload = ByteString.CopyFromUtf8("""{"bn":"/3/0/","e":[{"n":"9","v":95,"t":1700000000}]}""");
        }), rules);
        Assert.Equal("lwm2m/e1/" + send, device.Topic);
        Assert.Equal("""{"data":{"content":[{"path":"/3/0/9","ts":1700000000000,"value":95}]},"msgType":"send"}""", Given.Text(device.Json));
    }

    private static UplinkEvent Notification(string path, Action<UplinkEvent>? set = null) => Given.Uplink(EventKind.Notified, uplink =>
    {
        uplink.Path = path;
        uplink.Command = Given.Context("{\"reqID\":307,\"msgType\":\"observe\",\"data\":{\"path\":\"" + path + "\"}}");
        uplink.Code = 0x45;
        uplink.ContentFormat = 11542;
        uplink.Payload = ByteString.CopyFrom(0xc1, 9, 95);
        set?.Invoke(uplink);
    });

    private static RegistrationInfo Registration(params (string Key, string Value)[] parameters)
    {
        var registration = new RegistrationInfo { Lifetime = 300, LifetimeSent = true, HasObjectList = true, ObjectList = { "/1/0", "/3/0" } };
        registration.Parameters.Add(parameters.Select(parameter => Parameter(parameter.Key, parameter.Value)));
        return registration;
    }

    private static QueryParameter Parameter(string key, string value) => new() { Key = key, Value = value };

    private static DeviceEvent Translate(UplinkEvent uplink, global::Translator.TranslationRules? rules = null) =>
        Assert.Single(UplinkPipeline.Translate(uplink, rules ?? Given.Rules));
}
