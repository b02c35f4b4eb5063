using Pipeline.IntegrationTests.Devices;
using Pipeline.IntegrationTests.Gateways;

namespace Pipeline.IntegrationTests.Emqx;

/// <summary>Observations and their notifications, row by row.</summary>
public sealed class NotifyRows(EmqxFixture gateway) : EmqxStories(gateway)
{
    [Theory]
    [InlineData("a number", 12u, ",\"seqNum\":12}")]
    [InlineData("zero is left out", 0u, "}")]
    [InlineData("none (EMQX: a random number)", null, "}")]
    public async Task Sequence_number_of_the_first_answer(string row, uint? observe, string end)
    {
        using var story = await BeginAsync();
        await story.CommandAsync("""{"msgType":"observe","data":{"path":"/3/0/9"}}""");
        await story.Device.AnswerAsync(await story.Device.ExpectAsync(), Datagram.Content, "95", 0, observe);
        Assert.Equal(
            (row, """{"data":{"code":"2.05","codeMsg":"content","content":[{"path":"/3/0/9","value":95}],"reqPath":"/3/0/9"},"msgType":"observe" """.TrimEnd() + end),
            (row, await story.HearAsync("up/resp")));
    }

    [Fact]
    public async Task First_answer_that_comes_separately_is_the_answer_of_the_command()
    {
        using var story = await BeginAsync();
        await story.CommandAsync("""{"reqID":1,"msgType":"observe","data":{"path":"/3/0/9"}}""");
        var request = await story.Device.ExpectAsync();
        await story.Device.AcknowledgeAsync(request);
        await story.HearAsync("up/resp", """{"data":{"path":"/3/0/9"},"msgType":"ack","reqID":1}""");
        var answer = story.Device.Notification(request.Token, "95", 3);
        await story.Device.SendAsync(answer);
        await story.Device.ExpectAcknowledgementAsync(answer);
        await story.HearAsync("up/resp",
            """{"data":{"code":"2.05","codeMsg":"content","content":[{"path":"/3/0/9","value":95}],"reqPath":"/3/0/9"},"msgType":"observe","reqID":1,"seqNum":3}""");
    }

    [Fact]
    public async Task Notification_with_a_message_id_of_its_own_is_known_by_its_token()
    {
        var (story, token) = await BeginObservedAsync();
        using var _ = story;
        foreach (var type in new[] { MessageType.Confirmable, MessageType.NonConfirmable })
        {
            var notification = story.Device.Notification(token, "96", 20 + (uint)type, type);
            await story.Device.SendAsync(notification);
            if (type == MessageType.Confirmable)
                await story.Device.ExpectAcknowledgementAsync(notification);
            Assert.Equal("/3/0/9", (await HearDataAsync(story, "notify", "up/notify")).GetProperty("reqPath").GetString());
        }
    }

    [Fact]
    public async Task Notification_without_the_option_is_told_without_number()
    {
        var (story, token) = await BeginObservedAsync();
        using var _ = story;
        var notification = story.Device.Notification(token, "96"u8.ToArray(), 0);
        await story.Device.SendAsync(notification);
        await story.Device.ExpectAcknowledgementAsync(notification);
        await story.HearAsync("up/notify",
            """{"data":{"code":"2.05","codeMsg":"content","content":[{"path":"/3/0/9","value":96}],"reqPath":"/3/0/9"},"msgType":"notify","reqID":307}""");
    }

    [Fact]
    public async Task Notification_that_cannot_be_understood_is_told_as_one()
    {
        var (story, token) = await BeginObservedAsync();
        using var _ = story;
        var notification = story.Device.Notification(token, [0xC9], BareDevice.Tlv, 20);
        await story.Device.SendAsync(notification);
        await story.Device.ExpectAcknowledgementAsync(notification);
        Assert.StartsWith("""{"data":{"code":"4.00","codeMsg":"bad_request","reason":""", await story.HearAsync("up/notify"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Reset_of_the_request_that_began_the_observation_harms_nobody()
    {
        using var story = await BeginAsync();
        await story.CommandAsync("""{"reqID":307,"msgType":"observe","data":{"path":"/3/0/9"}}""");
        var request = await story.Device.ExpectAsync();
        await story.Device.AnswerAsync(request, Datagram.Content, "95", 0, 2);
        await story.HearAsync("up/resp");
        await story.Device.ResetAsync(request);
        await story.Device.ExpectNothingBeforePongAsync();
        await story.HearNothingBeforeNextAnswerAsync();
    }

    [Fact]
    public async Task Cancel_has_the_token_of_the_observation()
    {
        var (story, token) = await BeginObservedAsync();
        using var _ = story;
        await story.CommandAsync("""{"msgType":"cancel-observe","data":{"path":"/3/0/9"}}""");
        Assert.Equal(token, (await story.Device.ExpectRequestAsync("CON GET 6=1 11=3 11=0 11=9")).Token);
    }

    async Task<(Story Story, byte[] Token)> BeginObservedAsync()
    {
        var story = await BeginAsync();
        await story.CommandAsync("""{"reqID":307,"msgType":"observe","data":{"path":"/3/0/9"}}""");
        var token = await story.Device.BeginObservationAsync("CON GET 6=0 11=3 11=0 11=9", "95", 2);
        await story.HearAsync("up/resp");
        return (story, token);
    }
}
