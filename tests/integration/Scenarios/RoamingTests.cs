using Pipeline.IntegrationTests.Devices;
using Pipeline.IntegrationTests.Gateways;

namespace Pipeline.IntegrationTests.Scenarios;

/// <summary>Devices that come from other addresses, where that is allowed.</summary>
public sealed class RoamingTests(RoamingFixture gateway) : GatewayScenarios(gateway), IClassFixture<RoamingFixture>
{
    [Fact]
    public async Task Device_is_followed_to_where_its_notification_comes_from()
    {
        using var story = await BeginRegisteredAsync();
        Assert.Equal(story.Endpoint, story.Device.RegistrationId);
        await story.CommandAsync("""{"reqID":307,"msgType":"observe","data":{"path":"/3/0/10"}}""");
        var token = await story.Device.BeginObservationAsync("CON GET 6=0 11=3 11=0 11=10", "1", 2);
        await story.HearAsync("up/resp");

        using var elsewhere = new BareDevice(Gateway.Coap, story.Endpoint);
        var notification = elsewhere.Notification(token, "2", 3);
        await elsewhere.SendAsync(notification);
        await elsewhere.ExpectAcknowledgementAsync(notification);
        await story.HearAsync("up/notify",
            """{"data":{"code":"2.05","codeMsg":"content","content":[{"path":"/3/0/10","value":2}],"reqPath":"/3/0/10"},"msgType":"notify","reqID":307,"seqNum":3}""");

        await story.CommandAsync("""{"reqID":1,"msgType":"read","data":{"path":"/3/0/0"}}""");
        var read = await elsewhere.ExpectRequestAsync("CON GET 11=3 11=0 11=0");
        await elsewhere.AnswerAsync(read, Datagram.Content, "here", 0);
        await story.HearAsync("up/resp");
        await story.Device.ExpectSilenceAsync();
    }

    [Fact]
    public async Task Device_goes_on_under_its_name_from_another_port()
    {
        using var story = await BeginRegisteredAsync();
        using var elsewhere = new BareDevice(Gateway.Coap, story.Endpoint);
        var update = elsewhere.UpdateRequest() with { Options = story.Device.UpdateRequest().Options };
        Assert.Equal("ACK 2.04", (await elsewhere.RequestAsync(update)).Said);
        await story.HearAsync("up/update");
    }
}
