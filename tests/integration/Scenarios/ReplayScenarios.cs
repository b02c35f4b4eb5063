using System.Text;
using Contracts;
using Contracts.Configuration;
using Messaging;
using Microsoft.Extensions.Logging.Abstractions;
using Pipeline.IntegrationTests.Devices;
using Pipeline.IntegrationTests.Gateways;
using Tools.Replay;
using Tools.Traffic;

namespace Pipeline.IntegrationTests.Scenarios;

/// <summary>What happened is looked at again, from Kafka, while the gateway runs.</summary>
public abstract class ReplayScenarios(GatewayFixture gateway) : GatewayScenarios(gateway)
{
    // What of the gateway's configuration shapes events.
    const string Shaping = """
        gateway.lwm2m {
          mountpoint = "lwm2m/${endpoint_name}/"
          translators {
            command { topic = "dn/#" }, response { topic = "up/resp" }, notify { topic = "up/notify" }
            register { topic = "up/register" }, update { topic = "up/update" }
          }
        }
        """;

    [Fact]
    public async Task Replay_gives_the_events_that_there_were()
    {
        using var story = await PlayAsync();
        var replayed = await ReplayAsync(new TrafficSelection { Endpoints = [new Glob(story.Endpoint)] });
        var live = await EventsAsync(story.Endpoint, replayed.Count);

        Assert.Equal(["lwm2m.register", "lwm2m.response", "lwm2m.notify", "lwm2m.deregister"], replayed.Select(e => e.Type));
        Assert.Equal(live, replayed.Select(Told));
        Assert.Equal(live, (await ReplayAsync(new TrafficSelection { Endpoints = [new Glob(story.Endpoint)] })).Select(Told));
    }

    [Fact]
    public async Task A_window_is_widened_to_the_register()
    {
        using var story = await PlayAsync();
        var all = await ReplayAsync(new TrafficSelection { Endpoints = [new Glob(story.Endpoint)] });
        var notified = DateTimeOffset.Parse(all.Single(e => e.Type == "lwm2m.notify").Time, System.Globalization.CultureInfo.InvariantCulture);

        var window = await ReplayAsync(new TrafficSelection { Endpoints = [new Glob(story.Endpoint)], From = notified });
        Assert.Equal(["lwm2m.register", "lwm2m.notify", "lwm2m.deregister"], window.Select(e => e.Type));
        var alone = await ReplayAsync(new TrafficSelection { Endpoints = [new Glob(story.Endpoint)], From = notified.AddHours(1), Lookback = TimeSpan.Zero });
        Assert.Empty(alone);
    }

    private protected async Task ReplayIntoSandboxAsync()
    {
        using var story = await PlayAsync();
        var connection = Connect();
        var before = await EventsAsync(story.Endpoint, 4);
        var prefix = $"{Gateway.Topics.Prefix}-sandbox-{Random.Shared.Next():x8}";
        await using (var sink = await TopicSink.OpenAsync(connection, prefix, TestContext.Current.CancellationToken))
        {
            var source = new KafkaTraffic(connection, new TrafficSelection { Endpoints = [new Glob(story.Endpoint)] }, NullLogger.Instance);
            var totals = await new ReplayRun(source, ReadRules(), new Pace(null, TimeProvider.System), sink, Assert.Fail).RunAsync(TestContext.Current.CancellationToken);
            Assert.Equal(4, totals.Events);
        }

        Assert.Equal(before, await EventsAsync(story.Endpoint, 4, prefix));
        Assert.Equal(before, await EventsAsync(story.Endpoint, 4));
    }

    async Task<Story> PlayAsync()
    {
        var story = await BeginRegisteredAsync();
        await story.ReportAndLeaveAsync("""{"reqID":1,"msgType":"observe","data":{"path":"/3/0/10"}}""");
        return story;
    }

    KafkaConnection Connect() => new(Gateway.KafkaServers, Embedded: false, new KafkaOptions { TopicPrefix = Gateway.Topics.Prefix, Partitions = 4 }, null);

    static Rules ReadRules()
    {
        var file = Path.GetTempFileName();
        File.WriteAllText(file, Shaping);
        try
        {
            return Rules.Read([file], null, Assert.Fail);
        }
        finally
        {
            File.Delete(file);
        }
    }

    async Task<List<ReplayedEvent>> ReplayAsync(TrafficSelection selection)
    {
        var rules = ReadRules();
        var replayed = new List<ReplayedEvent>();
        await foreach (var (_, events) in new KafkaTraffic(Connect(), selection, NullLogger.Instance)
            .ReadAsync(happened => rules.Translate(happened, out var problem) is var made && problem is null ? made : throw new InvalidOperationException(problem), TestContext.Current.CancellationToken))
            replayed.AddRange(events);
        return replayed;
    }

    // As they stand on Kafka: the first so many of the device, each once.
    async Task<List<string>> EventsAsync(string endpoint, int count, string? prefix = null)
    {
        var connection = Connect();
        var topic = new Topics(prefix ?? Gateway.Topics.Prefix).Events;
        var found = new List<(string, string)>();
        using var index = new LogIndex(connection, "test");
        using var reader = new LogReader(connection, "test", NullLogger.Instance);
        reader.Start([.. Enumerable.Range(0, index.Partitions(topic)).Select(p => new LogPosition(topic, p, LogPosition.Beginning))], record =>
        {
            if (Encoding.UTF8.GetString(record.Key) == endpoint)
            {
                lock (found)
                    found.Add((Header(record, EventHeaders.Id), $"{Header(record, EventHeaders.Id)} {Header(record, EventHeaders.Type)} {Header(record, EventHeaders.MqttTopic)} {Encoding.UTF8.GetString(record.Value!)}"));
            }
        });
        await Eventually.TrueAsync(() => reader.IsCaughtUp, TimeSpan.FromSeconds(20), () => $"{topic} is not read to its end");
        lock (found)
        {
            var told = found.DistinctBy(e => e.Item1).Select(e => e.Item2).ToList();
            Assert.Equal(count, told.Count);
            return told;
        }
    }

    static string Told(ReplayedEvent replayed) => $"{replayed.Id} {replayed.Type} {replayed.Topic} {Encoding.UTF8.GetString(replayed.Payload.Span)}";

    static string Header(LogRecord record, string name) =>
        record.Headers.FirstOrDefault(header => header.Name == name).Value is { } value ? Encoding.UTF8.GetString(value) : "";
}
