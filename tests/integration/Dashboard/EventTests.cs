using System.Net;
using System.Text.Json;
using Pipeline.IntegrationTests.Devices;
using Pipeline.IntegrationTests.Gateways;

namespace Pipeline.IntegrationTests.Dashboard;

/// <summary>Events as they happen, and those that were missed.</summary>
[Collection(OnDashboard.Name)]
public sealed class EventTests(DashboardFixture gateway)
{
    Api Api => gateway.Api;

    [Fact]
    public async Task A_client_is_watched()
    {
        using var story = await Story.BeginRegisteredAsync(gateway);
        using var other = await Story.BeginRegisteredAsync(gateway);
        using var stream = await EventReader.OpenAsync(Api, Api.Client(story.Endpoint, "/events"));
        await CommandAsync(other, "ignored");
        await CommandAsync(story, "EMQ");

        var (id, type, data) = await stream.ReadAsync();
        Assert.Equal("response", type);
        Assert.Matches("^[0-9]+/[0-9]+$", id);
        Assert.Equal((story.Endpoint, "lwm2m.response", "1.0", $"lwm2m/{story.Endpoint}/up/resp"),
            (Text(data, "subject"), Text(data, "type"), Text(data, "specversion"), Text(data, "mqtttopic")));
        Assert.Equal(
            """{"data":{"code":"2.05","codeMsg":"content","content":[{"path":"/3/0/0","value":"EMQ"}],"reqPath":"/3/0/0"},"msgType":"read"}""",
            data.GetProperty("data").GetRawText());
    }

    [Fact]
    public async Task Only_the_types_that_are_wanted_come()
    {
        using var story = await Story.BeginRegisteredAsync(gateway);
        using var stream = await EventReader.OpenAsync(Api, Api.Client(story.Endpoint, "/events?type=deregister,update"));
        await CommandAsync(story, "EMQ");
        (await Api.DeleteAsync(Api.Client(story.Endpoint))).Expect(204);
        Assert.Equal("deregister", (await stream.ReadAsync()).Type);
    }

    [Fact]
    public async Task Who_comes_back_gets_what_was_missed()
    {
        using var story = await Story.BeginRegisteredAsync(gateway);
        var path = Api.Client(story.Endpoint, "/events");
        string last;
        using (var stream = await EventReader.OpenAsync(Api, path))
        {
            await CommandAsync(story, "one");
            last = (await stream.ReadAsync()).Id;
        }

        await CommandAsync(story, "two");
        await CommandAsync(story, "three");
        using var again = await EventReader.OpenAsync(Api, path, last);
        Assert.Contains("two", $"{(await again.ReadAsync()).Data}", StringComparison.Ordinal);
        Assert.Contains("three", $"{(await again.ReadAsync()).Data}", StringComparison.Ordinal);
        await CommandAsync(story, "four");
        Assert.Contains("four", $"{(await again.ReadAsync()).Data}", StringComparison.Ordinal);
    }

    [Fact]
    public async Task All_clients_are_watched_and_the_position_is_that_of_all_partitions()
    {
        // Endpoints on more than one partition, surely.
        var stories = new List<Story>();
        for (var i = 0; i < 8; i++)
            stories.Add(await Story.BeginRegisteredAsync(gateway));
        var path = $"{Api.Lwm2m}/events?type=response";
        string last;
        using (var stream = await EventReader.OpenAsync(Api, path))
        {
            foreach (var story in stories)
                await CommandAsync(story, "seen");
            last = "";
            foreach (var _ in stories)
                last = (await stream.ReadAsync()).Id;
        }

        foreach (var story in stories)
            await CommandAsync(story, "missed");
        using var again = await EventReader.OpenAsync(Api, path, last);
        var subjects = new List<string?>();
        foreach (var _ in stories)
        {
            var data = (await again.ReadAsync()).Data;
            Assert.Contains("missed", $"{data}", StringComparison.Ordinal);
            subjects.Add(Text(data, "subject"));
        }

        Assert.Equal(stories.Select(s => s.Endpoint).Order(), subjects.Order());
        stories.ForEach(s => s.Dispose());
    }

    [Theory]
    [InlineData("?type=notify,nothing", "nothing")]
    [InlineData("?last_event_id=here", "partition/offset")]
    [InlineData("?last_event_id=99/1", "partition/offset")]
    [InlineData("?last_event_id=0/-1", "partition/offset")]
    public async Task A_wrong_wish_is_named(string query, string part) =>
        (await Api.GetAsync($"{Api.Lwm2m}/events{query}")).ExpectError(400, "BAD_REQUEST", part);

    static async Task CommandAsync(Story story, string value)
    {
        await story.CommandAsync("""{"msgType":"read","data":{"path":"/3/0/0"}}""", "CON GET 11=3 11=0 11=0", Datagram.Content, System.Text.Encoding.UTF8.GetBytes(value), 0);
        await story.HearAsync("up/resp");
    }

    static string? Text(JsonElement json, string name) => json.GetProperty(name).GetString();
}

/// <summary>Reads a stream of server-sent events.</summary>
sealed class EventReader : IDisposable
{
    static readonly TimeSpan Patience = TimeSpan.FromSeconds(15);

    readonly HttpResponseMessage _response;
    readonly StreamReader _lines;

    EventReader(HttpResponseMessage response, StreamReader lines) => (_response, _lines) = (response, lines);

    public static async Task<EventReader> OpenAsync(Api api, string path, string? last = null)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, path);
        if (last is not null)
            request.Headers.Add("Last-Event-ID", last);
        var response = await api.Http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal("text/event-stream", response.Content.Headers.ContentType!.MediaType);
        var reader = new EventReader(response, new StreamReader(await response.Content.ReadAsStreamAsync(TestContext.Current.CancellationToken)));
        // What happens from here on is in it.
        Assert.StartsWith(":", await reader._lines.ReadLineAsync(TestContext.Current.CancellationToken), StringComparison.Ordinal);
        return reader;
    }

    public async Task<(string Id, string Type, JsonElement Data)> ReadAsync()
    {
        var fields = new Dictionary<string, string>();
        using var bound = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        bound.CancelAfter(Patience);
        while (true)
        {
            var line = await _lines.ReadLineAsync(bound.Token) ?? throw new EndOfStreamException("the stream has ended");
            if (line.Length == 0 && fields.Count > 0)
                return (fields["id"], fields["event"], JsonElement.Parse(fields["data"]));
            if (line.Length > 0 && line[0] != ':')
                fields.Add(line[..line.IndexOf(':', StringComparison.Ordinal)], line[(line.IndexOf(':', StringComparison.Ordinal) + 2)..]);
        }
    }

    public void Dispose()
    {
        _lines.Dispose();
        _response.Dispose();
    }
}
