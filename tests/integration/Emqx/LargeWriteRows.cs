using Contracts;

namespace Pipeline.IntegrationTests.Emqx;

/// <summary>A firmware image on its way down: MQTT, commands, Translator, downlink.</summary>
public sealed class LargeWriteRows(EmqxFixture gateway) : EmqxStories(gateway)
{
    [Fact]
    public async Task Image_of_300_KB_is_handed_down_as_the_bytes_that_it_is()
    {
        using var story = await BeginAsync("</3/0>,</5/0>");
        var image = new byte[300_000];
        new Random(7959).NextBytes(image);
        await story.CommandAsync(
            "{\"reqID\":1,\"msgType\":\"write\",\"data\":{\"path\":\"/5/0/0\",\"format\":\"opaque\",\"value\":\"" + Convert.ToBase64String(image) + "\"}}");

        var operation = DownlinkOperation.Parser.ParseFrom(KafkaRecords.First(Gateway, Gateway.Topics.Downlink, story.Endpoint));
        Assert.Equal((OperationKind.WriteReplace, "/5/0/0", 42u), (operation.Kind, operation.Path, operation.ContentFormat));
        Assert.True(operation.Payload.Span.SequenceEqual(image));
        Assert.True(operation.Command.Truncated);
        Assert.Equal("""{"data":{"truncated":400046},"msgType":"write","reqID":1}""", operation.Command.Echo.ToStringUtf8());
    }

    [Fact]
    public async Task Command_that_is_long_beside_its_data_is_refused_and_comes_back_cut()
    {
        using var story = await BeginAsync();
        await story.CommandAsync("{\"reqID\":1,\"note\":\"" + new string('x', 100_000) + "\",\"msgType\":\"read\",\"data\":{\"path\":\"/3/0/0\"}}");
        await story.HearAsync("up/resp",
            """{"data":{"code":"4.00","codeMsg":"bad_request","reason":"more than 4096 bytes beside data","reqPath":"/3/0/0"},"msgType":"read","reqID":1}""");
        await story.HearNothingBeforeNextAnswerAsync();
    }
}
