using Pipeline.IntegrationTests.Devices;
using Pipeline.IntegrationTests.Gateways;

namespace Pipeline.IntegrationTests.Dashboard;

/// <summary>Read, write, observe, lookup; any command; the queue.</summary>
[Collection(OnDashboard.Name)]
public sealed class CommandTests(DashboardFixture gateway)
{
    Api Api => gateway.Api;

    [Fact]
    public async Task Read_is_handed_over_and_its_result_looked_up()
    {
        using var story = await BeginAsync();
        var lookup = Api.Client(story.Endpoint, "/lookup?path=/3/0/0&action=read");
        var none = $$"""{"clientid":"{{story.Endpoint}}","path":"/3/0/0","action":"read","code":"6.01","codeMsg":"reply_not_received"}""";
        Assert.Equal(none, (await Api.GetAsync(lookup)).Expect(200).Text);

        var sent = (await Api.PostAsync(Api.Client(story.Endpoint, "/read?path=/3/0/0"))).Expect(204);
        Assert.NotEmpty(sent.CommandId);
        Assert.Empty(sent.Text);
        var request = await story.Device.ExpectRequestAsync("CON GET 11=3 11=0 11=0");
        Assert.Equal(none, (await Api.GetAsync(lookup)).Expect(200).Text);
        await story.Device.AnswerAsync(request, Datagram.Content, "EMQ", 0);
        await story.HearAsync("up/resp", """{"data":{"code":"2.05","codeMsg":"content","content":[{"path":"/3/0/0","value":"EMQ"}],"reqPath":"/3/0/0"},"msgType":"read"}""");

        var found = $$"""{"clientid":"{{story.Endpoint}}","path":"/3/0/0","action":"read","code":"2.05","codeMsg":"content","content":[{"path":"/3/0/0","value":"EMQ"}]}""";
        await LookedUpAsync(lookup, found);

        // A new request takes the old result back.
        await Api.PostAsync(Api.Client(story.Endpoint, "/read?path=/3/0/0"));
        Assert.Equal(none, (await Api.GetAsync(lookup)).Expect(200).Text);
        await story.Device.AnswerAsync(await story.Device.ExpectRequestAsync("CON GET 11=3 11=0 11=0"), Datagram.NotFound);
        await LookedUpAsync(lookup, $$"""{"clientid":"{{story.Endpoint}}","path":"/3/0/0","action":"read","code":"4.04","codeMsg":"not_found"}""");
    }

    [Fact]
    public async Task Read_that_waits_is_answered_with_the_value()
    {
        using var story = await BeginAsync();
        var answer = Api.PostAsync(Api.Client(story.Endpoint, "/read?path=/3/0/9&wait=true"));
        await story.Device.AnswerAsync(await story.Device.ExpectRequestAsync("CON GET 11=3 11=0 11=9"), Datagram.Content, "95", 0);
        Assert.Equal(
            $$"""{"clientid":"{{story.Endpoint}}","path":"/3/0/9","action":"read","code":"2.05","codeMsg":"content","content":[{"path":"/3/0/9","value":95}]}""",
            (await answer).Expect(200).Text);
    }

    [Fact]
    public async Task What_the_device_refuses_is_an_answer_too()
    {
        using var story = await BeginAsync();
        var answer = Api.PostAsync(Api.Client(story.Endpoint, "/write?path=/3/0/13&type=Time&value=1700000000&wait=true"));
        await story.Device.AnswerAsync(await story.Device.ExpectRequestAsync("CON PUT 11=3 11=0 11=13 12=11542 | c40d6553f100"), 0x85);
        Assert.Equal(
            $$"""{"clientid":"{{story.Endpoint}}","path":"/3/0/13","action":"write","code":"4.05","codeMsg":"method_not_allowed"}""",
            (await answer).Expect(200).Text);
    }

    [Theory]
    [InlineData("Integer", "-1", "c10dff")]
    [InlineData("Float", "1.5", "c80d083ff8000000000000")]
    [InlineData("String", "a b%26c", "c50d6120622663")]
    [InlineData("Boolean", "true", "c10d01")]
    [InlineData("Opaque", "++//", "c30dfbefff")]
    [InlineData("Objlnk", "3:0", "c40d00030000")]
    public async Task Write_sends_each_type(string type, string value, string payload)
    {
        using var story = await BeginAsync();
        var answer = Api.PostAsync(Api.Client(story.Endpoint, $"/write?path=/3/0/13&type={type}&value={value}&wait=true"));
        await story.Device.AnswerAsync(await story.Device.ExpectRequestAsync($"CON PUT 11=3 11=0 11=13 12=11542 | {payload}"), Datagram.Changed);
        Assert.EndsWith("\"action\":\"write\",\"code\":\"2.04\",\"codeMsg\":\"changed\"}", (await answer).Expect(200).Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Observe_begins_and_ends_an_observation()
    {
        using var story = await BeginAsync();
        var observe = Api.PostAsync(Api.Client(story.Endpoint, "/observe?path=/3/0/9&enable=true&wait=true"));
        var token = await story.Device.BeginObservationAsync("CON GET 6=0 11=3 11=0 11=9", "90", 1);
        Assert.EndsWith("""[{"path":"/3/0/9","value":90}]}""", (await observe).Expect(200).Text, StringComparison.Ordinal);

        await story.Device.SendAsync(story.Device.Notification(token, "91", 2, MessageType.NonConfirmable));
        await story.HearAsync("up/notify");
        await LookedUpAsync(
            Api.Client(story.Endpoint, "/lookup?path=/3/0/9&action=observe"),
            $$"""{"clientid":"{{story.Endpoint}}","path":"/3/0/9","action":"observe","code":"2.05","codeMsg":"content","content":[{"path":"/3/0/9","value":91}]}""");

        var observations = Api.Client(story.Endpoint, "/observations");
        Assert.StartsWith("[{\"path\":\"/3/0/9\",\"code\":\"2.05\",\"heard_at\":\"20", (await Api.GetAsync(observations)).Expect(200).Text, StringComparison.Ordinal);

        var cancel = Api.PostAsync(Api.Client(story.Endpoint, "/observe?path=/3/0/9&enable=false&wait=true"));
        await story.Device.AnswerAsync(await story.Device.ExpectRequestAsync("CON GET 6=1 11=3 11=0 11=9"), Datagram.Content, "92", 0);
        Assert.Contains("\"action\":\"cancel-observe\"", (await cancel).Expect(200).Text, StringComparison.Ordinal);
        await LookedUpAsync(observations, "[]");
    }

    [Fact]
    public async Task Discover_is_looked_up_with_all_links_and_what_the_definitions_say()
    {
        using var story = await BeginAsync();
        var command = Api.PostAsync(Api.Client(story.Endpoint, "/command?wait=true"), """{"msgType":"discover","data":{"path":"/3/0"}}""");
        var links = "</3/0>;pmin=10,</3/0/0>,</3/0/4>,</3/0/6>;dim=2,</3/0/9999>;obs"u8.ToArray();
        await story.Device.AnswerAsync(await story.Device.ExpectRequestAsync("CON GET 11=3 11=0 17=40"), Datagram.Content, links, 40);
        Assert.Contains("</3/0/4>", (await command).Expect(200).Text, StringComparison.Ordinal);
        await LookedUpAsync(
            Api.Client(story.Endpoint, "/lookup?path=/3/0&action=discover"),
            $$$"""{"clientid":"{{{story.Endpoint}}}","path":"/3/0","action":"discover","code":"2.05","codeMsg":"content","content":[{"path":"/3/0","name":"Device","attributes":{"pmin":"10"}},{"path":"/3/0/0","name":"Manufacturer","operations":"R","dataType":"String"},{"path":"/3/0/4","name":"Reboot","operations":"E"},{"path":"/3/0/6","name":"Available Power Sources","operations":"R","dataType":"Integer","attributes":{"dim":"2"}},{"path":"/3/0/9999","attributes":{"obs":true}}]}""");
    }

    [Theory]
    [InlineData("POST", "/read", "path")]
    [InlineData("POST", "/read?path=", "path")]
    [InlineData("POST", "/read?path=/3/x", "/3/0/0")]
    [InlineData("POST", "/read?path=/3/0/0/0/0", "/3/0/0")]
    [InlineData("POST", "/read?path=/3&wait=perhaps", "wait")]
    [InlineData("POST", "/read?path=/3&wait=true&timeout=0", "timeout")]
    [InlineData("POST", "/observe?path=/3", "enable")]
    [InlineData("POST", "/observe?path=/3&enable=2", "enable")]
    [InlineData("POST", "/write?path=/3/0/14&type=String", "value")]
    [InlineData("POST", "/write?path=/3/0/14&value=x", "type")]
    [InlineData("POST", "/write?type=String&value=x", "path")]
    [InlineData("POST", "/write?path=/3/0&type=String&value=x", "resource")]
    [InlineData("POST", "/write?path=/3/0/14&type=Text&value=x", "Integer, Float, Time")]
    [InlineData("POST", "/write?path=/3/0/13&type=Integer&value=abc", "64-bit Integer")]
    [InlineData("POST", "/write?path=/3/0/13&type=Opaque&value=!", "base64")]
    [InlineData("GET", "/lookup?path=/3", "action")]
    [InlineData("GET", "/lookup?action=read", "path")]
    public async Task What_is_wrong_or_missing_is_named(string method, string rest, string part)
    {
        using var story = await BeginAsync();
        (await Api.SendAsync(new HttpMethod(method), Api.Client(story.Endpoint, rest))).ExpectError(400, "BAD_REQUEST", part);
        await story.Device.ExpectNothingBeforePongAsync();
    }

    [Theory]
    [InlineData("POST", "/read?path=/3")]
    [InlineData("POST", "/observe?path=/3&enable=true")]
    [InlineData("POST", "/write?path=/3/0/14&type=String&value=x")]
    [InlineData("GET", "/lookup?path=/3&action=read")]
    [InlineData("POST", "/read?path=/3&wait=true")]
    public async Task A_client_that_nobody_knows_cannot_be_commanded(string method, string rest) =>
        (await Api.SendAsync(new HttpMethod(method), Api.Client("nobody", rest))).ExpectError(404, "CLIENT_NOT_FOUND");

    [Fact]
    public async Task A_device_that_says_nothing_is_a_timeout()
    {
        using var story = await BeginAsync();
        var answer = Api.PostAsync(Api.Client(story.Endpoint, "/read?path=/3/0/0&wait=true&timeout=300"));
        await story.Device.ExpectRequestAsync("CON GET 11=3 11=0 11=0");
        (await answer).ExpectError(504, "TIMEOUT", "300 ms");
    }

    [Fact]
    public async Task A_device_that_resets_is_a_bad_gateway()
    {
        using var story = await BeginAsync();
        var answer = Api.PostAsync(Api.Client(story.Endpoint, "/read?path=/3/0/0&wait=true"));
        await story.Device.ResetAsync(await story.Device.ExpectRequestAsync("CON GET 11=3 11=0 11=0"));
        (await answer).ExpectError(502, "BAD_GATEWAY");
    }

    [Fact]
    public async Task Any_command_can_be_sent_and_its_outcome_is_that_of_mqtt()
    {
        using var story = await BeginAsync();
        var path = Api.Client(story.Endpoint, "/command");
        var accepted = (await Api.PostAsync(path, """{"reqID":"x","msgType":"execute","data":{"path":"/3/0/4"}}""")).Expect(202);
        Assert.Equal(accepted.CommandId, accepted.Json.GetProperty("command_id").GetString());
        await story.Device.AnswerAsync(await story.Device.ExpectRequestAsync("CON POST 11=3 11=0 11=4 12=0"), Datagram.Changed);
        const string Outcome = """{"data":{"code":"2.04","codeMsg":"changed","reqPath":"/3/0/4"},"msgType":"execute","reqID":"x"}""";
        await story.HearAsync("up/resp", Outcome);

        var waited = Api.PostAsync(path + "?wait=true", """{"reqID":"x","msgType":"execute","data":{"path":"/3/0/4"}}""");
        await story.Device.AnswerAsync(await story.Device.ExpectRequestAsync("CON POST 11=3 11=0 11=4 12=0"), Datagram.Changed);
        Assert.Equal(Outcome, (await waited).Expect(200).Text);

        var invalid = (await Api.PostAsync(path + "?wait=true", """{"msgType":"jump","data":{"path":"/3/0/4"}}""")).Expect(200);
        Assert.Contains("\"code\":\"4.00\"", invalid.Text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("")]
    [InlineData("{")]
    [InlineData("[]")]
    [InlineData("""{"msgType":"read"}""")]
    [InlineData("""{"data":{}}""")]
    [InlineData("""{"msgType":1,"data":{}}""")]
    [InlineData("""{"msgType":"read","msgType":"read","data":{}}""")]
    [InlineData("""{"msgType":"\ud800","data":{}}""")]
    public async Task What_is_no_command_is_refused(string body)
    {
        using var story = await BeginAsync();
        (await Api.PostAsync(Api.Client(story.Endpoint, "/command"), body)).ExpectError(400, "BAD_REQUEST");
    }

    [Fact]
    public async Task The_queue_shows_what_waits_and_what_waits_can_be_cancelled()
    {
        using var story = await BeginAsync();
        var queue = Api.Client(story.Endpoint, "/queue");
        Assert.Equal("[]", (await Api.GetAsync(queue)).Expect(200).Text);

        // One at a time: the second waits for the first, which the device has, and the third for both.
        var first = await Api.PostAsync(Api.Client(story.Endpoint, "/read?path=/3/0/0"));
        var request = await story.Device.ExpectRequestAsync("CON GET 11=3 11=0 11=0");
        var second = await Api.PostAsync(Api.Client(story.Endpoint, "/read?path=/3/0/1"));
        var third = Api.PostAsync(Api.Client(story.Endpoint, "/read?path=/3/0/2&wait=true"));
        await Eventually.TrueAsync(
            async () => (await Api.GetAsync(queue)).Json.GetArrayLength() == 3, TimeSpan.FromSeconds(10), () => "three commands in the queue");
        var shown = (await Api.GetAsync(queue)).Json[0];
        Assert.Equal((first.CommandId, "read", "/3/0/0", "accepted"),
            (Text("command_id"), Text("msgType"), Text("path"), Text("state")));

        (await Api.DeleteAsync($"{queue}/{second.CommandId}")).Expect(204);
        Assert.Contains("cancelled", await story.HearAsync("up/resp"), StringComparison.Ordinal);
        (await Api.DeleteAsync($"{queue}/{first.CommandId}")).ExpectError(409, "CONFLICT");
        (await Api.DeleteAsync($"{queue}/none")).ExpectError(404, "RESOURCE_NOT_FOUND");

        var waiting = (await Api.GetAsync(queue)).Json.EnumerateArray().Single(c => c.GetProperty("path").GetString() == "/3/0/2");
        (await Api.DeleteAsync($"{queue}/{waiting.GetProperty("command_id").GetString()}")).Expect(204);
        (await third).ExpectError(409, "CONFLICT", "cancelled");

        await story.Device.AnswerAsync(request, Datagram.Content, "EMQ", 0);
        await Eventually.TrueAsync(async () => (await Api.GetAsync(queue)).Text == "[]", TimeSpan.FromSeconds(10), () => "an empty queue");

        string? Text(string name) => shown.GetProperty(name).GetString();
    }

    Task<Story> BeginAsync() => Story.BeginRegisteredAsync(gateway);

    async Task LookedUpAsync(string path, string json)
    {
        var last = "";
        await Eventually.TrueAsync(async () => (last = (await Api.GetAsync(path)).Text) == json, TimeSpan.FromSeconds(10), () => last);
    }
}
