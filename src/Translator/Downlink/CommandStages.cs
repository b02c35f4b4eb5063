using System.Reactive.Linq;
using System.Text;
using Contracts;
using Messaging;
using Translator.Operations;
using Translator.Partitions;
using Translator.Uplink;

namespace Translator.Downlink;

/// <summary>What the stages of a command may look at.</summary>
/// <param name="Registration">The device's registration, also one that has ended; null where there never was one.</param>
/// <param name="Standing">What is known of a command, by endpoint and command id.</param>
/// <param name="Partitions">Number of partitions of the topics keyed by endpoint.</param>
internal sealed record CommandSight(
    Func<string, RegistrationRecord?> Registration, Func<string, string, OperationStanding> Standing, int Partitions);

/// <summary>What becomes of a record of the commands topic: it lies on the wrong partition, or there is a verdict.</summary>
internal sealed record JudgedCommand(int? MovedTo, CommandVerdict Verdict);

/// <summary>
/// The way from a record of commands to a verdict, as one composition of stages: each record comes out once, in order, on the caller's thread.
/// </summary>
internal static class CommandStages
{
    public static IObservable<Staged<JudgedCommand>> Judge(
        this IObservable<LogRecord> records, CommandSight sight, Func<TranslationRules> rules, Func<long> nowMs) =>
        records.Read(nowMs).DropKnown(sight).Place(sight, rules, nowMs);

    /// <summary>Key and headers; a record that names no device is poison.</summary>
    public static IObservable<Staged<IncomingCommand>> Read(this IObservable<LogRecord> records, Func<long> nowMs) =>
        records.Select(record => new Staged<LogBytes>(record, new LogBytes(record.Value), null)).Then("command", item =>
            CommandReader.Read(item.Record, nowMs()) is { } command
                ? item.On(command)
                : item.End<IncomingCommand>(new Ending("command", "the key is no endpoint name", Poison: true)));

    /// <summary>Ends commands that were accepted or closed before: a repeated id is the same command.</summary>
    public static IObservable<Staged<IncomingCommand>> DropKnown(this IObservable<Staged<IncomingCommand>> commands, CommandSight sight) =>
        commands.Then<IncomingCommand, IncomingCommand>("known", item =>
            sight.Standing(item.Value!.Endpoint, item.Value.CommandId) == OperationStanding.Unknown
                ? item
                : item.End<IncomingCommand>(new Ending("known", "the command was taken before", Poison: false)));

    /// <summary>Sends a record on that lies where its key does not belong, and judges all others.</summary>
    public static IObservable<Staged<JudgedCommand>> Place(
        this IObservable<Staged<IncomingCommand>> commands, CommandSight sight, Func<TranslationRules> rules, Func<long> nowMs) =>
        commands.Then("judge", item =>
        {
            var command = item.Value!;
            var home = KeyPartitioner.PartitionOf(item.Record.Key, sight.Partitions);
            return item.On(home == item.Record.Partition
                ? new JudgedCommand(null, CommandTranslator.Translate(command, sight.Registration(command.Endpoint), rules(), nowMs()))
                : new JudgedCommand(home, default));
        });

    /// <summary>The same record on the partition of its key, under an id that stays the same however often it is moved.</summary>
    public static LogAppend Moved(LogRecord record, string topic, int partition)
    {
        var headers = record.Headers.ToList();
        if (!headers.Exists(header => header.Name == CommandHeaders.CommandId && header.Value.Length > 0))
        {
            headers.RemoveAll(header => header.Name == CommandHeaders.CommandId);
            headers.Add(new RecordHeader(CommandHeaders.CommandId, Encoding.UTF8.GetBytes(CommandReader.IdOf(record.Partition, record.Offset))));
        }

        return new LogAppend(topic, partition, record.Key, record.Value, [.. headers]);
    }
}
