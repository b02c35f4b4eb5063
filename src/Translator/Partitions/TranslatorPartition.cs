using System.Diagnostics;
using System.Reactive.Subjects;
using System.Text;
using Contracts;
using Google.Protobuf;
using Hosting.Traces;
using Messaging;
using Translator.Downlink;
using Translator.Operations;
using Translator.Uplink;

namespace Translator.Partitions;

/// <summary>
/// All that the Translator decides for one partition number: what records of uplink and commands lead to, which operations are open, where they
/// go. It reads no clock and does no I/O: what it is told comes in as calls, what is to be written goes out as <see cref="Work"/>. One caller at
/// a time.
/// </summary>
public sealed class TranslatorPartition : IDisposable
{
    private const int MostPerTick = 500;

    private readonly int _partition;
    private readonly int _partitions;
    private readonly Topics _topics;
    private readonly SlotDirectory _slots;
    private readonly OperationBook _book;
    private readonly RegistrationDirectory _registrations = new();
    private readonly Subject<LogRecord> _uplink = new();
    private readonly Subject<LogRecord> _commands = new();
    private readonly TranslatorTelemetry _telemetry;
    private bool _released;
    private Staged<Translation>? _translated;
    private Staged<JudgedCommand>? _judged;
    private long _nowMs;

    /// <param name="partitions">Number of partitions of the topics keyed by endpoint.</param>
    /// <param name="rules">The rules in force.</param>
    /// <param name="slots">Shared by all partitions.</param>
    public TranslatorPartition(
        int partition,
        int partitions,
        Topics topics,
        Func<TranslationRules> rules,
        SlotDirectory slots,
        TranslatorTelemetry telemetry,
        OperationLimits limits)
    {
        (_partition, _partitions, _topics, _slots, _telemetry) = (partition, partitions, topics, slots, telemetry);
        _book = new OperationBook(limits);
        var sight = new CommandSight(_registrations.Find, _book.StandingOf, partitions);
        _uplink
            .Translate((endpoint, id) => _book.StandingOf(endpoint, id) == OperationStanding.Closed, rules)
            .Subscribe(item => _translated = item);
        _commands.Judge(sight, rules, () => _nowMs).Subscribe(item => _judged = item);
    }

    public OperationBook Book => _book;

    public RegistrationDirectory Registrations => _registrations;

    /// <summary>A record of uplink.</summary>
    public Work Uplink(LogRecord record, long nowMs)
    {
        (_nowMs, _translated) = (nowMs, null);
        _uplink.OnNext(record);
        return Publish(_translated ?? throw NoEnd());
    }

    /// <summary>A record of commands. Where <see cref="MustCatchUp"/>, only after registrations have been read to the end as of now.</summary>
    public Work Command(LogRecord record, long nowMs)
    {
        (_nowMs, _judged) = (nowMs, null);
        _commands.OnNext(record);
        return Carry(_judged ?? throw NoEnd());
    }

    /// <summary>True where the answer would be "not registered", which may be said at the end of the log only.</summary>
    public bool MustCatchUp(LogRecord record)
    {
        return KeyPartitioner.PartitionOf(record.Key, _partitions) == _partition
            && _registrations.Find(Encoding.UTF8.GetString(record.Key)) is not { IsLive: true };
    }

    /// <summary>A record of operations, as read from the log.</summary>
    public void FoldOperation(LogRecord record)
    {
        if (!OperationKey.TryParse(record.Key, out var key))
        {
            _telemetry.CountUnreadable(_topics.Operations);
            return;
        }

        if (record.Value is null)
        {
            _book.Fold(key, null);
            return;
        }

        try
        {
            _book.Fold(key, OperationRecord.Parser.ParseFrom(record.Value));
        }
        catch (InvalidProtocolBufferException)
        {
            _telemetry.CountUnreadable(_topics.Operations);
        }
    }

    /// <summary>A record of registrations, as read from the log. Null where it leads to nothing.</summary>
    public Work? FoldRegistration(LogRecord record)
    {
        RegistrationRecord? registration = null;
        if (record.Value is not null && !RegistrationRecord.TryParse(record.Value, out registration))
        {
            _telemetry.CountUnreadable(_topics.Registrations);
            return null;
        }

        var endpoint = Encoding.UTF8.GetString(record.Key);
        return _registrations.Fold(endpoint, registration) ? WithoutSource(HandOver(endpoint)) : null;
    }

    /// <summary>
    /// The logs have been read to their end: hands over all that is open. Before, nothing is handed over and nothing ends, because the record that
    /// closes it may still come.
    /// </summary>
    public Work? Release()
    {
        _released = true;
        return HandOverAll();
    }

    /// <summary>Hands over all that is open and not yet at the device's owner of now: when a slot has a new epoch.</summary>
    public Work? HandOverAll()
    {
        var appends = new List<LogAppend>();
        foreach (var endpoint in _book.Endpoints.ToList())
        {
            appends.AddRange(HandOver(endpoint));
        }

        return WithoutSource(appends);
    }

    /// <summary>What the passing of time leads to: overdue commands end, closed ones are forgotten. Bounded; call it about every second.</summary>
    public IReadOnlyList<Work> Tick(long nowMs)
    {
        _nowMs = nowMs;
        if (!_released)
        {
            return [];
        }

        var work = new List<Work>();
        foreach (var (operation, outcome) in _book.TakeOverdue(nowMs, MostPerTick))
        {
            var reason = outcome == Outcome.NeverSent ? "the deadline passed" : "no outcome was heard until long after the deadline";
            work.Add(new Work(null, [[End(operation, outcome, reason)]]));
        }

        foreach (var closed in _book.TakeCovered(MostPerTick))
        {
            work.Add(new Work(null, [[OperationAppend(closed)]]));
        }

        foreach (var key in _book.TakeForgotten(nowMs, MostPerTick))
        {
            work.Add(new Work(null, [[new LogAppend(_topics.Operations, _partition, key.ToBytes(), null)]]));
        }

        if (HandOverAll() is { } handed)
        {
            work.Add(handed);
        }

        return work;
    }

    public void Dispose()
    {
        _uplink.Dispose();
        _commands.Dispose();
    }

    // What decides is called behind the streams, not in them: an exception there would end the subscription, and with it every later record.
    private static InvalidOperationException NoEnd() => new("a record has come to no end");

    // Event, then operation closed, then offset; automatic operations like any other before the offset.
    private Work Publish(Staged<Translation> item)
    {
        if (item.Value is not { } translation)
        {
            return Ended(item.Record, item.Ending!);
        }

        var uplink = translation.Event;
        var span = _telemetry.Trail.Continue("translate", ActivityKind.Consumer, uplink.Traceparent, uplink.Endpoint)?.OfRecord(item.Record.Topic, _partition, item.Record.Offset);
        var trace = span?.Id ?? uplink.Traceparent;
        var steps = new List<IReadOnlyList<LogAppend>>(2);
        if (translation.Events.Count > 0)
        {
            steps.Add(EventAppends(translation, item.Record, trace));
        }
        else
        {
            _telemetry.CountSuppressed("publish_condition");
        }

        if (uplink.Kind == EventKind.Outcome)
        {
            Close(uplink, steps);
        }
        else if (uplink.Kind == EventKind.Registered)
        {
            DownlinkOperation[] wanted = [.. AutoObservation.Of(uplink, translation.Rules).Where(IsNew)];
            foreach (var operation in wanted)
            {
                operation.Traceparent = trace;
            }

            Accept(wanted, uplink.RegistrationId, steps);
        }

        _telemetry.CountUplink(uplink.Kind);
        _telemetry.CountFaults(translation.Faults);
        _telemetry.Tell(uplink, item.Record, trace, translation.Events.Count);
        return Work.Of(item.Record, steps, span);
    }

    private LogAppend[] EventAppends(Translation translation, LogRecord record, string trace)
    {
        var appends = new LogAppend[translation.Events.Count];
        for (var i = 0; i < appends.Length; i++)
        {
            var device = translation.Events[i];
            if (device.Topic is null && device.Type != EventTypes.DtlsFailed)
            {
                _telemetry.CountSuppressed("denied");
            }

            appends[i] = EventRecord.Of(device, record, _topics.Events, trace);
        }

        return appends;
    }

    private Work Ended(LogRecord record, Ending ending)
    {
        if (!ending.Poison)
        {
            _telemetry.CountSuppressed(ending.Stage);
            return Work.None(record);
        }

        _telemetry.CountDeadLetter(ending.Stage);
        var kept = EventRecord.DeadLetter(record, ending.Stage, ending.Reason, _topics.DeadLetters);
        var steps = new List<IReadOnlyList<LogAppend>> { new[] { kept } };

        // A command is over also where its outcome cannot be shown.
        if (record.Topic == _topics.Uplink && ending.Stage != "decode")
        {
            var uplink = UplinkEvent.Parser.ParseFrom(record.Value);
            if (uplink.Kind == EventKind.Outcome)
            {
                Close(uplink, steps);
            }
        }

        return new Work(record, steps);
    }

    private void Close(UplinkEvent uplink, List<IReadOnlyList<LogAppend>> steps)
    {
        if (uplink.Command.CommandId.Length > 0
            && _book.Close(uplink.Endpoint, uplink.Command.CommandId, uplink.Outcome, _nowMs) is { } closed)
        {
            _telemetry.CountOutcome(uplink.Outcome);
            steps.Add([OperationAppend(closed)]);
        }
    }

    private Work Carry(Staged<JudgedCommand> item)
    {
        if (item.Value is not { } judged)
        {
            return Ended(item.Record, item.Ending!);
        }

        var steps = new List<IReadOnlyList<LogAppend>>(2);
        Activity? span = null;
        switch (judged)
        {
            case { MovedTo: { } partition }:
                _telemetry.CountCommand("moved");
                steps.Add([CommandStages.Moved(item.Record, _topics.Commands, partition)]);
                break;
            case { Verdict.Refusal: { } refusal }:
                _telemetry.CountCommand("refused");
                refusal.Traceparent = _telemetry.Trace(item.Record, refusal.Endpoint, refusal.Traceparent, $"is refused: {refusal.Outcome} {refusal.Reason}", out span);
                steps.Add([Tell(refusal)]);
                break;
            case { Verdict.Operation: { } operation }:
                _telemetry.CountCommand("accepted");
                operation.Traceparent = _telemetry.Trace(item.Record, operation.Endpoint, operation.Traceparent, "is accepted", out span);
                Accept([operation], null, steps);
                break;
        }

        return Work.Of(item.Record, steps, span);
    }

    // Recorded first, then handed over. A registration newer than the one that asks is waited for: its record leads to the hand-over.
    private void Accept(DownlinkOperation[] operations, string? registrationId, List<IReadOnlyList<LogAppend>> steps)
    {
        var records = new List<LogAppend>();
        foreach (var operation in operations)
        {
            operation.AcceptedMs = _nowMs;
            if (_book.Accept(operation, _nowMs) is { } accepted)
            {
                records.Add(OperationAppend(accepted));
            }
            else
            {
                _telemetry.CountBookFull();
                records.Add(End(operation, Outcome.QueueFull, "too many commands are open"));
            }
        }

        if (records.Count == 0)
        {
            return;
        }

        steps.Add(records);
        var endpoint = operations[0].Endpoint;
        if ((registrationId is null || _registrations.Find(endpoint)?.RegistrationId == registrationId)
            && HandOver(endpoint) is { Count: > 0 } handed)
        {
            steps.Add(handed);
        }
    }

    private bool IsNew(DownlinkOperation operation) =>
        _book.StandingOf(operation.Endpoint, operation.Command.CommandId) == OperationStanding.Unknown;

    private IReadOnlyList<LogAppend> HandOver(string endpoint)
    {
        if (!_released || _registrations.Find(endpoint) is not { IsLive: true } registration)
        {
            return [];
        }

        var epoch = Math.Max((ulong)registration.Epoch, _slots.EpochOf(registration.Slot));
        var target = new HandOverTarget(registration.Slot, epoch, registration.Number);
        var operations = _book.HandOver(endpoint, target);
        if (operations.Count == 0)
        {
            return [];
        }

        _telemetry.CountHandedOver(operations.Count);
        var key = Encoding.UTF8.GetBytes(endpoint);
        return [.. operations.Select(operation => new LogAppend(_topics.Downlink, target.Slot, key, operation.ToByteArray()))];
    }

    private LogAppend OperationAppend(OperationRecord record)
    {
        var key = new OperationKey(record.Operation.Endpoint, record.Operation.Command.CommandId);
        return new LogAppend(_topics.Operations, _partition, key.ToBytes(), record.ToByteArray());
    }

    private LogAppend End(DownlinkOperation operation, Outcome outcome, string reason)
    {
        var ended = OwnOutcome.Of(operation.Endpoint, operation.Command, outcome, reason, _registrations.Find(operation.Endpoint), "", _nowMs);
        ended.Traceparent = operation.Traceparent;
        return Tell(ended);
    }

    private LogAppend Tell(UplinkEvent outcome) =>
        new(_topics.Uplink, _partition, Encoding.UTF8.GetBytes(outcome.Endpoint), outcome.ToByteArray());

    private static Work? WithoutSource(IReadOnlyList<LogAppend> appends) => appends.Count > 0 ? new Work(null, [appends]) : null;
}
