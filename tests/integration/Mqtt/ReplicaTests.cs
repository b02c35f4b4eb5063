using Confluent.Kafka;
using Contracts;
using Contracts.Configuration;
using Messaging;
using Microsoft.Extensions.Logging.Abstractions;
using Pipeline.IntegrationTests.Gateways;
using Pipeline.IntegrationTests.Kafka;

namespace Pipeline.IntegrationTests.Mqtt;

/// <summary>Several Egress processes share the events: they come, go, die and stand still, and MQTT hears every event, in the order of each device.</summary>
public sealed class ReplicaTests(KafkaFixture kafka) : IAsyncLifetime
{
    static readonly TimeSpan Bound = TimeSpan.FromSeconds(120);
    static int runs;

    readonly MosquittoFixture _mosquitto = new();
    readonly string _prefix = $"replicas{Interlocked.Increment(ref runs)}";
    string _servers = "";
    EgressReplicas _replicas = null!;
    EventSource _source = null!;
    FaithfulSubscriber _subscriber = null!;
    StallingProxy _wayToMosquitto = null!;

    public async ValueTask InitializeAsync()
    {
        var missing = ThreeProcessFixture.MissingHere(_mosquitto);
        Assert.SkipUnless(missing is null, missing ?? "");
        var rules = await _mosquitto.FileAsync("rules", "topic readwrite lwm2m/#\n");
        // Without a bound mosquitto 2.0 ends the connection over each message that it denies.
        await _mosquitto.StartAsync($"acl_file {rules}", "max_queued_messages 1000000");
        _servers = (await kafka.RequireAsync()).BootstrapServers;
        _wayToMosquitto = new StallingProxy(_mosquitto.Port);
        _replicas = new EgressReplicas(_servers, $"mqtt://127.0.0.1:{_wayToMosquitto.Port}", _prefix);
        _source = new EventSource(new KafkaConnection(_servers, false, new KafkaOptions { TopicPrefix = _prefix }, null));
        _subscriber = await FaithfulSubscriber.OpenAsync(_mosquitto.Port, "lwm2m/+/up/notify");
    }

    public async ValueTask DisposeAsync()
    {
        if (_replicas is not null)
        {
            if (TestContext.Current.TestState?.Result == TestResult.Failed)
                TestContext.Current.TestOutputHelper?.WriteLine(_replicas.Log + "\n--- mosquitto\n" + _mosquitto.Log);
            await _source.DisposeAsync();
            await _subscriber.DisposeAsync();
            await _replicas.DisposeAsync();
            await _wayToMosquitto.DisposeAsync();
        }

        await _mosquitto.DisposeAsync();
    }

    [Fact]
    public async Task Replicas_come_and_go_in_good_order_and_nothing_is_published_twice()
    {
        var first = await _replicas.AddAsync();
        _source.Start();
        await HearAsync(rounds: 20);
        var (second, third) = (await _replicas.AddAsync(), await _replicas.AddAsync());
        await HearAsync(rounds: 20);
        Assert.NotEqual(0, await EgressReplicas.CountAsync(second, "lwm2m_egress_published_total"));
        for (var device = 0; device < 20; device++)
            Assert.True((await _source.TellForbiddenAsync(device)).Succeeded);
        // What one replica has published is told again when others have its partition.
        await _source.TellAgainAsync(rounds: 20);

        Assert.Equal(0, await first.StopAsync());
        var gone = DateTime.UtcNow;
        await _source.TellAgainAsync(rounds: 20);
        var after = _source.Written.Count;
        await Eventually.TrueAsync(() => _source.Written.Count > after + 100, Bound, () => "the source stands still");
        await HearAsync(rounds: 10);
        Assert.Equal(0, await third.StopAsync());
        await HearAsync(rounds: 10);
        await EndAsync();

        Assert.Empty(_source.Repeated(_subscriber.Messages));
        Assert.NotEqual(0, await EgressReplicas.CountAsync(second, "lwm2m_egress_repeated_total"));
        // Its partitions had new owners at once: no device was silent for as long as Kafka takes to miss a member.
        var silence = Silences(_subscriber.Messages.Where(message => message.At > gone.AddSeconds(-5) && message.At < gone.AddSeconds(10))).Max();
        Assert.True(silence < TimeSpan.FromSeconds(6), $"a device was silent for {silence}");
        Assert.Equal(20, await DeadLettersAsync(20));
    }

    [Fact]
    public async Task One_of_three_dies_and_what_it_had_in_hand_is_published_by_the_others()
    {
        var replicas = await _replicas.AddAsync(3);
        _source.Start();
        await HearAsync(rounds: 20);

        var (from, to) = await FreezeWithSomethingInFlightAsync(replicas[1]);
        await replicas[1].KillAsync();
        await HearAsync(rounds: 20);
        replicas[1].Start();
        await replicas[1].ReadyAsync();
        await HearAsync(rounds: 20);
        await EndAsync();

        AssertRepeatsAreOf(from, to);
    }

    [Fact]
    public async Task One_of_three_stands_still_until_others_have_its_partitions_and_then_goes_on()
    {
        var replicas = await _replicas.AddAsync(3);
        _source.Start();
        await HearAsync(rounds: 20);

        var (from, to) = await FreezeWithSomethingInFlightAsync(replicas[1]);
        await HearAsync(rounds: 40); // of all devices: so the others have its partitions
        await replicas[1].ThawAsync();
        await HearAsync(rounds: 40);
        await replicas[1].ReadyAsync();
        await EndAsync();

        AssertRepeatsAreOf(from, to);
    }

    [Fact]
    public async Task Broker_is_restarted_under_three_replicas()
    {
        var replicas = await _replicas.AddAsync(3);
        _source.Start();
        await HearAsync(rounds: 20);
        for (var i = 0; i < 2; i++)
        {
            await _mosquitto.StopAsync();
            var sent = _source.Written.Count;
            await Eventually.TrueAsync(() => _source.Written.Count > sent + 400, Bound, () => "the source stands still");
            using var progress = Progress();
            Assert.True(progress.Written() > progress.Committed(), "nothing was in flight");
            _wayToMosquitto.Stall();
            var before = _mosquitto.ConnectionsOf("faithful");
            await _mosquitto.StartAsync();
            await Eventually.TrueAsync(() => _mosquitto.ConnectionsOf("faithful") > before, Bound, () => "the subscriber does not come back");
            _wayToMosquitto.ResumeAfresh();
            await HearAsync(rounds: 20);
        }

        await EndAsync();

        foreach (var replica in replicas)
            Assert.True(await EgressReplicas.CountAsync(replica, "lwm2m_egress_disconnected_total") >= 2, $"{replica.Service} did not notice");
        // Repeated is at most what was on the wire: 2 connections with 64 each, two times.
        Assert.InRange(_source.Repeated(_subscriber.Messages).Count, 0, 3 * 2 * 64 * 2);
    }

    // Until that many more events of every device have been heard.
    Task HearAsync(int rounds)
    {
        var before = Rounds();
        return Eventually.TrueAsync(() => Rounds() >= before + rounds, Bound, () => $"nothing is heard any more: {Rounds()} rounds, before {before}");
    }

    int Rounds() => _subscriber.Payloads.Distinct().GroupBy(payload => payload.Split(' ')[0]).Select(device => device.Count()).DefaultIfEmpty(0).Min();

    async Task EndAsync()
    {
        await _source.StopAsync();
        await Eventually.TrueAsync(() => _source.Check(_subscriber.Messages) is null, Bound, () => _source.Check(_subscriber.Messages)!);
        using var progress = Progress();
        await Eventually.TrueAsync(() => progress.Committed() == progress.Written(), Bound, () => $"{progress.Committed()} of {progress.Written()} are committed");
        Assert.Null(_source.Check(_subscriber.Messages));
    }

    // What stood in the log and was not committed when it was stopped lay in its hands, or ahead of it.
    async Task<(long[] From, long[] To)> FreezeWithSomethingInFlightAsync(ServiceProcess victim)
    {
        for (var until = DateTime.UtcNow + Bound; DateTime.UtcNow < until; await victim.ThawAsync())
        {
            await victim.FreezeAsync();
            var (from, to) = Positions();
            // The others go on: what is left after they have caught up is the victim's.
            await Task.Delay(1000, TestContext.Current.CancellationToken);
            var (later, _) = Positions();
            if (later.Zip(to).Any(partition => partition.First < partition.Second))
            {
                TestContext.Current.TestOutputHelper?.WriteLine($"in flight: {later.Zip(to).Sum(partition => Math.Max(0, partition.Second - partition.First))}");
                return (from, to);
            }
        }

        throw new TimeoutException("nothing was in flight");
    }

    (long[] Committed, long[] Written) Positions()
    {
        using var member = new ConsumerBuilder<Ignore, Ignore>(
            new ConsumerConfig { BootstrapServers = _servers, GroupId = new Topics(_prefix).EgressGroup, EnableAutoCommit = false }).Build();
        var partitions = Enumerable.Range(0, EgressReplicas.Partitions).Select(p => new Confluent.Kafka.TopicPartition(new Topics(_prefix).Events, p)).ToList();
        var committed = member.Committed(partitions, TimeSpan.FromSeconds(20)).Select(found => Math.Max(0, found.Offset.Value)).ToArray();
        return (committed, [.. partitions.Select(p => member.QueryWatermarkOffsets(p, TimeSpan.FromSeconds(20)).High.Value)]);
    }

    void AssertRepeatsAreOf(long[] from, long[] to)
    {
        var repeated = _source.Repeated(_subscriber.Messages);
        TestContext.Current.TestOutputHelper?.WriteLine($"repeated: {repeated.Count}");
        Assert.All(repeated, repeat => Assert.InRange(repeat.Where.Offset, from[repeat.Where.Partition], to[repeat.Where.Partition] - 1));
    }

    GroupProgress Progress() => new(_servers, new Topics(_prefix).EgressGroup, new Topics(_prefix).Events, EgressReplicas.Partitions);

    static IEnumerable<TimeSpan> Silences(IEnumerable<FaithfulSubscriber.Heard> heard) =>
        heard.GroupBy(message => message.Payload.Split(' ')[0]).SelectMany(device => device.Zip(device.Skip(1)).Select(pair => pair.Second.At - pair.First.At));

    async Task<int> DeadLettersAsync(int expected)
    {
        var connection = new KafkaConnection(_servers, false, new KafkaOptions { TopicPrefix = _prefix }, null);
        using var reader = new LogReader(connection, "letters", NullLogger.Instance);
        var count = 0;
        var topic = new Topics(_prefix).DeadLetters;
        reader.Start([.. Enumerable.Range(0, EgressReplicas.Partitions).Select(p => new LogPosition(topic, p, LogPosition.Beginning))], _ => Interlocked.Increment(ref count));
        await Eventually.TrueAsync(() => reader.IsCaughtUp && Volatile.Read(ref count) >= expected, Bound, () => $"{count} dead letters");
        return count;
    }
}
