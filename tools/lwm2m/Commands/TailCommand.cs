using System.CommandLine;
using System.Globalization;
using System.Text;
using System.Text.Json;
using Contracts;
using Messaging;
using Microsoft.Extensions.Logging.Abstractions;
using Tools.Decoding;
using Tools.Traffic;

namespace Tools.Commands;

/// <summary><c>lwm2m tail</c>: what devices do, as it happens.</summary>
static class TailCommand
{
    const string TypePrefix = "lwm2m.";

    static readonly string[] Known = ["register", "update", "deregister", "expired", "replaced", "notify", "send", "online", "ack", "response", "dtls_failed"];

    static readonly RuleSwitches Switches = new("Configuration that says where Kafka is.", "Folder of object definitions for the names; without: those that the tool carries.");
    static readonly Option<string[]> Endpoints = new("--endpoint", "-e") { Description = "Endpoint names, * and ? as usual; may be given several times. Without: all." };
    static readonly Option<string[]> Types = new("--type", "-t") { Description = $"Types of events: {string.Join(", ", Known)}; may be given several times. Without: all." };
    static readonly Option<string> Since = Duration.Option("--since", "Begin that long ago: 10m. Without: now.");
    static readonly Option<bool> Json = new("--json") { Description = "One JSON line for each event." };
    static readonly Option<bool> Plain = new("--no-color") { Description = "No colours; also with NO_COLOR, and where the output is no terminal." };

    public static Command Create()
    {
        Types.AcceptOnlyFromAmong(Known);
        var command = new Command("tail", """
            Show device events as they come, until Ctrl-C.

            Examples:
              lwm2m tail -k localhost:9092
              lwm2m tail -k localhost:9092 -e 'meter-*' -t notify --since 10m --json

            Exit code: 0 at Ctrl-C, 2 Kafka or its topic is not to be had.
            """)
        {
            KafkaSwitches.Servers, KafkaSwitches.Prefix, Endpoints, Types, Since, Json, Plain,
        };
        Switches.AddTo(command);
        command.SetAction(RunAsync);
        return command;
    }

    static async Task<int> RunAsync(ParseResult arguments, CancellationToken cancellation)
    {
        var connection = KafkaSwitches.Connect(arguments, Switches.Configuration(arguments).Kafka);
        var topic = new Topics(connection.Options.TopicPrefix).Events;
        var globs = (arguments.GetValue(Endpoints) ?? []).Select(text => new Glob(text)).ToList();
        var types = (arguments.GetValue(Types) ?? []).Select(type => TypePrefix + type).ToHashSet();
        var line = LineOf(arguments);
        using var reader = new LogReader(connection, "lwm2m-tail", NullLogger.Instance);
        reader.Start(await PositionsAsync(connection, topic, Duration.Get(arguments, Since)), record =>
        {
            if (record.Value is not null && (types.Count == 0 || types.Contains(Header(record, EventHeaders.Type)))
                && (globs.Count == 0 || globs.Exists(glob => glob.Matches(Encoding.UTF8.GetString(record.Key)))))
                Console.WriteLine(line(record));
        });
        try
        {
            await reader.Completion.WaitAsync(cancellation);
        }
        catch (OperationCanceledException)
        {
            // Ctrl-C.
        }

        return 0;
    }

    static async Task<IReadOnlyList<LogPosition>> PositionsAsync(KafkaConnection connection, string topic, TimeSpan? since)
    {
        using var index = new LogIndex(connection, "lwm2m-tail");
        var partitions = index.Partitions(topic);
        if (partitions == 0)
            throw new IOException($"There is no topic {topic} at {connection.BootstrapServers}.");
        return since is { } back
            ? await index.AtAsync(topic, partitions, (TimeProvider.System.GetUtcNow() - back).ToUnixTimeMilliseconds())
            : [.. Enumerable.Range(0, partitions).Select(partition => new LogPosition(topic, partition, LogPosition.End))];
    }

    static Func<LogRecord, string> LineOf(ParseResult arguments)
    {
        if (arguments.GetValue(Json))
            return JsonLine;
        var summary = new EventSummary(Switches.Definitions(arguments));
        var colours = !arguments.GetValue(Plain) && !Console.IsOutputRedirected && Environment.GetEnvironmentVariable("NO_COLOR") is null;
        return record =>
        {
            var type = Header(record, EventHeaders.Type);
            type = type.StartsWith(TypePrefix, StringComparison.Ordinal) ? type[TypePrefix.Length..] : type;
            var time = DateTimeOffset.FromUnixTimeMilliseconds(record.TimestampMs).ToLocalTime().ToString("HH:mm:ss.fff", CultureInfo.InvariantCulture);
            return $"{time}  {Coloured(PlainText.Of(Encoding.UTF8.GetString(record.Key)), "1", colours)}  {Coloured(type, ColourOf(type), colours)}  {summary.Of(record.Value)}";
        };
    }

    static string JsonLine(LogRecord record) => Encoding.UTF8.GetString(new Replay.ReplayedEvent
    {
        Id = Header(record, EventHeaders.Id),
        Endpoint = Encoding.UTF8.GetString(record.Key),
        Type = Header(record, EventHeaders.Type),
        Time = DateTimeOffset.FromUnixTimeMilliseconds(record.TimestampMs).ToString("yyyy-MM-ddTHH:mm:ss.fffZ", CultureInfo.InvariantCulture),
        Topic = Header(record, EventHeaders.MqttTopic) is { Length: > 0 } topic ? topic : null,
        Qos = Header(record, EventHeaders.MqttQos) is [var digit and >= '0' and <= '2'] ? digit - '0' : 0,
        Retain = Header(record, EventHeaders.MqttRetain) == "1",
        Payload = IsJson(record.Value) ? record.Value : JsonSerializer.SerializeToUtf8Bytes(Encoding.UTF8.GetString(record.Value ?? [])),
    }.ToJson());

    static string Header(LogRecord record, string name) =>
        record.Headers.FirstOrDefault(header => header.Name == name).Value is { } value ? Encoding.UTF8.GetString(value) : "";

    // Anybody may have written to the topic.
    static bool IsJson(byte[]? value)
    {
        try
        {
            var reader = new Utf8JsonReader(value);
            while (reader.Read())
            {
            }

            return true;
        }
        catch (JsonException)
        {
            return false;
        }
    }

    static string Coloured(string text, string colour, bool colours) => colours ? $"\u001b[{colour}m{text}\u001b[0m" : text;

    static string ColourOf(string type) => type switch
    {
        "register" or "online" => "32",
        "deregister" or "expired" or "replaced" or "dtls_failed" => "31",
        "response" or "ack" => "36",
        _ => "0",
    };
}
