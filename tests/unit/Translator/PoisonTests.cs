using Contracts;
using Google.Protobuf;
using Messaging;
using Microsoft.Extensions.Time.Testing;
using Translator.Operations;
using Translator.Partitions;

namespace Pipeline.Tests.Translator;

/// <summary>What cannot be read, and what shows a defect of ours, is left aside: that record, and no other.</summary>
public sealed class PoisonTests : IDisposable
{
    private static readonly Topics Topics = new("t");
    private readonly FakeTimeProvider _time = new(DateTimeOffset.FromUnixTimeMilliseconds(Given.Now));
    private readonly List<LogAppend> _written = [];
    private readonly List<long> _done = [];
    private readonly PartitionRunner _runner;

    public PoisonTests()
    {
        // Rules that no configuration can make: whoever looks at auto_observe meets with a null.
        var broken = Given.With(lwm2m => lwm2m with { AutoObserve = null! });
        var decisions = new TranslatorPartition(0, 1, Topics, () => broken, new SlotDirectory(), Given.Telemetry, new OperationLimits());
        _runner = new PartitionRunner(
            Topics, decisions, () => Task.FromResult(true), TryAppend, record => _done.Add(record.Offset), Given.Telemetry, _time);
        _runner.Release();
    }

    public void Dispose() => _runner.Dispose();

    [Fact]
    public void A_defect_makes_a_dead_letter_of_the_record_that_it_shows_with()
    {
        _runner.Handle(Notification(1));
        _runner.Handle(Given.Record(Topics.Uplink, "e1", Registered.ToByteArray(), 2));
        _runner.Handle(Notification(3));
        _runner.Handle(Given.Record(Topics.Uplink, "e1", Registered.ToByteArray(), 4));
        _runner.Handle(Notification(5));

        Assert.Equal(["t.events", "t.deadletters", "t.events", "t.deadletters", "t.events"], _written.Select(append => append.Topic));
        Assert.Equal([1, 2, 3, 4, 5], _done);
        Assert.Equal(Registered.ToByteArray(), _written[1].Value);
        Assert.Equal(("decide", "t.uplink/0/2"), (HeaderOf(_written[1], DeadLetterHeaders.Stage), HeaderOf(_written[1], DeadLetterHeaders.Origin)));
        Assert.StartsWith("NullReferenceException: ", HeaderOf(_written[1], DeadLetterHeaders.Reason), StringComparison.Ordinal);
    }

    [Fact]
    public void Many_in_a_row_are_dead_letters_each_with_its_origin()
    {
        for (var offset = 0; offset < 1000; offset++)
        {
            _runner.Handle(Given.Record(Topics.Uplink, "e1", offset % 2 == 0 ? [0xff] : null, offset));
        }

        _runner.Handle(Notification(1000));
        Assert.Equal("t.events", _written[^1].Topic);
        Assert.Equal(
            Enumerable.Range(0, 1000).Select(offset => $"t.uplink/0/{offset}"),
            _written.Take(1000).Select(append => HeaderOf(append, DeadLetterHeaders.Origin)));
        Assert.Equal(1001, _done.Count);
    }

    [Fact]
    public void A_reason_is_kept_short()
    {
        var letter = EventRecord.DeadLetter(Notification(1), "interpret", new string('x', 100_000), Topics.DeadLetters);
        Assert.Equal(1000, HeaderOf(letter, DeadLetterHeaders.Reason).Length);
    }

    [Fact]
    public void A_dead_letter_that_is_too_large_is_kept_without_its_value_which_its_origin_has()
    {
        var source = Notification(1);
        var append = new LogAppend(Topics.Events, 0, source.Key, source.Value);
        var letter = EventRecord.InsteadOf(append, source, Topics.DeadLetters)!;
        Assert.Equal((Topics.DeadLetters, source.Value), (letter.Topic, letter.Value));
        var bare = EventRecord.InsteadOf(letter, source, Topics.DeadLetters)!;
        Assert.Null(bare.Value);
        Assert.Equal("t.uplink/0/1", HeaderOf(bare, DeadLetterHeaders.Origin));
        Assert.Null(EventRecord.InsteadOf(bare, source, Topics.DeadLetters));
        Assert.Null(EventRecord.InsteadOf(append, null, Topics.DeadLetters));
    }

    [Fact]
    public void Records_of_operations_and_registrations_that_cannot_be_read_are_left_out()
    {
        _runner.Fold(Given.Record(Topics.Operations, "no key of an operation", [1]));
        _runner.Fold(Given.Record(Topics.Operations, "e1\0c1", [0xff]));
        _runner.Fold(Given.Record(Topics.Operations, "e1\0c2", new OperationRecord { State = OperationState.Accepted }.ToByteArray()));
        _runner.Fold(Given.Record(Topics.Registrations, "e1", Given.Bytes("not JSON")));
        _runner.Fold(Given.Record(Topics.Registrations, "e1", Given.Bytes("{}")));
        _runner.Tick();
        Assert.Equal(0, _runner.OpenCount);
        Assert.Empty(_written);
    }

    private static UplinkEvent Registered => Given.Uplink(EventKind.Registered, uplink => uplink.Registration = new RegistrationInfo());

    private AppendStatus TryAppend(LogAppend append, IAppendSink sink, long cookie)
    {
        _written.Add(append);
        sink.Appended(cookie, 0, 0, succeeded: true);
        return AppendStatus.Handed;
    }

    private static string HeaderOf(LogAppend append, string name) => Given.Text(append.Headers!.Single(header => header.Name == name).Value);

    private static LogRecord Notification(uint number) => Given.Record(
        Topics.Uplink, "e1", Given.Uplink(EventKind.Notified, uplink => (uplink.Observe, uplink.Code) = (number, 0x84)).ToByteArray(), number);
}
