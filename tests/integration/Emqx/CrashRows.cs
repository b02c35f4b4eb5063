using Pipeline.IntegrationTests.Devices;

namespace Pipeline.IntegrationTests.Emqx;

/// <summary>
/// Datagrams that end EMQX's session: nothing is answered, the registration is gone. Here each has its answer, and the session lives. (Answers
/// with an unexpected success: <see cref="OutcomeRows"/>; lifetimes and links: <see cref="RegisterRows"/>.)
/// </summary>
public sealed class CrashRows(EmqxFixture gateway) : EmqxStories(gateway)
{
    [Theory]
    [InlineData("GET", 0x01, "4.05")]
    [InlineData("PUT", 0x03, "4.05")]
    [InlineData("FETCH", 0x05, "4.05")]
    [InlineData("PATCH", 0x06, "4.05")]
    [InlineData("iPATCH", 0x07, "4.05")]
    [InlineData("a method that nobody knows", 0x1F, "4.05")]
    public async Task Method(string row, byte method, string code)
    {
        using var story = await BeginAsync();
        var request = new Datagram { Code = method, Id = story.Device.NextId(), Token = story.Device.NextToken(), Options = [Datagram.Option(Datagram.UriPath, "rd")] };
        Assert.Equal((row, code), (row, (await story.Device.RequestAsync(request)).Dotted));
        await LivesAsync(story);
    }

    [Theory]
    [InlineData("GET /.well-known/core", ".well-known/core")]
    [InlineData("GET /", "")]
    public async Task Get_of_what_is_not_there(string row, string path)
    {
        using var story = await BeginAsync();
        var segments = path.Split('/', StringSplitOptions.RemoveEmptyEntries).Select(s => Datagram.Option(Datagram.UriPath, s));
        var answer = await story.Device.RequestAsync(
            new Datagram { Code = Datagram.Get, Id = story.Device.NextId(), Token = story.Device.NextToken(), Options = [.. segments] });
        Assert.Equal((row, "4.04"), (row, answer.Dotted));
        await LivesAsync(story);
    }

    [Theory]
    [InlineData("an unknown critical option", 2049, "01", "4.02")]
    [InlineData("a second Uri-Host, which may stand once", 3, "61", "4.02")]
    [InlineData("If-None-Match with a value", 5, "01", "4.02")]
    [InlineData("a block size that does not exist", 27, "07", "4.00")]
    [InlineData("a block number of four bytes", 27, "01020304", "4.02")]
    public async Task Option(string row, int number, string value, string code)
    {
        using var story = await BeginAsync();
        var update = story.Device.UpdateRequest();
        var option = (number, Convert.FromHexString(value));
        var answer = await story.Device.RequestAsync(update with { Options = number == 3 ? [option, option, .. update.Options] : [.. update.Options, option] });
        Assert.Equal((row, code), (row, answer.Dotted));
        await LivesAsync(story);
    }

    [Theory]
    [InlineData("version 0", "00011234")]
    [InlineData("version 2", "80011234")]
    [InlineData("version 3", "c0011234")]
    [InlineData("token length 9", "49011234010203040506070809")]
    [InlineData("token length 15", "4f011234010203040506070809")]
    [InlineData("a truncated token", "44011234")]
    [InlineData("a truncated option", "40011234b5")]
    [InlineData("option delta 15", "40011234f0")]
    [InlineData("option length 15", "40011234bf")]
    [InlineData("a payload marker without payload", "40011234ff")]
    [InlineData("an empty message with more", "4000123401")]
    [InlineData("a reserved class", "40211234")]
    [InlineData("a response that nobody asked for, of a code that nobody knows", "409e1234")]
    [InlineData("no message at all", "0102")]
    public async Task Format(string row, string datagram)
    {
        using var story = await BeginAsync();
        await story.Device.SendAsync(Convert.FromHexString(datagram));
        var ping = new Datagram { Id = story.Device.NextId() };
        await story.Device.SendAsync(ping);
        var answer = await story.Device.ExpectAsync();

        // A confirmable message of our version may be rejected; nothing else is said (RFC 7252 sections 3 and 4.2).
        if (answer.Id == 0x1234 && answer.Id != ping.Id)
        {
            Assert.True(answer.Type == MessageType.Reset, $"{row}: {answer}");
            answer = await story.Device.ExpectAsync();
        }

        Assert.Equal((row, MessageType.Reset, ping.Id), (row, answer.Type, answer.Id));
        await LivesAsync(story);
    }

    [Fact]
    public async Task Answer_with_an_unknown_critical_option_ends_the_command_alone()
    {
        using var story = await BeginAsync();
        await story.CommandAsync("""{"reqID":1,"msgType":"read","data":{"path":"/3/0/0"}}""");
        var request = await story.Device.ExpectAsync();
        var rejected = new Datagram
        {
            Type = MessageType.Acknowledgement, Code = Datagram.Content, Id = request.Id, Token = request.Token, Options = [(2049, [1])],
        };
        await story.Device.SendAsync(rejected);
        // Rejected, so it counts for nothing (RFC 7252 section 5.4.1): the request is repeated, and answered well.
        await story.Device.AnswerAsync(await story.Device.ExpectAsync(), Datagram.NotFound);
        await story.HearAsync("up/resp", """{"data":{"code":"4.04","codeMsg":"not_found","reqPath":"/3/0/0"},"msgType":"read","reqID":1}""");
        await LivesAsync(story);
    }

    static async Task LivesAsync(Gateways.Story story)
    {
        await story.Device.UpdateAsync();
        await HearDataAsync(story, "update");
        await story.HearNothingBeforeNextAnswerAsync();
    }
}
