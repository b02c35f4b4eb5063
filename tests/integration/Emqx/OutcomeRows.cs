using Pipeline.IntegrationTests.Devices;

namespace Pipeline.IntegrationTests.Emqx;

/// <summary>What becomes of a device's answer. What EMQX's session dies of is an event like any other here.</summary>
public sealed class OutcomeRows(EmqxFixture gateway) : EmqxStories(gateway)
{
    const string Write = """{"msgType":"write","data":{"path":"/3/0/14","type":"String","value":"x"}}""";
    const string WriteAttributes = """{"msgType":"write-attr","data":{"path":"/3/0/14","pmin":1}}""";
    const string Execute = """{"msgType":"execute","data":{"path":"/3/0/14"}}""";
    const string Discover = """{"msgType":"discover","data":{"path":"/3/0/14"}}""";
    const string Observe = """{"msgType":"observe","data":{"path":"/3/0/14"}}""";
    const string Cancel = """{"msgType":"cancel-observe","data":{"path":"/3/0/14"}}""";
    const string Read = """{"msgType":"read","data":{"path":"/3/0/14"}}""";
    const string Delete = """{"msgType":"delete","data":{"path":"/3/0/14"}}""";

    [Theory]
    [InlineData("read 2.05", Read, 0x45, "2b3031", "2.05", "content", true)]
    [InlineData("read 2.03 with a value", Read, 0x43, "2b3031", "2.03", "valid", true)]
    [InlineData("read 2.03", Read, 0x43, "", "2.03", "valid", false)]
    [InlineData("observe 2.05", Observe, 0x45, "2b3031", "2.05", "content", true)]
    [InlineData("cancel-observe 2.05", Cancel, 0x45, "2b3031", "2.05", "content", true)]
    [InlineData("write 2.04", Write, 0x44, "", "2.04", "changed", false)]
    [InlineData("write 2.05 without payload (EMQX: 4.05)", Write, 0x45, "", "2.05", "content", false)]
    [InlineData("write 2.05 with payload (EMQX: 2.04)", Write, 0x45, "31", "2.05", "content", false)]
    [InlineData("write-attr 2.04", WriteAttributes, 0x44, "", "2.04", "changed", false)]
    [InlineData("execute 2.04", Execute, 0x44, "", "2.04", "changed", false)]
    [InlineData("delete 2.02", Delete, 0x42, "", "2.02", "deleted", false)]
    // EMQX's session crashes, and the device is gone.
    [InlineData("execute 2.05", Execute, 0x45, "", "2.05", "content", false)]
    [InlineData("write-attr 2.05", WriteAttributes, 0x45, "", "2.05", "content", false)]
    [InlineData("write 2.01", Write, 0x41, "", "2.01", "created", false)]
    [InlineData("discover 2.04", Discover, 0x44, "", "2.04", "changed", false)]
    [InlineData("observe 2.04", Observe, 0x44, "", "2.04", "changed", false)]
    [InlineData("cancel-observe 2.04", Cancel, 0x44, "", "2.04", "changed", false)]
    [InlineData("4.09", Read, 0x89, "", "4.09", "conflict", false)]
    [InlineData("4.22", Read, 0x96, "", "4.22", "unprocessable_entity", false)]
    [InlineData("4.29", Read, 0x9d, "", "4.29", "too_many_requests", false)]
    [InlineData("a code that nobody knows", Read, 0x9e, "", "4.30", "client_error", false)]
    [InlineData("5.31", Read, 0xbf, "", "5.31", "server_error", false)]
    // The device's own words are not told.
    [InlineData("4.04 with a diagnostic", Read, 0x84, "6e6f", "4.04", "not_found", false)]
    public async Task Answer(string row, string command, byte code, string payload, string dotted, string name, bool hasContent)
    {
        using var story = await BeginAsync();
        await story.CommandAsync(command);
        var request = await story.Device.ExpectAsync();
        await story.Device.AnswerAsync(request, code, Convert.FromHexString(payload), payload.Length > 0 ? 0u : null);
        var msgType = System.Text.Json.JsonDocument.Parse(command).RootElement.GetProperty("msgType").GetString()!;
        var data = await HearDataAsync(story, msgType);
        Assert.Equal((row, dotted, name), (row, data.GetProperty("code").GetString(), data.GetProperty("codeMsg").GetString()));
        Assert.Equal(hasContent ? """[{"path":"/3/0/14","value":"+01"}]""" : "", data.TryGetProperty("content", out var content) ? content.GetRawText() : "");
        Assert.Equal("/3/0/14", data.GetProperty("reqPath").GetString());

        // The session lives.
        await story.Device.UpdateAsync();
        await HearDataAsync(story, "update");
        await story.HearNothingBeforeNextAnswerAsync();
    }

    [Fact]
    public async Task Create_answers_with_its_code()
    {
        using var story = await BeginAsync();
        await story.CommandAsync("""{"msgType":"create","data":{"basePath":"/3303","content":[]}}""");
        await story.Device.AnswerAsync(await story.Device.ExpectRequestAsync("CON POST 11=3303 12=11542"), Datagram.Created);
        await story.HearAsync("up/resp", """{"data":{"code":"2.01","codeMsg":"created","reqPath":"/3303"},"msgType":"create"}""");
    }

    [Fact]
    public async Task Ack_timeout_and_reset_repeat_the_command_as_it_was()
    {
        using var story = await BeginAsync();
        await story.CommandAsync("""{"requestID":206,"cacheID":206,"imsi":"x","mheaders":{"ttl":7200},"msgType":"read","data":{"path":"/3/0/0","own":[1]}}""");
        var request = await story.Device.ExpectAsync();
        await story.Device.AcknowledgeAsync(request);
        await story.HearAsync("up/resp", """{"cacheID":206,"data":{"own":[1],"path":"/3/0/0"},"imsi":"x","mheaders":{"ttl":7200},"msgType":"ack","requestID":206}""");
        await story.Device.SendAsync(story.Device.Notification(request.Token, "EMQ"u8.ToArray(), 0));
        Assert.Equal("ACK 0.00", (await story.Device.ExpectAsync()).Said);
        await story.HearAsync("up/resp",
            """{"cacheID":206,"data":{"code":"2.05","codeMsg":"content","content":[{"path":"/3/0/0","value":"EMQ"}],"reqPath":"/3/0/0"},"imsi":"x","mheaders":{"ttl":7200},"msgType":"read","requestID":206}""");

        await story.CommandAsync("""{"requestID":207,"msgType":"read","data":{"path":"/3/0/0"}}""");
        await story.Device.ResetAsync(await story.Device.ExpectAsync());
        await story.HearAsync("up/resp", """{"data":{"path":"/3/0/0"},"msgType":"coap_reset","requestID":207}""");
    }

    [Fact]
    public async Task Commands_that_are_not_to_wait_keep_their_order()
    {
        using var story = await BeginAsync();
        for (var i = 0; i < 3; i++)
            await story.CommandAsync($$$"""{"reqID":{{{i}}},"mheaders":{"ttl":0},"msgType":"read","data":{"path":"/3/0/{{{i}}}"}}""");
        for (var i = 0; i < 3; i++)
        {
            await story.Device.AnswerAsync(await story.Device.ExpectRequestAsync("CON GET 11=3 11=0 11=" + i), Datagram.NotFound);
            await story.HearAsync("up/resp", $$$"""{"data":{"code":"4.04","codeMsg":"not_found","reqPath":"/3/0/{{{i}}}"},"mheaders":{"ttl":0},"msgType":"read","reqID":{{{i}}}}""");
        }
    }
}
