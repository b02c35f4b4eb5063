using Contracts;
using Contracts.Configuration;
using Google.Protobuf;
using Messaging;
using Translator;
using Translator.Operations;
using Translator.Partitions;

namespace Pipeline.Tests.Translator;

public sealed class TranslatorPartitionTests
{
    private static readonly Topics Topics = new("t");
    private readonly SlotDirectory _slots = new();
    private readonly TranslatorPartition _partition;
    private readonly List<LogAppend> _written = [];
    private TranslationRules _rules = Given.Rules;
    private long _offset;

    public TranslatorPartitionTests()
    {
        _slots.Fold("ingress/0"u8, """{"kind":"start"}"""u8, 7);
        _partition = New();
    }

    [Fact]
    public void A_notification_becomes_one_event_under_the_keys_partition()
    {
        var work = Uplink(Given.Uplink(EventKind.Notified, uplink => (uplink.Path, uplink.Code, uplink.Payload) = ("/3/0/9", 0x45, ByteString.CopyFromUtf8("95"))));
        var append = Assert.Single(Assert.Single(work.Steps));
        Assert.Equal(("t.events", 0, "e1"), (append.Topic, append.Partition, Given.Text(append.Key)));
        Assert.Equal(
            ["ce_id=0123456789abcdeffedcba9876543210-0", "ce_type=lwm2m.notify", "ce_source=/lwm2m", "ce_specversion=1.0", "content-type=application/json", "mqtt_topic=lwm2m/e1/up/notify"],
            append.Headers!.Select(header => header.Name + "=" + Given.Text(header.Value)));
    }

    [Fact]
    public void A_command_is_recorded_then_handed_over()
    {
        Register();
        var work = Command();
        Assert.Equal(["t.operations", "t.downlink"], work.Steps.Select(step => Assert.Single(step).Topic));
        var record = OperationRecord.Parser.ParseFrom(work.Steps[0][0].Value);
        Assert.Equal((OperationState.Accepted, "c1", "e1\0c1"), (record.State, record.Operation.Command.CommandId, Given.Text(work.Steps[0][0].Key)));
        var operation = DownlinkOperation.Parser.ParseFrom(work.Steps[1][0].Value);
        Assert.Equal((0, 7UL, 1UL), (work.Steps[1][0].Partition, operation.Epoch, operation.RegistrationNumber));
    }

    [Fact]
    public void A_command_seen_again_does_nothing_open_or_closed()
    {
        Register();
        Command();
        Assert.Empty(Command().Steps);
        Uplink(Outcome());
        Assert.Empty(Command().Steps);
    }

    [Fact]
    public void An_outcome_is_told_then_closed_and_a_second_one_only_counted()
    {
        Register();
        Command();
        var work = Uplink(Outcome());
        Assert.Equal(["t.events", "t.operations"], work.Steps.Select(step => Assert.Single(step).Topic));
        Assert.Equal(OperationState.Closed, OperationRecord.Parser.ParseFrom(work.Steps[1][0].Value).State);
        Assert.Empty(Uplink(Outcome()).Steps);
    }

    [Fact]
    public void A_refusal_goes_through_uplink_and_closes_from_there()
    {
        Register();
        var append = Assert.Single(Assert.Single(Command("""{"msgType":"read"}""").Steps));
        Assert.Equal(("t.uplink", 0), (append.Topic, append.Partition));
        var work = Uplink(UplinkEvent.Parser.ParseFrom(append.Value));
        Assert.Equal(["t.events", "t.operations"], work.Steps.Select(step => step[0].Topic));
        Assert.Empty(Command("""{"msgType":"read"}""").Steps);
    }

    [Fact]
    public void An_unknown_device_is_looked_for_at_the_end_of_the_log()
    {
        Assert.True(_partition.MustCatchUp(CommandRecord("{}")));
        var refusal = UplinkEvent.Parser.ParseFrom(Command().Steps[0][0].Value);
        Assert.Equal(global::Contracts.Outcome.NotRegistered, refusal.Outcome);
        Register();
        Assert.False(_partition.MustCatchUp(CommandRecord("{}")));
        Register(2, "gone");
        Assert.True(_partition.MustCatchUp(CommandRecord("{}")));
    }

    [Fact]
    public void A_command_on_a_foreign_partition_is_written_to_its_own_under_an_id_of_its_place()
    {
        using var other = new TranslatorPartition(0, 4, Topics, () => _rules, _slots, Given.Telemetry, new OperationLimits());
        var key = Enumerable.Range(0, 100).Select(i => $"dev{i}").First(name => KeyPartitioner.PartitionOf(name, 4) == 3);
        var record = Given.Record(Topics.Commands, key, Given.Bytes("{}"), 12, 0, new RecordHeader(CommandHeaders.Priority, Given.Bytes("1")));
        Assert.False(other.MustCatchUp(record));
        var moved = Assert.Single(Assert.Single(other.Command(record, Given.Now).Steps));
        Assert.Equal(("t.commands", 3, key, "{}"), (moved.Topic, moved.Partition, Given.Text(moved.Key), Given.Text(moved.Value!)));
        Assert.Equal(["priority=1", "command_id=cmd-0-12"], moved.Headers!.Select(header => header.Name + "=" + Given.Text(header.Value)));

        var named = other.Command(record with { Headers = [new RecordHeader(CommandHeaders.CommandId, Given.Bytes("mine"))] }, Given.Now).Steps[0][0];
        Assert.Equal("mine", Given.Text(Assert.Single(named.Headers!).Value));
    }

    [Fact]
    public void A_command_without_a_device_is_a_dead_letter()
    {
        var append = Assert.Single(Assert.Single(_partition.Command(Given.Record(Topics.Commands, "", Given.Bytes("{}"), 5), Given.Now).Steps));
        Assert.Equal("t.deadletters", append.Topic);
        Assert.Contains(append.Headers!, header => header.Name == DeadLetterHeaders.Origin && Given.Text(header.Value) == "t.commands/0/5");
    }

    [Fact]
    public void Poison_is_a_dead_letter_and_an_outcome_that_cannot_be_shown_still_closes()
    {
        Assert.Equal("t.deadletters", Assert.Single(Assert.Single(_partition.Uplink(Given.Record(Topics.Uplink, "e1", [0xff]), Given.Now).Steps)).Topic);
        Register();
        Command();
        var outcome = Outcome();
        outcome.Command.ResponseTopic = "";
        outcome.Client.Clientid = outcome.Endpoint;
        _rules = Given.With(lwm2m => lwm2m with { Mountpoint = "a+/" });
        Assert.Equal(["t.deadletters", "t.operations"], Uplink(outcome).Steps.Select(step => step[0].Topic));
        Assert.Equal(0, _partition.Book.OpenCount);
    }

    [Fact]
    public void A_registration_starts_its_observations_once()
    {
        _rules = Given.With(lwm2m => lwm2m with { AutoObserve = AutoObserve.Of(["/3/0", "/3303/0"]) });
        Register();
        var registered = Given.Uplink(EventKind.Registered, uplink => uplink.Registration = new RegistrationInfo { ObjectList = { "/3/0", "/3303/0" } });
        var work = Uplink(registered);
        Assert.Equal(["t.events", "t.operations,t.operations", "t.downlink,t.downlink"], work.Steps.Select(step => string.Join(',', step.Select(append => append.Topic))));
        Assert.Equal(["t.events"], Uplink(registered).Steps.Select(step => step[0].Topic));
    }

    [Fact]
    public void Observations_of_a_registration_that_is_not_yet_known_wait_for_its_record()
    {
        _rules = Given.With(lwm2m => lwm2m with { AutoObserve = AutoObserve.Of(["/3/0"]) });
        Register(id: "older");
        var work = Uplink(Given.Uplink(EventKind.Registered, uplink => uplink.Registration = new RegistrationInfo { ObjectList = { "/3/0" } }));
        Assert.Equal(["t.events", "t.operations"], work.Steps.Select(step => step[0].Topic));
        Assert.Equal("t.downlink", Register(2)!.Steps[0][0].Topic);
    }

    [Fact]
    public void Open_operations_are_handed_again_when_owner_epoch_or_registration_change()
    {
        Register();
        Command();
        Assert.Null(_partition.HandOverAll());
        _slots.Fold("ingress/0"u8, """{"kind":"start"}"""u8, 8);
        Assert.Equal(8UL, Handed(_partition.HandOverAll()!).Epoch);
        Assert.Equal(2UL, Handed(Register(2)!).RegistrationNumber);
        Assert.Null(Register(2));
        Assert.Equal(3, Register(3, slot: 3)!.Steps[0][0].Partition);
        Assert.Null(Register(4, "gone"));
    }

    [Fact]
    public void Nothing_is_handed_over_or_ended_before_the_logs_have_been_read()
    {
        Register();
        Command();
        using var restarted = New(released: false);
        Replay(restarted, Topics.Operations);
        Assert.Null(restarted.FoldRegistration(RegistrationOf(1)));
        Assert.Empty(restarted.Tick(Given.Now + 100_000_000));
        Assert.Equal("c1", Handed(restarted.Release()!).Command.CommandId);
    }

    [Fact]
    public void A_restart_between_event_and_close_tells_the_same_event_again_and_a_restart_after_it_does_not()
    {
        Register();
        Command();
        using var between = New();
        Replay(between, Topics.Operations);
        var first = Uplink(Outcome());
        Assert.Equal(first.Steps[0][0].Value, between.Uplink(Record(Outcome()), Given.Now).Steps[0][0].Value);

        using var after = New();
        Replay(after, Topics.Operations);
        Assert.Empty(after.Uplink(Record(Outcome()), Given.Now).Steps);
    }

    [Fact]
    public void What_nobody_ended_is_ended_through_uplink_and_what_is_closed_is_forgotten()
    {
        Register();
        Command();
        var late = Given.Now + 7_200_000 + 93_000;
        var append = Assert.Single(Assert.Single(Assert.Single(_partition.Tick(late)).Steps));
        var outcome = UplinkEvent.Parser.ParseFrom(append.Value);
        Assert.Equal(("t.uplink", global::Contracts.Outcome.Unknown, "c1"), (append.Topic, outcome.Outcome, outcome.Command.CommandId));
        Assert.Empty(_partition.Tick(late));
        _partition.Uplink(Record(outcome), late);
        var tombstone = Assert.Single(Assert.Single(Assert.Single(_partition.Tick(late + 86_400_000)).Steps));
        Assert.Equal(("t.operations", "e1\0c1"), (tombstone.Topic, Given.Text(tombstone.Key)));
        Assert.Null(tombstone.Value);
    }

    [Fact]
    public void Too_many_open_commands_end_with_queue_full()
    {
        using var small = New(new OperationLimits { MaxOpen = 0 });
        small.FoldRegistration(RegistrationOf(1));
        var refusal = UplinkEvent.Parser.ParseFrom(Assert.Single(Assert.Single(small.Command(CommandRecord(Read), Given.Now).Steps)).Value);
        Assert.Equal(global::Contracts.Outcome.QueueFull, refusal.Outcome);
    }

    [Fact]
    public void Records_that_cannot_be_read_change_nothing()
    {
        _partition.FoldOperation(Given.Record(Topics.Operations, "e1\0c", [0xff]));
        _partition.FoldOperation(Given.Record(Topics.Operations, "e1", [1]));
        Assert.Null(_partition.FoldRegistration(Given.Record(Topics.Registrations, "e1", [0xff])));
        Assert.Equal((0, 0), (_partition.Book.OpenCount, _partition.Registrations.Count));
    }

    private const string Read = """{"reqID":1,"msgType":"read","data":{"path":"/3/0/0"}}""";

    private TranslatorPartition New(OperationLimits? limits = null, bool released = true)
    {
        var partition = new TranslatorPartition(0, 1, Topics, () => _rules, _slots, Given.Telemetry, limits ?? new OperationLimits());
        if (released)
        {
            partition.Release();
        }

        return partition;
    }

    private void Replay(TranslatorPartition partition, string topic)
    {
        foreach (var append in _written.Where(append => append.Topic == topic))
        {
            partition.FoldOperation(new LogRecord(topic, append.Partition, _offset++, append.Key, append.Value, [], Given.Now));
        }
    }

    private Work? Register(ulong number = 1, string state = "live", int slot = 0, string id = "r1") =>
        Written(_partition.FoldRegistration(RegistrationOf(number, state, slot, id)));

    private LogRecord RegistrationOf(ulong number, string state = "live", int slot = 0, string id = "r1") =>
        Given.Record(Topics.Registrations, "e1", Given.Registration(number, state, slot: slot, id: id).ToJson(), _offset++);

    private Work Command(string json = Read) => Written(_partition.Command(CommandRecord(json), Given.Now))!;

    private LogRecord CommandRecord(string json) =>
        Given.Record(Topics.Commands, "e1", Given.Bytes(json), _offset++, 0, new RecordHeader(CommandHeaders.CommandId, Given.Bytes("c1")));

    private Work Uplink(UplinkEvent uplink) => Written(_partition.Uplink(Record(uplink), Given.Now))!;

    private LogRecord Record(UplinkEvent uplink) => Given.Record(Topics.Uplink, uplink.Endpoint, uplink.ToByteArray(), _offset++);

    private static UplinkEvent Outcome() => Given.Answer(Read, 0x45, 0, "41");

    private Work? Written(Work? work)
    {
        _written.AddRange(work?.Steps.SelectMany(step => step) ?? []);
        return work;
    }

    private static DownlinkOperation Handed(Work work)
    {
        var append = Assert.Single(Assert.Single(work.Steps));
        Assert.Equal("t.downlink", append.Topic);
        return DownlinkOperation.Parser.ParseFrom(append.Value);
    }
}
