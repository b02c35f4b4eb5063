using Pipeline.IntegrationTests.Devices;
using Pipeline.IntegrationTests.Gateways;

namespace Pipeline.IntegrationTests.Scenarios;

/// <summary>Devices report what they are observed for (RFC 7641).</summary>
public abstract class ObservationScenarios(GatewayFixture gateway) : GatewayScenarios(gateway)
{
    const string Observe = """{"reqID":307,"msgType":"observe","data":{"path":"/3/0/10"}}""";
    const string ObserveRequest = "CON GET 6=0 11=3 11=0 11=10";

    [Fact]
    public async Task Observed_resource_notifies_until_it_is_cancelled()
    {
        using var story = await BeginRegisteredAsync();
        await story.CommandAsync(Observe);
        var token = await story.Device.BeginObservationAsync(ObserveRequest, "2048", 2);
        await story.HearAsync("up/resp", Event("2048", "observe", 2));

        var confirmable = story.Device.Notification(token, "4096", 3);
        await story.Device.SendAsync(confirmable);
        await story.Device.ExpectAcknowledgementAsync(confirmable);
        await story.HearAsync("up/notify", Event("4096", "notify", 3));

        await story.Device.SendAsync(story.Device.Notification(token, "4097", 4, MessageType.NonConfirmable));
        await story.HearAsync("up/notify", Event("4097", "notify", 4));
        await story.Device.ExpectNothingBeforePongAsync();

        await story.CommandAsync("""{"reqID":308,"msgType":"cancel-observe","data":{"path":"/3/0/10"}}""");
        var cancel = await story.Device.ExpectRequestAsync("CON GET 6=1 11=3 11=0 11=10");
        Assert.Equal(token, cancel.Token);
        await story.Device.AnswerAsync(cancel, Datagram.Content, "4098", 0);
        await story.HearAsync("up/resp",
            """{"data":{"code":"2.05","codeMsg":"content","content":[{"path":"/3/0/10","value":4098}],"reqPath":"/3/0/10"},"msgType":"cancel-observe","reqID":308}""");

        await story.HearNothingBeforeNextAnswerAsync();
        var forgotten = story.Device.Notification(token, "4099", 5);
        await story.Device.SendAsync(forgotten);
        await story.Device.ExpectResetAsync(forgotten);
        await story.HearNothingAsync("up/notify");
    }

    [Fact]
    public async Task Repeated_notification_is_acknowledged_again_and_told_once()
    {
        using var story = await BeginObservedAsync();
        var (device, token) = (story.Story.Device, story.Token);
        var notification = device.Notification(token, "1", 10);
        for (var i = 0; i < 3; i++)
        {
            await device.SendAsync(notification);
            await device.ExpectAcknowledgementAsync(notification);
        }

        var next = device.Notification(token, "2", 11);
        await device.SendAsync(next);
        await device.ExpectAcknowledgementAsync(next);
        await story.Story.HearAsync("up/notify", Event("1", "notify", 10));
        await story.Story.HearAsync("up/notify", Event("2", "notify", 11));
        await story.Story.HearNothingAsync("up/notify");
    }

    [Fact]
    public async Task Notification_that_comes_late_is_delivered_and_marked()
    {
        using var story = await BeginObservedAsync();
        var (device, token) = (story.Story.Device, story.Token);
        foreach (var (value, number, late) in new[] { ("1", 10u, ""), ("2", 12u, ""), ("3", 11u, "\"late\":true,"), ("4", 13u, "") })
        {
            var notification = device.Notification(token, value, number);
            await device.SendAsync(notification);
            await device.ExpectAcknowledgementAsync(notification);
            await story.Story.HearAsync("up/notify", Event(value, "notify", number, late));
        }
    }

    [Fact]
    public async Task Error_ends_the_observation()
    {
        using var story = await BeginObservedAsync();
        var device = story.Story.Device;
        var error = device.Notification(story.Token, [], code: Datagram.NotFound);
        await device.SendAsync(error);
        await device.ExpectAcknowledgementAsync(error);
        await story.Story.HearAsync("up/notify", """{"data":{"code":"4.04","codeMsg":"not_found","reqPath":"/3/0/10"},"msgType":"notify","reqID":307}""");
        await story.Story.HearNothingBeforeNextAnswerAsync();
        var after = device.Notification(story.Token, "5", 20);
        await device.SendAsync(after);
        await device.ExpectResetAsync(after);
    }

    [Fact]
    public async Task Notification_of_nothing_is_reset()
    {
        using var story = await BeginRegisteredAsync();
        var unknown = story.Device.Notification([1, 2, 3, 4, 5, 6, 7, 8], "1", 2);
        await story.Device.SendAsync(unknown);
        await story.Device.ExpectResetAsync(unknown);
        await story.Device.SendAsync(unknown with { Id = story.Device.NextId(), Type = MessageType.NonConfirmable });
        await story.Device.ExpectNothingBeforePongAsync();
        await story.HearNothingAsync("up/notify");
    }

    [Fact]
    public async Task What_the_configuration_lists_is_observed_by_itself()
    {
        using var story = await BeginRegisteredAsync("</1/0>,</3/0>,</3303/0>,</3303/1>,</3303/1/5700>");
        var first = await story.Device.ExpectRequestAsync("CON GET 6=0 11=3303 11=0");
        await story.Device.AnswerAsync(first, Datagram.Content, Convert.FromHexString("e4164441bc0000"), BareDevice.Tlv, 7);
        await story.HearAsync("up/resp",
            """{"data":{"code":"2.05","codeMsg":"content","content":[{"path":"/3303/0/5700","value":23.5}],"reqPath":"/3303/0"},"is_auto_observe":true,"msgType":"observe","seqNum":7}""");
        var second = await story.Device.ExpectRequestAsync("CON GET 6=0 11=3303 11=1 11=5700");
        await story.Device.AnswerAsync(second, Datagram.Content, "20.25", 0, 1);
        await story.HearAsync("up/resp",
            """{"data":{"code":"2.05","codeMsg":"content","content":[{"path":"/3303/1/5700","value":20.25}],"reqPath":"/3303/1/5700"},"is_auto_observe":true,"msgType":"observe","seqNum":1}""");

        var notification = story.Device.Notification(first.Token, Convert.FromHexString("e4164441c00000"), BareDevice.Tlv, 8);
        await story.Device.SendAsync(notification);
        await story.Device.ExpectAcknowledgementAsync(notification);
        await story.HearAsync("up/notify",
            """{"data":{"code":"2.05","codeMsg":"content","content":[{"path":"/3303/0/5700","value":24.0}],"reqPath":"/3303/0"},"is_auto_observe":true,"msgType":"notify","seqNum":8}""");
    }

    [Fact]
    public async Task Firmware_reports_on_a_topic_of_its_own()
    {
        using var story = await BeginRegisteredAsync("</3/0>,</5/0>");
        await story.CommandAsync("""{"reqID":1,"msgType":"observe","data":{"path":"/5/0/3"}}""");
        var token = await story.Device.BeginObservationAsync("CON GET 6=0 11=5 11=0 11=3", "0", 1);
        await story.HearAsync("up/resp");
        var notification = story.Device.Notification(token, "1", 2);
        await story.Device.SendAsync(notification);
        await story.Device.ExpectAcknowledgementAsync(notification);
        await story.HearAsync("/v1/up/dm",
            """{"data":{"code":"2.05","codeMsg":"content","content":[{"path":"/5/0/3","value":1}],"reqPath":"/5/0/3"},"msgType":"notify","reqID":1,"seqNum":2}""");
    }

    [Fact]
    public async Task What_is_wanted_is_observed_again_after_a_new_Register()
    {
        using var story = await BeginObservedAsync();
        var device = story.Story.Device;
        await device.RegisterAsync();
        await story.Story.HearAsync("up/register");
        var token = await device.BeginObservationAsync(ObserveRequest, "11", 7);
        Assert.NotEqual(story.Token, token);
        await story.Story.HearAsync("up/notify", Event("11", "notify", 7));

        var notification = device.Notification(token, "12", 8);
        await device.SendAsync(notification);
        await device.ExpectAcknowledgementAsync(notification);
        await story.Story.HearAsync("up/notify", Event("12", "notify", 8));
        var before = device.Notification(story.Token, "13", 9);
        await device.SendAsync(before);
        await device.ExpectResetAsync(before);
        await story.Story.HearNothingAsync("up/resp");
    }

    [Fact]
    public async Task What_was_cancelled_is_not_observed_again()
    {
        using var story = await BeginObservedAsync();
        var device = story.Story.Device;
        await story.Story.CommandAsync("""{"reqID":308,"msgType":"cancel-observe","data":{"path":"/3/0/10"}}""");
        await device.AnswerAsync(await device.ExpectRequestAsync("CON GET 6=1 11=3 11=0 11=10"), Datagram.Content, "4098", 0);
        await story.Story.HearAsync("up/resp");
        await device.RegisterAsync();
        await story.Story.HearNothingBeforeNextAnswerAsync();
    }

    [Fact]
    public async Task Notification_from_another_address_is_not_trusted()
    {
        using var story = await BeginObservedAsync();
        using var elsewhere = new BareDevice(Gateway.Coap, story.Story.Endpoint);
        await elsewhere.SendAsync(elsewhere.Notification(story.Token, "1", 10));
        await elsewhere.ExpectNothingBeforePongAsync();
        await story.Story.HearNothingAsync("up/notify");
    }

    static string Event(string value, string msgType, uint sequence, string late = "") =>
        $$$"""{"data":{"code":"2.05","codeMsg":"content","content":[{"path":"/3/0/10","value":{{{value}}}}],{{{late}}}"reqPath":"/3/0/10"},"msgType":"{{{msgType}}}","reqID":307,"seqNum":{{{sequence}}}}""";

    private protected async Task<ObservedStory> BeginObservedAsync()
    {
        var story = await BeginRegisteredAsync();
        await story.CommandAsync(Observe);
        var token = await story.Device.BeginObservationAsync(ObserveRequest, "0", 2);
        await story.HearAsync("up/resp");
        return new ObservedStory(story, token);
    }

    private protected sealed record ObservedStory(Story Story, byte[] Token) : IDisposable
    {
        public void Dispose() => Story.Dispose();
    }
}
