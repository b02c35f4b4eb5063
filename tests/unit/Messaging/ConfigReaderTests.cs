using System.Text;
using Contracts;
using Contracts.Configuration;
using Messaging;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace Pipeline.Tests.Messaging;

public sealed class ConfigReaderTests : IDisposable
{
    private readonly Topics _topics = new("conf");
    private readonly EmbeddedBroker _broker;
    private readonly LogProducer _producer;
    private readonly ConfigReader _reader;
    private readonly List<(string Section, string? Json)[]> _laid = [];
    private readonly Dictionary<string, string> _problems = [];

    public ConfigReaderTests()
    {
        var options = new KafkaOptions { TopicPrefix = "conf" };
        _broker = EmbeddedBroker.Start(_topics.Specs(options, embedded: true));
        Kafka = new KafkaConnection(_broker.BootstrapServers, Embedded: true, options, _broker.Budget);
        _producer = new LogProducer(Kafka, "test", NullLogger.Instance);
        _reader = new ConfigReader(Kafka, Lay, NullLogger<ConfigReader>.Instance);
    }

    private KafkaConnection Kafka { get; }

    public void Dispose()
    {
        _reader.Dispose();
        _producer.Dispose();
        _broker.Dispose();
    }

    [Fact]
    public async Task What_stands_there_at_the_start_comes_in_one_piece_and_only_the_newest_of_each_section()
    {
        await WriteAsync("a", "1");
        await WriteAsync("b", "2");
        await WriteAsync("a", "3");
        await WriteAsync("c", "4");
        await WriteAsync("c", null);

        await _reader.ReadAsync(CancellationToken.None).WaitAsync(Embedded.Bound);

        Assert.Equal([("b", "2"), ("a", "3"), ("c", null)], Assert.Single(_laid));
        Assert.Equal(new ConfigPosition(5, null), _reader.Position);
    }

    [Fact]
    public async Task An_empty_topic_is_read_too()
    {
        await _reader.ReadAsync(CancellationToken.None).WaitAsync(Embedded.Bound);
        await _reader.ReadAsync(CancellationToken.None);

        Assert.Empty(Assert.Single(_laid));
        Assert.Equal(ConfigPosition.None, _reader.Position);
    }

    [Fact]
    public async Task Later_records_come_one_by_one_and_what_was_not_taken_is_told_until_it_is()
    {
        await _reader.ReadAsync(CancellationToken.None).WaitAsync(Embedded.Bound);
        _problems["a"] = "bad";
        Assert.Equal(new ConfigPosition(null, "a: bad"), await AfterAsync("a", "1"));
        Assert.Equal(new ConfigPosition(2, "a: bad"), await AfterAsync("b", "2"));
        _problems.Clear();
        Assert.Equal(new ConfigPosition(3, null), await AfterAsync("a", "3"));
        Assert.Equal(4, _laid.Count);
    }

    [Fact]
    public async Task Records_that_are_no_sections_are_told_in_their_order_from_the_beginning()
    {
        List<string> others = [];
        _reader.Other += (key, value) => others.Add(key + (value is null ? "-" : "+"));
        await WriteAsync("subscriptions/x", "1");
        await WriteAsync("a", "1");
        await WriteAsync("subscriptions/x", null);
        await _reader.ReadAsync(CancellationToken.None).WaitAsync(Embedded.Bound);
        Assert.Equal(3, _reader.Position.Offset);

        Assert.Equal(new ConfigPosition(4, null), await AfterAsync("subscriptions/y", "1"));
        Assert.Equal(["subscriptions/x+", "subscriptions/x-", "subscriptions/y+"], others);
        Assert.Single(_laid);
    }

    [Fact]
    public async Task A_taker_that_throws_ends_the_reader_for_all_to_see()
    {
        await _reader.ReadAsync(CancellationToken.None).WaitAsync(Embedded.Bound);
        _reader.Other += (_, _) => throw new InvalidOperationException("a bug");
        await WriteAsync("x/y", "1");

        await Assert.ThrowsAsync<InvalidOperationException>(() => _reader.Completion.WaitAsync(Embedded.Bound));
    }

    [Fact]
    public async Task Heartbeats_follow_the_clock_and_every_change()
    {
        await _reader.ReadAsync(CancellationToken.None).WaitAsync(Embedded.Bound);
        var seen = new Collected();
        using var instances = new LogReader(Kafka, "instances", NullLogger.Instance);
        instances.Start([new LogPosition(_topics.Instances, 0, LogPosition.Beginning)], seen.Add);
        var time = new FakeTimeProvider(DateTimeOffset.FromUnixTimeMilliseconds(1_700_000_000_000));
        long? limit = null;
        await using (var heartbeat = InstanceHeartbeat.Begin(_producer, _topics, "thing", _reader, time, () => limit))
        {
            await seen.Reach(1);
            time.Advance(InstanceHeartbeat.Period);
            await seen.Reach(2);
            limit = 0;
            await WriteAsync("a", "1");
            await seen.Reach(3);
            limit = 9;
            heartbeat.Beat();
            await seen.Reach(4);
        }

        await seen.Reach(6);
        time.Advance(InstanceHeartbeat.Period);
        var beats = seen.All.Take(5).Select(record => InstanceRecord.TryParse(record.Value, out var beat) ? beat! : throw new FormatException()).ToList();
        Assert.Equal(["start", "heartbeat", "heartbeat", "heartbeat", "stop"], beats.Select(beat => beat.Kind));
        Assert.Equal([0, 2000, 2000, 2000, 2000], beats.Select(beat => beat.HeartbeatMs - 1_700_000_000_000));
        Assert.Equal([null, null, 0, 1, 1], beats.Select(beat => beat.ConfigOffset));
        Assert.Null(seen.All[5].Value);
        Assert.StartsWith("thing/", Encoding.UTF8.GetString(Assert.Single(seen.All.Select(record => Convert.ToHexString(record.Key)).Distinct().Select(Convert.FromHexString))), StringComparison.Ordinal);
    }

    private Dictionary<string, string> Lay(IReadOnlyList<(string Section, byte[]? Json)> records)
    {
        _laid.Add([.. records.Select(record => (record.Section, record.Json is null ? null : Encoding.UTF8.GetString(record.Json)))]);
        return new Dictionary<string, string>(_problems);
    }

    private async Task<ConfigPosition> AfterAsync(string key, string? json)
    {
        var moved = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        void Moved() => moved.TrySetResult();
        _reader.Moved += Moved;
        await WriteAsync(key, json);
        await moved.Task.WaitAsync(Embedded.Bound);
        _reader.Moved -= Moved;
        return _reader.Position;
    }

    private async Task WriteAsync(string key, string? json) => Assert.True((await _producer.AppendAsync(
        _topics.Config, 0, Encoding.UTF8.GetBytes(key), json is null ? null : Encoding.UTF8.GetBytes(json), null, CancellationToken.None)).Succeeded);
}
