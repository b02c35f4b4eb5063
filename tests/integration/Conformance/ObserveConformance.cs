using Pipeline.IntegrationTests.Devices;
using Pipeline.IntegrationTests.Gateways;
using Pipeline.IntegrationTests.Scenarios;

namespace Pipeline.IntegrationTests.Conformance;

/// <summary>Devices report what they are observed for.</summary>
[Collection(InStandalone.Name)]
public sealed class ObserveConformance(StandaloneFixture gateway) : ConformanceScenarios(gateway)
{
    const string Battery = "CON GET 6=0 11=3 11=0 11=9 17=110";
    const string Paths = """{"paths":["/3/0/9","/3304"]}""";
    const string Written = "\"/3/0/9\",\"/3304\"";

    static readonly string PathsPayload = "12=110 17=110 | " + Hex("""[{"n":"/3/0/9"},{"n":"/3304"}]""");

    [Fact]
    public async Task Notifications_follow_the_attributes()
    {
        using var story = await BeginAsync();
        await TellAsync(story, "write-attr", """{"path":"/3/0/9","pmin":5,"pmax":60,"gt":80,"lt":20,"st":5}""",
            "CON PUT 11=3 11=0 11=9 15=gt=80 15=lt=20 15=pmax=60 15=pmin=5 15=st=5", Datagram.Changed, "", Changed("/3/0/9"));
        var token = await ObserveAsync(story);
        await NotifyAsync(story, token, """[{"n":"/3/0/9","v":81}]""", 3, Told("""{"path":"/3/0/9","value":81}""", 3));
        await NotifyAsync(story, token, """[{"bt":1700000000,"n":"/3/0/9","v":19},{"n":"/3/0/9","t":5,"v":25}]""", 4,
            Told("""{"path":"/3/0/9","ts":1700000000000,"value":19},{"path":"/3/0/9","ts":1700000005000,"value":25}""", 4));
    }

    [Fact]
    public async Task Attributes_ride_in_the_Observe_and_its_cancellation()
    {
        using var story = await BeginAsync("1.2");
        await story.CommandAsync("""{"msgType":"observe","data":{"path":"/3/0/9","pmin":5,"con":1}}""");
        var observe = await story.Device.ExpectRequestAsync("CON GET 6=0 11=3 11=0 11=9 15=con=1 15=pmin=5 17=110");
        await story.Device.AnswerAsync(observe, Datagram.Content, """[{"n":"/3/0/9","v":50}]""", SenmlJson, 2);
        await story.HearAsync("up/resp");
        await story.CommandAsync("""{"msgType":"cancel-observe","data":{"path":"/3/0/9"}}""");
        var cancel = await story.Device.ExpectRequestAsync("CON GET 6=1 11=3 11=0 11=9 15=con=1 15=pmin=5 17=110");
        Assert.Equal(observe.Token, cancel.Token);
    }

    [Fact]
    public async Task Observation_that_is_not_wanted_any_more_is_reset()
    {
        using var story = await BeginAsync();
        var token = await ObserveAsync(story);
        await CancelAsync(story, token);
        var notification = story.Device.Notification(token, "[]"u8.ToArray(), SenmlJson, 9);
        // What became of the cancellation is written down behind its answer.
        await TellAsync(story, "read", """{"path":"/3/0/0"}""", "CON GET 11=3 11=0 11=0 17=110", Datagram.Content, """[{"n":"/3/0/0","vs":"EMQ"}]""", Content("""{"path":"/3/0/0","value":"EMQ"}""", "/3/0/0"));
        await story.Device.SendAsync(notification);
        await story.Device.ExpectResetAsync(notification);
        await story.HearNothingAsync("up/notify");
    }

    [Fact]
    public async Task Observation_is_cancelled_with_its_own_token()
    {
        using var story = await BeginAsync();
        await CancelAsync(story, await ObserveAsync(story));
    }

    [Fact]
    public async Task Several_paths_are_observed_at_once()
    {
        using var story = await BeginAsync();
        var token = await ObserveCompositeAsync(story);
        await NotifyAsync(story, token, """[{"n":"/3/0/9","v":51}]""", 3, ToldOfPaths("""{"path":"/3/0/9","value":51}""", 3));
        await NotifyAsync(story, token, """[{"n":"/3/0/9","v":52},{"n":"/3304/0/5700","v":40.5}]""", 4,
            ToldOfPaths("""{"path":"/3/0/9","value":52},{"path":"/3304/0/5700","value":40.5}""", 4));
        // A new registration is asked for the same again.
        await story.Device.RegisterAsync("</>;ct=110,</3/0>", 300, "1.1");
        var again = await story.Device.ExpectRequestAsync("CON FETCH 6=0 " + PathsPayload);
        await story.Device.AnswerAsync(again, Datagram.Content, """[{"n":"/3/0/9","v":53}]""", SenmlJson, 7);
        await story.HearAsync("up/notify", ToldOfPaths("""{"path":"/3/0/9","value":53}""", 7));
    }

    [Fact]
    public async Task Observation_of_several_paths_is_cancelled_as_it_was_asked_for()
    {
        using var story = await BeginAsync();
        var token = await ObserveCompositeAsync(story);
        // The order of the paths does not matter.
        await story.CommandAsync("""{"msgType":"cancel-observe-composite","data":{"paths":["/3304","/3/0/9"]}}""");
        var cancel = await story.Device.ExpectRequestAsync("CON FETCH 6=1 " + PathsPayload);
        Assert.Equal(token, cancel.Token);
        await story.Device.AnswerAsync(cancel, Datagram.Content, """[{"n":"/3/0/9","v":60}]""", SenmlJson);
        await story.HearAsync("up/resp",
            $$"""{"data":{{Composite("""{"path":"/3/0/9","value":60}""", "\"/3304\",\"/3/0/9\"")}},"msgType":"cancel-observe-composite"}""");
    }

    [Fact]
    public async Task Instances_that_are_created_changed_and_deleted_under_an_observation_are_told()
    {
        using var story = await BeginAsync();
        var token = await ObserveCompositeAsync(story);
        await story.CommandAsync("""{"msgType":"create","data":{"basePath":"/3304","content":[{"path":"1/5701","value":"%RH"}]}}""");
        await story.Device.AnswerAsync(await story.Device.ExpectRequestAsync($"CON POST 11=3304 12=110 | {Hex("""[{"bn":"/3304/","n":"1/5701","vs":"%RH"}]""")}"), Datagram.Created);
        await story.HearAsync("up/resp");
        await NotifyAsync(story, token, """[{"n":"/3/0/9","v":50},{"n":"/3304/1/5700","v":40.5}]""", 3,
            ToldOfPaths("""{"path":"/3/0/9","value":50},{"path":"/3304/1/5700","value":40.5}""", 3));
        await NotifyAsync(story, token, """[{"n":"/3/0/9","v":50},{"n":"/3304/1/5700","v":41}]""", 4,
            ToldOfPaths("""{"path":"/3/0/9","value":50},{"path":"/3304/1/5700","value":41.0}""", 4));
        await TellAsync(story, "delete", """{"path":"/3304/1"}""", "CON DELETE 11=3304 11=1", Datagram.Deleted, "", """{"code":"2.02","codeMsg":"deleted","reqPath":"/3304/1"}""");
        await NotifyAsync(story, token, """[{"n":"/3/0/9","v":50}]""", 5, ToldOfPaths("""{"path":"/3/0/9","value":50}""", 5));
    }

    static async Task<byte[]> ObserveAsync(Story story)
    {
        await story.CommandAsync("""{"msgType":"observe","data":{"path":"/3/0/9"}}""");
        var request = await story.Device.ExpectRequestAsync(Battery);
        await story.Device.AnswerAsync(request, Datagram.Content, """[{"n":"/3/0/9","v":50}]""", SenmlJson, 2);
        await story.HearAsync("up/resp", Told("""{"path":"/3/0/9","value":50}""", 2, "observe"));
        return request.Token;
    }

    static async Task CancelAsync(Story story, byte[] token)
    {
        await story.CommandAsync("""{"msgType":"cancel-observe","data":{"path":"/3/0/9"}}""");
        var cancel = await story.Device.ExpectRequestAsync(Battery.Replace("6=0", "6=1", StringComparison.Ordinal));
        Assert.Equal(token, cancel.Token);
        await story.Device.AnswerAsync(cancel, Datagram.Content, """[{"n":"/3/0/9","v":60}]""", SenmlJson);
        await story.HearAsync("up/resp", $$"""{"data":{{Content("""{"path":"/3/0/9","value":60}""", "/3/0/9")}},"msgType":"cancel-observe"}""");
    }

    static async Task<byte[]> ObserveCompositeAsync(Story story)
    {
        await story.CommandAsync($$"""{"msgType":"observe-composite","data":{{Paths}}}""");
        var request = await story.Device.ExpectRequestAsync("CON FETCH 6=0 " + PathsPayload);
        await story.Device.AnswerAsync(request, Datagram.Content, """[{"n":"/3/0/9","v":50}]""", SenmlJson, 2);
        await story.HearAsync("up/resp", ToldOfPaths("""{"path":"/3/0/9","value":50}""", 2, "observe-composite"));
        return request.Token;
    }

    static string Told(string items, uint sequence, string msgType = "notify") =>
        $$"""{"data":{{Content(items, "/3/0/9")}},"msgType":"{{msgType}}","seqNum":{{sequence}}}""";

    static string ToldOfPaths(string items, uint sequence, string msgType = "notify") =>
        $$"""{"data":{{Composite(items, Written)}},"msgType":"{{msgType}}","seqNum":{{sequence}}}""";
}
