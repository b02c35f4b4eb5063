using Contracts;
using Messaging;
using System.Reactive.Linq;

namespace Translator.Uplink;

/// <summary>
/// The way from an uplink record to device events, as one composition of stages. Each record that goes in comes out once, in order, on the
/// caller's thread. What comes out depends on the record, the rules, and which commands the caller says are closed; nothing here has a state.
/// </summary>
public static class UplinkPipeline
{
    /// <param name="records">Records of the uplink topic.</param>
    /// <param name="isClosed">Whether an earlier outcome of the command (endpoint, command id) has been seen.</param>
    /// <param name="rules">The rules in force; asked once per record.</param>
    public static IObservable<Staged<Translation>> Translate(
        this IObservable<LogRecord> records, Func<string, string, bool> isClosed, Func<TranslationRules> rules) =>
        records.Decode().DropClosed(isClosed).Interpret(rules).Shape();

    /// <summary>The events of one uplink event. The same event and rules give the same bytes.</summary>
    public static IReadOnlyList<DeviceEvent> Translate(UplinkEvent uplink, TranslationRules rules) =>
        EventShaper.Shape(Interpreter.Interpret(uplink, rules));

    /// <summary>Bytes to events; what is none is poison.</summary>
    internal static IObservable<Staged<UplinkEvent>> Decode(this IObservable<LogRecord> records) =>
        records.Select(record => new Staged<LogBytes>(record, new LogBytes(record.Value), null)).Then("decode", UplinkDecoding.Decode);

    /// <summary>
    /// Ends outcomes of commands that have had theirs: the first in the log counts. What is a notification as well goes on as one: its device has seen
    /// it acknowledged.
    /// </summary>
    internal static IObservable<Staged<UplinkEvent>> DropClosed(this IObservable<Staged<UplinkEvent>> events, Func<string, string, bool> isClosed) =>
        events.Then<UplinkEvent, UplinkEvent>("closed", item =>
            item.Value is { Kind: EventKind.Outcome, Command: { CommandId.Length: > 0 } command } uplink
            && isClosed(uplink.Endpoint, command.CommandId)
                ? NotificationIn(uplink) is { } notified ? item.On(notified) : item.End<UplinkEvent>(new Ending("closed", "the command has had its outcome", Poison: false))
                : item);

    private static UplinkEvent? NotificationIn(UplinkEvent outcome)
    {
        if ((outcome.NotificationIdHigh | outcome.NotificationIdLow) == 0)
            return null;
        var notified = outcome.Clone();
        (notified.Kind, notified.Outcome) = (EventKind.Notified, Outcome.Unspecified);
        (notified.IdHigh, notified.IdLow) = (outcome.NotificationIdHigh, outcome.NotificationIdLow);
        (notified.NotificationIdHigh, notified.NotificationIdLow) = (0, 0);
        return notified;
    }

    /// <summary>Types the values.</summary>
    internal static IObservable<Staged<Interpretation>> Interpret(this IObservable<Staged<UplinkEvent>> events, Func<TranslationRules> rules) =>
        events.Then("interpret", item => item.On(Interpreter.Interpret(item.Value!, rules())));

    /// <summary>Publish condition, topic, JSON.</summary>
    internal static IObservable<Staged<Translation>> Shape(this IObservable<Staged<Interpretation>> events) =>
        events.Then("shape", item => item.On(new Translation(item.Value!.Event, item.Value.Rules, EventShaper.Shape(item.Value), item.Value.Faults)));
}
