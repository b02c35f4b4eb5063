using System.Diagnostics;
using System.Diagnostics.Metrics;
using Contracts;
using Hosting.Traces;
using Messaging;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Translator.Uplink;

namespace Translator;

/// <summary>Everything that the Translator counts, and what it shows of single messages. Each record that comes in moves one of these.</summary>
public sealed partial class TranslatorTelemetry
{
    public const string MeterName = "lwm2m.translator";

    private static readonly string[] Kinds = Enum.GetNames<EventKind>();
    private static readonly string[] OutcomeNames = Enum.GetNames<Outcome>();

    private readonly Meter _meter;
    private readonly Counter<long> _uplink;
    private readonly Counter<long> _contentFaults;
    private readonly Counter<long> _outcomes;
    private readonly Counter<long> _suppressed;
    private readonly Counter<long> _deadLetters;
    private readonly Counter<long> _commands;
    private readonly Counter<long> _handedOver;
    private readonly Counter<long> _bookFull;
    private readonly Counter<long> _unreadable;
    private readonly Counter<long> _retried;
    private readonly Counter<long> _catchUps;
    private readonly Counter<long> _bugs;
    private readonly Counter<long> _transactions;
    private readonly Counter<long> _traceParentsIgnored;
    private readonly Histogram<double> _translated;
    private readonly Histogram<double> _commandAccepted;
    private readonly ILogger _logger;

    public TranslatorTelemetry(IMeterFactory meters, ILogger<TranslatorTelemetry>? logger = null, Trails? trails = null)
    {
        ArgumentNullException.ThrowIfNull(meters);
        Trail = trails?.Of("translator") ?? Trail.Off;
        _logger = logger ?? NullLogger<TranslatorTelemetry>.Instance;
        _meter = meters.Create(MeterName);
        _uplink = Counter("uplink", "Uplink events that became device events, or nothing by the publish condition.");
        _contentFaults = Counter("content_faults", "Payloads of devices that could not be read, and values that came with a note.");
        _outcomes = Counter("outcomes", "Commands closed.");
        _suppressed = Counter("suppressed", "What is not published: by the publish condition, denied to the device, outcomes of closed commands, commands taken before.");
        _deadLetters = Counter("dead_letters", "Records that cannot be understood.");
        _commands = Counter("commands", "Commands accepted, refused, and moved to the partition of their key.");
        _handedOver = Counter("handed_over", "Operations handed to an Ingress, each hand-over counted.");
        _bookFull = Counter("book_full", "Commands that found too many open ones.");
        _unreadable = Counter("unreadable", "Records of operations and registrations that cannot be read.");
        _retried = Counter("append_retries", "Records that Kafka did not take at once.");
        _catchUps = Counter("catch_ups", "Times that registrations were read to their end before a device was called unknown.");
        _bugs = Counter("bugs", "Exceptions of our own code; the record that caused one is a dead letter, or left out.");
        _transactions = Counter("transactions", "Transactions, where translator.exactly_once is set.");
        _traceParentsIgnored = Counter("traceparents_ignored", "Commands whose traceparent is none.");
        _translated = Duration("translated", "From the record of uplink to Kafka's acknowledgement of all that it led to.");
        _commandAccepted = Duration("command_accepted", "From the record of commands to Kafka's acknowledgement of all that it led to.");
    }

    /// <summary>Spans, and lines of the log for watched endpoints.</summary>
    public Trail Trail { get; }

    public void CountUplink(EventKind kind) => Add(_uplink, "kind", Kinds[(int)kind]);

    public void CountFaults(ContentFaults faults)
    {
        if (faults.Payload)
        {
            Add(_contentFaults, "what", "payload");
        }

        if (faults.Values > 0)
        {
            _contentFaults.Add(faults.Values, new KeyValuePair<string, object?>("what", "value"));
        }
    }

    public void CountOutcome(Outcome outcome) => Add(_outcomes, "outcome", OutcomeNames[(int)outcome]);

    public void CountSuppressed(string why) => Add(_suppressed, "why", why);

    public void CountDeadLetter(string stage) => Add(_deadLetters, "stage", stage);

    public void CountCommand(string verdict) => Add(_commands, "verdict", verdict);

    public void CountHandedOver(int operations) => _handedOver.Add(operations);

    public void CountBookFull() => _bookFull.Add(1);

    public void CountUnreadable(string topic) => Add(_unreadable, "topic", topic);

    public void CountRetry() => _retried.Add(1);

    public void CountCatchUp() => _catchUps.Add(1);

    /// <param name="where">What was being done: few values.</param>
    public void CountBug(string where, Exception bug)
    {
        Add(_bugs, "where", where);
        LogBug(bug, where);
    }

    /// <param name="result">"committed" or "failed".</param>
    public void CountTransaction(string result) => Add(_transactions, "result", result);

    /// <summary>All that a record led to stands on Kafka.</summary>
    /// <param name="isCommand">Of commands, else of uplink.</param>
    /// <param name="ms">Since the record was written; where two clocks are compared the later one may be behind.</param>
    public void CountDone(bool isCommand, long ms) => (isCommand ? _commandAccepted : _translated).Record(Math.Max(0, ms) / 1000.0);

    /// <summary>What is looked at when somebody asks.</summary>
    public void Observe(string name, string description, Func<long> value) =>
        _meter.CreateObservableGauge(name, value, description: description);

    /// <summary>Begins or goes on with the trace of a command that has its verdict.</summary>
    /// <param name="traceParent">What it brought; empty = none that can be read.</param>
    /// <param name="verdict">For whoever watches the device.</param>
    /// <param name="span">Null where it is not traced.</param>
    /// <returns>What the command carries on.</returns>
    internal string Trace(LogRecord record, string endpoint, string traceParent, string verdict, out Activity? span)
    {
        if (traceParent.Length == 0 && record.Headers.Any(header => header.Name == CommandHeaders.TraceParent))
        {
            _traceParentsIgnored.Add(1);
        }

        span = Trail.BeginOrContinue("command", ActivityKind.Consumer, ref traceParent, endpoint)?.OfRecord(record.Topic, record.Partition, record.Offset);
        if (Trail.IsWatched(endpoint))
        {
            Trail.Tell(endpoint, traceParent, $"the command at {record.Offset} of {record.Topic}/{record.Partition} {verdict}");
        }

        return traceParent;
    }

    /// <summary>Tells whoever watches the device what became of an event of it.</summary>
    internal void Tell(UplinkEvent uplink, LogRecord record, string trace, int events)
    {
        if (Trail.IsWatched(uplink.Endpoint))
        {
            Trail.Tell(uplink.Endpoint, trace, $"{uplink.Kind} {uplink.Path} at {record.Offset} of {record.Topic}/{record.Partition} becomes {events} events");
        }
    }

    [LoggerMessage(1, LogLevel.Error, "A defect at {Where}; the record that it showed with is left aside, the others go on")]
    private partial void LogBug(Exception bug, string where);

    private Histogram<double> Duration(string name, string description) => _meter.CreateHistogram<double>(name, "s", description);

    private Counter<long> Counter(string name, string description) => _meter.CreateCounter<long>(name, description: description);

    private static void Add(Counter<long> counter, string tag, string value) =>
        counter.Add(1, new KeyValuePair<string, object?>(tag, value));
}
