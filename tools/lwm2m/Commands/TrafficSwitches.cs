using System.CommandLine;
using Contracts;
using Contracts.Configuration;
using Microsoft.Extensions.Logging.Abstractions;
using Tools.Traffic;

namespace Tools.Commands;

/// <summary>Which traffic: the options that all commands share which look at uplink events again.</summary>
static class TrafficSwitches
{
    static readonly Dictionary<string, EventKind> Kinds = new()
    {
        ["register"] = EventKind.Registered,
        ["update"] = EventKind.Updated,
        ["deregister"] = EventKind.Deregistered,
        ["expired"] = EventKind.Expired,
        ["replaced"] = EventKind.Replaced,
        ["notify"] = EventKind.Notified,
        ["send"] = EventKind.Sent,
        ["ack"] = EventKind.Acknowledged,
        ["response"] = EventKind.Outcome,
    };

    static readonly Option<string[]> Types = new("--type", "-t") { Description = $"Types of events: {string.Join(", ", Kinds.Keys)}; may be given several times. Without: all." };
    static readonly Option<string> Lookback = Duration.Option("--lookback", "How far before that the last Register of a device is looked for.", "24h");
    static readonly Option<FileInfo> FromFile = new("--from-file") { Description = "Traffic that `replay --as traffic` has written, instead of Kafka." };

    public static void AddTo(Command command, bool withEndpoints = true)
    {
        WindowSwitches.AddTo(command, withEndpoints);
        Types.AcceptOnlyFromAmong([.. Kinds.Keys]);
        FromFile.AcceptExistingOnly();
        foreach (var option in new Option[] { Types, Lookback, FromFile })
            command.Options.Add(option);
    }

    /// <summary>Whether the traffic is that of a file, and no Kafka need be there.</summary>
    public static bool IsFile(ParseResult arguments) => arguments.GetValue(FromFile) is not null;

    /// <param name="endpoint">The only one that is wanted, of a command that has no option for them.</param>
    public static ITrafficSource Source(ParseResult arguments, KafkaOptions configured, string? endpoint = null)
    {
        var selection = Selection(arguments, endpoint is null ? WindowSwitches.Endpoints(arguments) : [endpoint], TimeProvider.System.GetUtcNow());
        return arguments.GetValue(FromFile) is { } file
            ? new FileTraffic(file.FullName, selection)
            : new KafkaTraffic(KafkaSwitches.Connect(arguments, configured), selection, NullLogger.Instance);
    }

    static TrafficSelection Selection(ParseResult arguments, IReadOnlyList<string> endpoints, DateTimeOffset now) => new()
    {
        Endpoints = [.. endpoints.Select(text => new Glob(text))],
        Kinds = (arguments.GetValue(Types) ?? []).Select(type => Kinds[type]).ToHashSet(),
        From = WindowSwitches.From(arguments, now),
        To = WindowSwitches.To(arguments),
        Lookback = Duration.Get(arguments, Lookback)!.Value,
    };
}
