using System.Reactive.Linq;
using System.Reactive.Subjects;
using Contracts;
using CsCheck;
using Google.Protobuf;
using Messaging;
using Translator;
using Translator.Uplink;

namespace Pipeline.Tests.Translator;

/// <summary>Each stage by itself, and the composition.</summary>
public sealed class UplinkStageTests
{
    private static readonly UplinkEvent Answer = Given.Answer("""{"msgType":"read","data":{"path":"/3/0/0"}}""", 0x45, 0, "41");

    [Fact]
    public void Decode_gives_the_event()
    {
        var item = One(Record(Answer.ToByteArray()), records => records.Decode());
        Assert.Equal(Answer, item.Value);
    }

    [Theory]
    [InlineData("ffff", "")]
    [InlineData("", "endpoint")]
    public void Decode_calls_poison_what_is_no_event(string bytes, string reason)
    {
        var item = One(Record(Convert.FromHexString(bytes)), records => records.Decode());
        Assert.True(item.Ending is { Stage: "decode", Poison: true });
        Assert.Contains(reason, item.Ending.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public void Decode_calls_poison_what_this_version_does_not_know()
    {
        (string Reason, Action<UplinkEvent> Change)[] cases =
        [
            ("schema", uplink => uplink.Schema = 2),
            ("endpoint", uplink => uplink.Endpoint = ""),
            ("kind", uplink => uplink.Kind = (EventKind)99),
            ("kind", uplink => uplink.Kind = EventKind.Unspecified),
            ("outcome", uplink => uplink.Outcome = (Outcome)99),
            ("no command", uplink => uplink.Command = null),
            ("code", uplink => uplink.Code = 300),
        ];
        foreach (var (reason, change) in cases)
        {
            var changed = Answer.Clone();
            change(changed);
            var item = One(Record(changed.ToByteArray()), records => records.Decode());
            Assert.Contains(reason, item.Ending!.Reason, StringComparison.Ordinal);
        }

        Assert.True(One(Record(null), records => records.Decode()).Ending is { Poison: true });
    }

    [Theory]
    [InlineData(EventKind.Outcome, true, false)]
    [InlineData(EventKind.Outcome, false, true)]
    [InlineData(EventKind.Notified, true, true)]
    [InlineData(EventKind.Acknowledged, true, true)]
    public void DropClosed_ends_second_outcomes_and_nothing_else(EventKind kind, bool closed, bool passes)
    {
        var uplink = Answer.Clone();
        uplink.Kind = kind;
        var item = One(new Staged<UplinkEvent>(Record(null), uplink, null), events => events.DropClosed((endpoint, id) => closed && (endpoint, id) == ("e1", "c1")));
        Assert.Equal(passes, item.Value is not null);
        Assert.Equal(passes ? null : new Ending("closed", "the command has had its outcome", false), item.Ending);
    }

    [Fact]
    public void A_second_answer_to_an_Observe_that_is_a_notification_too_goes_on_as_one()
    {
        var uplink = Answer.Clone();
        (uplink.Kind, uplink.Observe, uplink.NotificationIdHigh, uplink.NotificationIdLow) = (EventKind.Outcome, 7, 1, 2);
        var staged = new Staged<UplinkEvent>(Record(null), uplink, null);
        Assert.Equal(EventKind.Outcome, One(staged, events => events.DropClosed((_, _) => false)).Value!.Kind);
        var second = One(staged, events => events.DropClosed((_, _) => true)).Value!;
        Assert.Equal((EventKind.Notified, 1ul, 2ul, 7u), (second.Kind, second.IdHigh, second.IdLow, second.Observe));
        Assert.Equal(Outcome.Unspecified, second.Outcome);
    }

    [Fact]
    public void Interpret_types_values()
    {
        var item = One(new Staged<UplinkEvent>(Record(null), Answer, null), events => events.Interpret(() => Given.Rules));
        Assert.Equal("A", Assert.Single(item.Value!.Content!).Value.Text);
        Assert.Equal((byte)0x45, item.Value.Code);
    }

    [Fact]
    public void Shape_makes_events()
    {
        var read = new Interpretation { Event = Answer, Rules = Given.Rules, Code = 0x84 };
        var item = One(new Staged<Interpretation>(Record(null), read, null), events => events.Shape());
        Assert.Equal("lwm2m/e1/up/resp", Assert.Single(item.Value!.Events).Topic);
    }

    [Fact]
    public void A_topic_that_cannot_be_published_on_is_poison()
    {
        var uplink = Answer.Clone();
        uplink.Endpoint = "a+b";
        var item = One(Record(uplink.ToByteArray()), Compose);
        Assert.True(item.Ending is { Stage: "shape", Poison: true });
    }

    [Fact]
    public void A_stage_that_throws_ends_one_record_and_the_others_go_on()
    {
        using var records = new Subject<LogRecord>();
        var seen = new List<Staged<Translation>>();
        var calls = 0;
        using var subscription = records.Translate((_, _) => false, () => calls++ == 0 ? throw new InvalidOperationException("boom") : Given.Rules).Subscribe(seen.Add);
        records.OnNext(Record(Answer.ToByteArray()));
        records.OnNext(Record(Answer.ToByteArray()));
        Assert.Equal(new Ending("interpret", "InvalidOperationException: boom", true), seen[0].Ending);
        Assert.NotNull(seen[1].Value);
    }

    [Fact]
    public void Every_record_comes_out_once_in_order_whatever_it_holds() =>
        Gen.OneOf(Gen.Byte.Array[0, 60], Gen.Byte.Array[0, 12].Select(Mutated)).Array[0, 20].Sample(values =>
        {
            var records = values.Select((value, offset) => Given.Record("u", "e1", value, offset)).ToList();
            var offsets = Compose(records.ToObservable()).Select(item => item.Record.Offset).ToList().Wait();
            Assert.Equal(records.Select(record => record.Offset), offsets);
        });

    [Fact]
    public void The_same_event_and_rules_give_the_same_bytes()
    {
        var bytes = Answer.ToByteArray();
        var first = UplinkPipeline.Translate(UplinkEvent.Parser.ParseFrom(bytes), Given.Rules).Single();
        var second = UplinkPipeline.Translate(UplinkEvent.Parser.ParseFrom(bytes), Given.With()).Single();
        Assert.Equal(first.Json, second.Json);
        Assert.Equal((first.Id, first.Key, first.Topic, first.Type), (second.Id, second.Key, second.Topic, second.Type));
    }

    // Bytes inside a sound event: the payload of a TLV answer.
    private static byte[] Mutated(byte[] payload)
    {
        var uplink = Answer.Clone();
        (uplink.ContentFormat, uplink.Payload) = (11542, ByteString.CopyFrom(payload));
        return uplink.ToByteArray();
    }

    private static IObservable<Staged<Translation>> Compose(IObservable<LogRecord> records) => records.Translate((_, _) => false, () => Given.Rules);

    private static LogRecord Record(byte[]? value) => Given.Record("u", "e1", value);

    private static TOut One<TIn, TOut>(TIn item, Func<IObservable<TIn>, IObservable<TOut>> stage) => Assert.Single(stage(Observable.Return(item)).ToList().Wait());
}
