using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using Tools.Output;
using Tools.Replay;

namespace Tools.Commands;

/// <summary><c>lwm2m replay</c>: yesterday's traffic through the rules of now.</summary>
static class ReplayCommand
{
    const int MqttPort = 1883;
    const int Faulty = 1;

    static readonly RuleSwitches Switches = new("Configuration to translate by; the later wins. Without: defaults.", "Folder of object definitions, instead of that of the configuration.");
    static readonly Option<string> Speed = new("--speed") { Description = "1 = as recorded, 10 = ten times as fast, max = at once.", DefaultValueFactory = _ => "max" };
    static readonly Option<string> As = new("--as") { Description = "What is written: events, or the traffic itself, for --from-file.", DefaultValueFactory = _ => "events" };
    static readonly Option<FileInfo?> Output = new("--output", "-o") { Description = "Write to this file instead of the standard output." };
    static readonly Option<string?> ToTopics = new("--to-topics") { Description = "Write events to the events topic of this prefix, which must not be the one that is read." };
    static readonly Option<string?> ToMqtt = new("--to-mqtt") { Description = "Publish events on this MQTT broker, HOST:PORT." };
    static readonly Option<string> MqttPrefix = new("--mqtt-prefix") { Description = "What the topics begin with there.", DefaultValueFactory = _ => "replay/" };
    static readonly Option<bool> Force = new("--force") { Description = "Also to the topics that are read, or without a prefix on MQTT. Applications take it for news of devices." };

    static readonly Option<bool> AsJson = new("--json") { Description = "The totals, which go to the error output, as one line of JSON; events are JSON lines anyway." };

    public static Command Create()
    {
        As.AcceptOnlyFromAmong("events", "traffic");
        Speed.Validators.Add(result => SimulateCommand.Check(result, result.GetValueOrDefault<string>() is "max" || SpeedOf(result.GetValueOrDefault<string>()) > 0, "a number above 0, or max"));
        ToMqtt.Validators.Add(result => SimulateCommand.Check(result, result.GetValueOrDefault<string?>() is not { } text || ServerAddress.TryParse(text, MqttPort, out _), "HOST:PORT"));
        var command = new Command("replay", """
            Translate recorded uplink events again, with a configuration and definitions of choice. Joins no consumer group, commits nothing, commands nobody.
            The same traffic, rules and version give the same bytes.

            Examples:
              lwm2m replay -k localhost:9092 --since 2h -e 'meter-*'
              lwm2m replay -k localhost:9092 --from 2026-11-22T03:00:00Z --to 2026-11-22T04:00:00Z -c new.conf --xml ./lwm2m_xml -o night.jsonl
              lwm2m replay -k localhost:9092 --since 10m -e dev-1 --speed 1 --to-mqtt localhost:1883 --mqtt-prefix replay/

            Exit code: 0 all was translated, 1 something was not, 2 nothing could be read or written.
            """)
        {
            Speed, As, Output, ToTopics, ToMqtt, MqttPrefix, Force, AsJson,
        };
        Switches.AddTo(command);
        TrafficSwitches.AddTo(command);
        command.SetAction(RunAsync);
        return command;
    }

    // Null: at once.
    static double? SpeedOf(string? text) => double.TryParse(text, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var number) ? number : null;

    static async Task<int> RunAsync(ParseResult arguments, CancellationToken cancellation)
    {
        var rules = Switches.Read(arguments);
        using var bar = ProgressBar.OnTerminal("replay");
        var source = TrafficSwitches.Source(arguments, rules.Configuration.Kafka, bar);
        await using var sink = await SinkAsync(arguments, rules, cancellation);
        var run = new ReplayRun(source, rules, new Pace(SpeedOf(arguments.GetValue(Speed)), TimeProvider.System), sink, bar.Say);
        var totals = await run.RunAsync(cancellation);
        bar.Say(arguments.GetValue(AsJson) ? JsonSerializer.Serialize(totals, OutputJson.Line) : totals.ToString());
        return totals.Untranslatable + totals.Unreadable == 0 ? 0 : Faulty;
    }

    static async Task<IEventSink> SinkAsync(ParseResult arguments, Rules rules, CancellationToken cancellation)
    {
        var isForced = arguments.GetValue(Force);
        if (arguments.GetValue(ToTopics) is { } prefix)
        {
            var connection = KafkaSwitches.Connect(arguments, rules.Configuration.Kafka);
            return prefix != connection.Options.TopicPrefix || isForced
                ? await TopicSink.OpenAsync(connection, prefix, cancellation)
                : throw new IOException($"{prefix} is what is being read: events of devices would come twice. --force does it all the same.");
        }

        if (arguments.GetValue(ToMqtt) is { } broker && ServerAddress.TryParse(broker, MqttPort, out var address))
        {
            var before = arguments.GetRequiredValue(MqttPrefix);
            return before.Length > 0 || isForced
                ? await MqttSink.OpenAsync(address, before, cancellation)
                : throw new IOException("Without a prefix applications would take it for news of devices. --force does it all the same.");
        }

        var output = arguments.GetValue(Output) is { } file ? file.Create() : Console.OpenStandardOutput();
        return new LineSink(output, arguments.GetRequiredValue(As) == "traffic");
    }
}
