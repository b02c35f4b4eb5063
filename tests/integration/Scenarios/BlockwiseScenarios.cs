using System.Text;
using Pipeline.IntegrationTests.Devices;
using Pipeline.IntegrationTests.Gateways;

namespace Pipeline.IntegrationTests.Scenarios;

/// <summary>What does not fit into one datagram goes and comes in blocks (RFC 7959).</summary>
public abstract class BlockwiseScenarios(GatewayFixture gateway) : GatewayScenarios(gateway)
{
    const int Size = 1024;

    static readonly string Text = string.Concat(Enumerable.Range(0, 400).Select(i => $"{i:0000} "))[..1999];

    static byte[] Cut(byte[] body, int number) => body[(number * Size)..Math.Min(body.Length, (number + 1) * Size)];

    static Datagram WithBlock(Datagram whole, int option, int number) => whole with
    {
        Options = [.. whole.Options, Datagram.Block(option, number, (number + 1) * Size < whole.Payload.Length)],
        Payload = Cut(whole.Payload, number),
    };

    [Fact]
    public async Task Register_in_blocks_is_one_registration()
    {
        using var story = Begin();
        var objects = Enumerable.Range(0, 200).Select(i => $"/3304/{i}").ToList();
        var whole = story.Device.RegisterRequest(string.Join(',', objects.Select(o => $"<{o}>")));
        for (var number = 0; number < 2; number++)
        {
            var block = WithBlock(whole, Datagram.Block1, number) with { Id = story.Device.NextId() };
            var taken = await story.Device.RequestAsync(block);
            Assert.Equal($"ACK 2.31 27={(number << 4) | 14}", taken.Said);
            // Its repetition is answered from memory.
            Assert.Equal(taken.Bytes, (await story.Device.RequestAsync(block)).Bytes);
        }

        var last = await story.Device.RequestAsync(WithBlock(whole, Datagram.Block1, 2) with { Id = story.Device.NextId() });
        var location = last.Texts(Datagram.LocationPath).ToList();
        Assert.Equal($"ACK 2.01 8=rd 8={location[1]} 27={(2 << 4) | 6}", last.Said);
        var registered = await story.HearAsync("up/register");
        Assert.All(objects, o => Assert.Contains($"\"{o}\"", registered, StringComparison.Ordinal));
        await story.HearNothingBeforeNextAnswerAsync();
    }

    [Fact]
    public async Task Read_answered_in_blocks_is_one_answer()
    {
        using var story = await BeginRegisteredAsync();
        var body = Encoding.UTF8.GetBytes(Text);
        await story.CommandAsync("""{"msgType":"read","data":{"path":"/3/0/17"}}""");
        var first = await story.Device.ExpectRequestAsync("CON GET 11=3 11=0 11=17");
        await story.Device.SendAsync(Block(first, body, 0));
        var second = await story.Device.ExpectRequestAsync($"CON GET 11=3 11=0 11=17 23={(1 << 4) | 6}");
        Assert.Equal(first.Token, second.Token);
        await story.Device.SendAsync(Block(second, body, 1));
        await story.HearAsync("up/resp",
            $$$"""{"data":{"code":"2.05","codeMsg":"content","content":[{"path":"/3/0/17","value":"{{{Text}}}"}],"reqPath":"/3/0/17"},"msgType":"read"}""");
    }

    [Fact]
    public async Task Large_write_goes_in_blocks()
    {
        using var story = await BeginRegisteredAsync();
        await story.CommandAsync($$$"""{"msgType":"write","data":{"path":"/3/0/15","type":"String","value":"{{{Text}}}"}}""");
        var first = await story.Device.ExpectAsync();
        Assert.StartsWith($"CON PUT 11=3 11=0 11=15 12=11542 27=14 60={Text.Length + 4} | ", first.Said, StringComparison.Ordinal);
        await story.Device.SendAsync(Acknowledged(first, Datagram.Continue));
        var second = await story.Device.ExpectAsync();
        Assert.StartsWith($"CON PUT 11=3 11=0 11=15 12=11542 27={(1 << 4) | 6} | ", second.Said, StringComparison.Ordinal);
        Assert.Equal(first.Token, second.Token);
        await story.Device.SendAsync(Acknowledged(second, Datagram.Changed));
        // TLV: resource 15, 16 bits of length.
        byte[] written = [.. first.Payload, .. second.Payload];
        Assert.Equal((byte[])[0xD0, 15, (byte)(Text.Length >> 8), unchecked((byte)Text.Length), .. Encoding.UTF8.GetBytes(Text)], written);
        await story.HearAsync("up/resp", """{"data":{"code":"2.04","codeMsg":"changed","reqPath":"/3/0/15"},"msgType":"write"}""");
    }

    [Fact]
    public async Task Notification_in_blocks_is_one_event()
    {
        using var story = await BeginRegisteredAsync();
        await story.CommandAsync("""{"msgType":"observe","data":{"path":"/3/0/17"}}""");
        var token = await story.Device.BeginObservationAsync("CON GET 6=0 11=3 11=0 11=17", "short", 2);
        await story.HearAsync("up/resp");

        var body = Encoding.UTF8.GetBytes(Text);
        var notification = WithBlock(story.Device.Notification(token, Text, 3), Datagram.Block2, 0);
        await story.Device.SendAsync(notification);
        await story.Device.ExpectAcknowledgementAsync(notification);
        var rest = await story.Device.ExpectRequestAsync($"CON GET 11=3 11=0 11=17 17=0 23={(1 << 4) | 6}");
        Assert.NotEqual(token, rest.Token);
        await story.Device.SendAsync(Block(rest, body, 1));
        await story.HearAsync("up/notify",
            $$$"""{"data":{"code":"2.05","codeMsg":"content","content":[{"path":"/3/0/17","value":"{{{Text}}}"}],"reqPath":"/3/0/17"},"msgType":"notify","seqNum":3}""");
        await story.HearNothingBeforeNextAnswerAsync();
        await story.HearNothingAsync("up/notify");
    }

    static Datagram Acknowledged(Datagram request, byte code) => new()
    {
        Type = MessageType.Acknowledgement,
        Code = code,
        Id = request.Id,
        Token = request.Token,
        Options = [.. request.Options.Where(o => o.Number == Datagram.Block1)],
    };

    static Datagram Block(Datagram request, byte[] body, int number) => WithBlock(
        new Datagram
        {
            Type = MessageType.Acknowledgement,
            Code = Datagram.Content,
            Id = request.Id,
            Token = request.Token,
            Options = [Datagram.Option(Datagram.ContentFormat, 0)],
            Payload = body,
        },
        Datagram.Block2, number);
}
