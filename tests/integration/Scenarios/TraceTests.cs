using System.Diagnostics;
using System.Net.Http.Json;
using System.Text;
using Contracts;
using MQTTnet;
using Pipeline.IntegrationTests.Devices;
using Pipeline.IntegrationTests.Gateways;

namespace Pipeline.IntegrationTests.Scenarios;

/// <summary>The way of a message through all services is one trace, across Kafka and MQTT; and who watches a device reads its steps in the log.</summary>
public sealed class TraceTests(TracedFixture gateway) : GatewayScenarios(gateway), IClassFixture<TracedFixture>
{
    const string Sender = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";

    [Fact]
    public async Task A_notification_is_one_trace_from_the_datagram_to_MQTT()
    {
        using var story = await BeginRegisteredAsync();
        await story.CommandAsync("""{"reqID":307,"msgType":"observe","data":{"path":"/3/0/10"}}""");
        var token = await story.Device.BeginObservationAsync("CON GET 6=0 11=3 11=0 11=10", "1", 2);
        await story.HearAsync("up/resp");
        var notification = story.Device.Notification(token, "2", 3);
        await story.Device.SendAsync(notification);
        await story.Device.ExpectAcknowledgementAsync(notification);
        var published = await Gateway.Applications.ExpectAsync($"lwm2m/{story.Endpoint}/up/notify");

        var trace = await gateway.Spans.TraceAsync(story.Endpoint, "ingress notify", "ingress notify", "translator translate", "egress publish");
        Assert.Equal(3, trace.Count);
        var (received, translated, sent) = (trace["ingress notify"], trace["translator translate"], trace["egress publish"]);
        Assert.Equal(default, received.ParentSpanId);
        Assert.Equal((received.SpanId, translated.SpanId), (translated.ParentSpanId, sent.ParentSpanId));
        Assert.Equal(("lwm2m.uplink", "lwm2m.events"), (translated.GetTagItem("messaging.destination.name"), sent.GetTagItem("messaging.destination.name")));
        Assert.Equal(sent.Id, TraceParentOf(published));
        Assert.Equal(ActivityStatusCode.Unset, sent.Status);
    }

    [Fact]
    public async Task A_Send_is_one_trace_from_the_datagram_to_MQTT()
    {
        using var device = new BareDevice(Gateway.Coap);
        await device.RegisterAsync("</3/0>", 300, "1.1");
        var answer = await device.RequestAsync(new Datagram
        {
            Code = Datagram.Post, Id = device.NextId(), Token = device.NextToken(),
            Options = [Datagram.Option(Datagram.UriPath, "dp"), Datagram.Option(Datagram.ContentFormat, 110u)],
            Payload = Encoding.UTF8.GetBytes("""[{"n":"/3/0/9","v":95}]"""),
        });
        Assert.Equal("ACK 2.04", answer.Said);
        var trace = await gateway.Spans.TraceAsync(device.Endpoint, "ingress send", "ingress send", "translator translate", "egress publish");
        Assert.Equal(default, trace["ingress send"].ParentSpanId);
        Assert.Equal(trace["ingress send"].SpanId, trace["translator translate"].ParentSpanId);
        Assert.Equal("2.04", trace["ingress send"].GetTagItem("coap.response.code"));
    }

    [Fact]
    public async Task A_registration_and_what_is_observed_because_of_it_are_one_trace()
    {
        using var device = new BareDevice(Gateway.Coap);
        await device.RegisterAsync("</3303/0>");
        var observe = await device.ExpectRequestAsync("CON GET 6=0 11=3303 11=0");
        await device.AnswerAsync(observe, Datagram.NotFound, []);
        var trace = await gateway.Spans.TraceAsync(device.Endpoint, "ingress register", "translator translate", "ingress operate", "ingress request", "egress publish");
        Assert.Equal(default, trace["ingress register"].ParentSpanId);
        Assert.Equal(trace["ingress operate"].SpanId, trace["ingress request"].ParentSpanId);
    }

    [Fact]
    public async Task A_command_is_one_trace_from_its_sender_to_the_device_and_back()
    {
        using var story = await BeginRegisteredAsync();
        await Gateway.Applications.SendAsync(
            $"lwm2m/{story.Endpoint}/dn/cmd", """{"reqID":1,"msgType":"read","data":{"path":"/3/0/0"}}""", properties: [("traceparent", Sender)]);
        await story.Device.AnswerAsync(await story.Device.ExpectRequestAsync("CON GET 11=3 11=0 11=0"), Datagram.Content, "here", 0);
        var answer = await Gateway.Applications.ExpectAsync($"lwm2m/{story.Endpoint}/up/resp");

        string[] way = ["egress relay", "translator command", "ingress operate", "ingress request", "translator translate", "egress publish"];
        var trace = await gateway.Spans.TraceAsync(story.Endpoint, "egress relay", way);
        Assert.Equal(way.Order(), trace.Keys.Order());
        Assert.Equal("4bf92f3577b34da6a3ce929d0e0e4736", trace["egress relay"].TraceId.ToHexString());
        Assert.Equal("00f067aa0ba902b7", trace["egress relay"].ParentSpanId.ToHexString());
        Assert.Equal(trace["egress relay"].SpanId, trace["translator command"].ParentSpanId);
        Assert.Equal(trace["translator command"].SpanId, trace["ingress operate"].ParentSpanId);
        Assert.Equal(trace["ingress operate"].SpanId, trace["ingress request"].ParentSpanId);
        Assert.Equal(trace["ingress operate"].SpanId, trace["translator translate"].ParentSpanId);
        Assert.Equal(trace["translator translate"].SpanId, trace["egress publish"].ParentSpanId);
        Assert.Equal("Content", trace["ingress request"].GetTagItem("coap.response.code"));
        Assert.Equal(trace["egress publish"].Id, TraceParentOf(answer));
    }

    [Theory]
    [InlineData("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01-x")]
    [InlineData("\u00e4 no trace")]
    public async Task A_command_whose_traceparent_is_none_is_carried_out_in_a_trace_of_its_own(string hostile)
    {
        using var story = await BeginRegisteredAsync();
        await Gateway.Applications.SendAsync(
            $"lwm2m/{story.Endpoint}/dn/cmd", """{"reqID":1,"msgType":"read","data":{"path":"/3/0/0"}}""", properties: [("traceparent", hostile)]);
        await story.Device.AnswerAsync(await story.Device.ExpectRequestAsync("CON GET 11=3 11=0 11=0"), Datagram.Content, "here", 0);
        await story.HearAsync("up/resp");
        Assert.Equal(default, (await gateway.Spans.TraceAsync(story.Endpoint, "egress relay", "egress publish"))["egress relay"].ParentSpanId);
    }

    [Fact]
    public async Task A_command_that_its_sender_does_not_record_is_not_recorded_and_its_answer_says_so()
    {
        using var story = await BeginRegisteredAsync();
        var unrecorded = Sender[..^1] + "0";
        await Gateway.Applications.SendAsync(
            $"lwm2m/{story.Endpoint}/dn/cmd", """{"reqID":1,"msgType":"read","data":{"path":"/nonsense"}}""", properties: [("traceparent", unrecorded)]);
        Assert.Equal(unrecorded, TraceParentOf(await Gateway.Applications.ExpectAsync($"lwm2m/{story.Endpoint}/up/resp")));
    }

    [Fact]
    public async Task Whoever_watches_a_device_reads_its_steps_in_the_log_of_each_service()
    {
        using var http = new HttpClient { BaseAddress = gateway.Http };
        using var story = await BeginRegisteredAsync();
        var wished = await http.PutAsJsonAsync(
            "/api/v5/gateways/lwm2m/watch", new { endpoints = new[] { story.Endpoint }, seconds = 600 }, TestContext.Current.CancellationToken);
        Assert.True(wished.IsSuccessStatusCode, await wished.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
        await story.CommandAsync("""{"reqID":1,"msgType":"read","data":{"path":"/3/0/0"}}""");
        await story.Device.AnswerAsync(await story.Device.ExpectRequestAsync("CON GET 11=3 11=0 11=0"), Datagram.Content, "here", 0);
        await story.HearAsync("up/resp");
        string[] steps = ["Egress.Watch", "a command came on", "Translator.Watch", "is accepted", "Ingress.Watch", "is queued", "sent Confirmable Get", "received Acknowledgement Content", "ends: Answered", "becomes 1 events", "is published on", "[trace "];
        await Eventually.TrueAsync(
            () => Array.TrueForAll(steps, step => gateway.Log.Split('\n').Any(line => line.Contains(story.Endpoint, StringComparison.Ordinal) && line.Contains(step, StringComparison.Ordinal))),
            TimeSpan.FromSeconds(30),
            () => gateway.Log);
        await http.DeleteAsync("/api/v5/gateways/lwm2m/watch", TestContext.Current.CancellationToken);
    }

    static string? TraceParentOf(MqttApplicationMessage message) =>
        message.UserProperties.Find(property => property.Name == CommandHeaders.TraceParent) is { } sent ? Encoding.UTF8.GetString(sent.ValueBuffer.Span) : null;
}
