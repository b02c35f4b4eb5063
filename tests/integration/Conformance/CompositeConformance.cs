using System.Text.Json;
using Pipeline.IntegrationTests.Devices;
using Pipeline.IntegrationTests.Gateways;
using Pipeline.IntegrationTests.Scenarios;

namespace Pipeline.IntegrationTests.Conformance;

/// <summary>Several paths in one request.</summary>
[Collection(InStandalone.Name)]
public sealed class CompositeConformance(StandaloneFixture gateway) : ConformanceScenarios(gateway)
{
    const string Read = """{"paths":["/3/0/0","/1/0/1"]}""";
    const string Written = "\"/3/0/0\",\"/1/0/1\"";
    const string Lifetime = """{"path":"/1/0/1","value":300}""";
    const string Manufacturer = """{"path":"/3/0/0","value":"EMQ"}""";

    static readonly string ReadRequest = "CON FETCH 12=110 17=110 | " + Hex("""[{"n":"/1/0/1"},{"n":"/3/0/0"}]""");

    [Fact]
    public async Task Composite_read_gives_all_values()
    {
        using var story = await BeginAsync();
        await TellAsync(story, "read-composite", Read, ReadRequest, Datagram.Content,
            """[{"n":"/1/0/1","v":300},{"n":"/3/0/0","vs":"EMQ"}]""", Composite($"{Lifetime},{Manufacturer}", Written));
    }

    [Theory]
    // SenML CBOR, and LwM2M CBOR for the answer alone: {1: {0: {1: 300}}, 3: {0: {0: "EMQ"}}}.
    [InlineData("60 112", "12=112 17=112", 112u, "82a200662f312f302f310219012ca200662f332f302f300363454d51")]
    [InlineData("11544", "12=112 17=11544", 11544u, "a201a100a10119012c03a100a10063454d51")]
    public async Task Composite_read_in_binary_formats(string formats, string said, uint format, string payload)
    {
        using var story = await BeginAsync("1.2", formats);
        await TellAsync(story, "read-composite", Read, $"CON FETCH {said} | 82a100662f312f302f31a100662f332f302f30",
            Datagram.Content, Convert.FromHexString(payload), Composite($"{Lifetime},{Manufacturer}", Written), format);
    }

    [Fact]
    public async Task Composite_read_of_the_root()
    {
        using var story = await BeginAsync();
        await TellAsync(story, "read-composite", """{"paths":["/"]}""", "CON FETCH 12=110 17=110 | " + Hex("""[{"n":"/"}]"""), Datagram.Content,
            """[{"n":"/1/0/1","v":300},{"n":"/3/0/0","vs":"EMQ"}]""", Composite($"{Lifetime},{Manufacturer}", "\"/\""));
    }

    [Fact]
    public async Task Composite_read_of_what_is_there_in_part_gives_that_part()
    {
        using var story = await BeginAsync();
        await TellAsync(story, "read-composite", Read, ReadRequest, Datagram.Content, """[{"n":"/3/0/0","vs":"EMQ"}]""", Composite(Manufacturer, Written));
    }

    [Fact]
    public async Task Composite_write_changes_all_values()
    {
        using var story = await BeginAsync();
        await TellAsync(story, "write-composite", """{"content":[{"path":"/1/0/1","value":300},{"path":"/3/0/14","value":"+01"}]}""",
            "CON iPATCH 12=110 | " + Hex("""[{"n":"/1/0/1","v":300},{"n":"/3/0/14","vs":"+01"}]"""), Datagram.Changed, "",
            """{"code":"2.04","codeMsg":"changed","reqPaths":["/1/0/1","/3/0/14"]}""");
    }

    [Fact]
    public async Task Composite_write_that_fails_changes_nothing_and_is_told()
    {
        using var story = await BeginAsync();
        await TellAsync(story, "write-composite", """{"content":[{"path":"/1/0/1","value":300},{"path":"/3304/9/5601","type":"Float","value":1}]}""",
            "CON iPATCH 12=110 | " + Hex("""[{"n":"/1/0/1","v":300},{"n":"/3304/9/5601","v":1.0}]"""), Datagram.NotFound, "",
            """{"code":"4.04","codeMsg":"not_found","reqPaths":["/1/0/1","/3304/9/5601"]}""");
        await TellAsync(story, "read", """{"path":"/1/0/1"}""", "CON GET 11=1 11=0 11=1 17=110", Datagram.Content, """[{"n":"/1/0/1","v":60}]""",
            Content("""{"path":"/1/0/1","value":60}""", "/1/0/1"));
    }

    [Fact]
    public async Task Requests_go_to_the_alternate_path()
    {
        using var story = Begin();
        await story.Device.RegisterAsync("""</lwm2m>;rt="oma.lwm2m";ct=110,</lwm2m/1/0>,</lwm2m/3/0>""", 300, "1.1");
        await story.HearAsync("up/register");
        await TellAsync(story, "read-composite", Read, ReadRequest.Replace("FETCH", "FETCH 11=lwm2m", StringComparison.Ordinal), Datagram.Content,
            """[{"n":"/lwm2m/3/0/0","vs":"EMQ"}]""", Composite(Manufacturer, Written));
    }

    [Theory]
    [InlineData("read-composite", """{"paths":[]}""", "[]")]
    [InlineData("read-composite", """{"paths":["/3/0/0","/3/0/0"]}""", """["/3/0/0","/3/0/0"]""")]
    [InlineData("observe-composite", """{"paths":["/3/0/0/0/0"]}""", """["/3/0/0/0/0"]""")]
    [InlineData("write-composite", """{"content":[{"path":"/3/0/14","value":7}]}""", """["/3/0/14"]""")]
    [InlineData("write-composite", """{"content":[{"path":"/3/0/14","value":"x"},{"path":"/3/0/14","value":"y"}]}""", """["/3/0/14","/3/0/14"]""")]
    public async Task Command_that_makes_no_sense_is_refused_and_the_device_not_asked(string msgType, string data, string reqPaths)
    {
        using var story = await BeginAsync();
        await story.CommandAsync($$"""{"msgType":"{{msgType}}","data":{{data}}}""");
        var json = JsonDocument.Parse(await story.HearAsync("up/resp")).RootElement;
        Assert.Equal((msgType, "4.00", reqPaths), (json.GetProperty("msgType").GetString(), json.GetProperty("data").GetProperty("code").GetString(), json.GetProperty("data").GetProperty("reqPaths").GetRawText()));
        Assert.NotEmpty(json.GetProperty("data").GetProperty("reason").GetString()!);
        await AnswersAsync(story);
    }

    [Theory]
    [InlineData("""[{"n":"/3/0/0","vs":"EMQ"},{"n":"/4/0/0","v":1}]""", "outside of what was asked for")]
    [InlineData("""[{"n":"/3/0/0","vs":"EMQ"},{"n":"/3/0/0","vs":"two"}]""", "came before")]
    [InlineData("""[{"n":"/3/0/0","vs":"EMQ"},{"n":"/1/0/1","v":1e999}]""", "\"note\"")]
    public async Task Answer_that_is_wrong_in_part_is_told_with_notes(string payload, string note)
    {
        using var story = await BeginAsync();
        await story.CommandAsync($$"""{"msgType":"read-composite","data":{{Read}}}""", ReadRequest, Datagram.Content, System.Text.Encoding.UTF8.GetBytes(payload), SenmlJson);
        var told = await story.HearAsync("up/resp");
        Assert.StartsWith("""{"data":{"code":"2.05","codeMsg":"content","content":[""", told, StringComparison.Ordinal);
        Assert.Contains(Manufacturer, told, StringComparison.Ordinal);
        Assert.Contains(note, told, StringComparison.Ordinal);
        await AnswersAsync(story);
    }

    [Theory]
    [InlineData(110u, "5b7b226e223a222f332f302f30222c22767322")] // cut off
    [InlineData(110u, "5b5b5b5b5b5b5b5b5b5b5b5b5b5b5b5b5b5b5b5b5b5b5b5b5b5b5b5b5b5b5b5b5b5b5b5b5b5b5b5b5b5b5b5b5b5b5b5b5b5b5b5b5b5b5b5b5b5b5b5b5b5b5b5b5b5b5b5b5b5b5b")] // deep
    [InlineData(112u, "9affffffffa1")] // an array that lies about its length
    [InlineData(112u, "81a200662f332f302f3002fb7ff8000000000000")] // only NaN
    public async Task Answer_that_is_none_is_an_error_and_the_next_command_goes_on(uint format, string payload)
    {
        using var story = await BeginAsync();
        await story.CommandAsync($$"""{"msgType":"read-composite","data":{{Read}}}""", ReadRequest, Datagram.Content, Convert.FromHexString(payload), format);
        Assert.StartsWith("""{"data":{"code":"4.00","codeMsg":"bad_request","reason":""", await story.HearAsync("up/resp"), StringComparison.Ordinal);
        await AnswersAsync(story);
    }

    [Fact]
    public async Task LwM2M_1_0_device_is_not_asked_for_several_paths()
    {
        using var story = await BeginRegisteredAsync();
        await story.CommandAsync($$"""{"msgType":"read-composite","data":{{Read}}}""");
        await story.HearAsync("up/resp",
            $$$"""{"data":{"code":"4.00","codeMsg":"bad_request","reason":"read-composite needs LwM2M 1.1, the device has 1.0","reqPaths":[{{{Written}}}]},"msgType":"read-composite"}""");
        await story.HearNothingBeforeNextAnswerAsync();
    }

    static Task AnswersAsync(Story story) => TellAsync(story, "read", """{"path":"/3/0/0"}""", "CON GET 11=3 11=0 11=0 17=110", Datagram.Content,
        """[{"n":"/3/0/0","vs":"EMQ"}]""", Content(Manufacturer, "/3/0/0"));
}
