using Contracts;
using Messaging;
using Microsoft.Extensions.Time.Testing;
using Translator.Partitions;

namespace Pipeline.Tests.Translator;

/// <summary>The order of writes where Kafka fails to deliver some of them.</summary>
public sealed class OutboxTests
{
    private static readonly Topics Topics = new("t");
    private readonly FakeTimeProvider _time = new();
    private readonly List<(string Key, IAppendSink Sink, long Cookie)> _handed = [];
    private readonly List<long> _done = [];
    private readonly Outbox _outbox;

    public OutboxTests() => _outbox = new Outbox(
        new Lock(),
        (append, sink, cookie) =>
        {
            _handed.Add((Given.Text(append.Key), sink, cookie));
            return AppendStatus.Handed;
        },
        Topics.DeadLetters,
        record => _done.Add(record.Offset),
        Given.Telemetry,
        _time);

    [Fact]
    public void What_was_not_delivered_is_written_again_in_its_old_order()
    {
        Carry(1, 2, 3);
        Report(0, false);
        Report(1, false);
        Report(2, false);
        _time.Advance(TimeSpan.FromMilliseconds(50));
        Assert.Equal(["1", "2", "3", "1", "2", "3"], Written);
    }

    [Fact]
    public void Nothing_is_written_before_it_is_known_what_became_of_all_that_was_handed_over()
    {
        Carry(1, 2);
        Report(0, false);
        Carry(3);
        _time.Advance(TimeSpan.FromSeconds(10));
        Assert.Equal(["1", "2"], Written);
        Report(1, true);
        Assert.Equal([2], _done);
        _time.Advance(TimeSpan.FromMilliseconds(50));
        Assert.Equal(["1", "2", "1", "3"], Written);
        Report(2, true);
        Report(3, true);
        Assert.Equal([2, 1, 3], _done);
        Carry(4);
        Assert.Equal(5, _handed.Count);
    }

    private IEnumerable<string> Written => _handed.Select(handed => handed.Key);

    private void Report(int index, bool succeeded) => _handed[index].Sink.Appended(_handed[index].Cookie, 0, index, succeeded);

    private void Carry(params int[] offsets)
    {
        foreach (var offset in offsets)
        {
            var source = Given.Record(Topics.Uplink, $"{offset}", [1], offset);
            _outbox.Carry(new Work(source, [[new LogAppend(Topics.Events, 0, source.Key, source.Value)]]));
        }
    }
}
