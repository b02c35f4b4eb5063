using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using Microsoft.Extensions.Logging.Abstractions;
using Tools.Captures;
using Tools.Decoding;
using Tools.Output;
using Tools.Replay;
using Tools.Stories;
using Tools.Traffic;

namespace Tools.Commands;

/// <summary><c>lwm2m story</c>: what a device did.</summary>
static class StoryCommand
{
    const int Nothing = 1;

    static readonly Argument<string> Endpoint = new("endpoint") { Description = "Endpoint name." };
    static readonly RuleSwitches Switches = new("Configuration to translate by; the later wins. Without: defaults.", "Folder of object definitions, instead of that of the configuration.");
    static readonly Option<string> Silence = Duration.Option("--silence", "A pause that is worth a line.", "5m");

    static readonly Option<bool> EventsOnly = new("--events-only") { Description = "Without datagrams." };
    static readonly Option<FileInfo> FromCapture = new("--from-capture") { Description = "Datagrams that `pcap export --as capture` has written, instead of those on Kafka." };

    static readonly Option<bool> AsJson = new("--json") { Description = "One JSON line for each thing that happened: `at`, `source` (uplink, capture), `kind`, and the sentences in `told`." };

    public static Command Create()
    {
        FromCapture.AcceptExistingOnly();
        var command = new Command("story", """
            Tell the life of one device from the recorded uplink events, and from its datagrams where they were recorded (`ingress.capture`).

            Examples:
              lwm2m story meter-17 -k localhost:9092 --since 12h
              lwm2m story meter-17 --from-file night.traffic --from-capture night.capture --json

            Exit code: 0 there is one, 1 nothing is known of the device, 2 nothing could be read.
            """)
        {
            Endpoint, Silence, EventsOnly, FromCapture, AsJson,
        };
        Switches.AddTo(command);
        TrafficSwitches.AddTo(command, withEndpoints: false);
        command.SetAction(RunAsync);
        return command;
    }

    static async Task<int> RunAsync(ParseResult arguments, CancellationToken cancellation)
    {
        var rules = Switches.Read(arguments);
        var story = new DeviceStory(rules, new EventSummary(rules.Definitions), Duration.Get(arguments, Silence)!.Value);
        var source = TrafficSwitches.Source(arguments, rules.Configuration.Kafka, arguments.GetRequiredValue(Endpoint));
        // Where the story itself comes on the terminal, it shows how far it is.
        using var bar = Console.IsOutputRedirected ? ProgressBar.OnTerminal("story") : new ProgressBar("story", null);
        var told = 0;
        await foreach (var happening in Happening.ReadAsync(source, Datagrams(arguments, rules), cancellation))
        {
            var lines = happening.Event is { } happened ? story.Tell(happened) : story.Tell(happening.Datagram!);
            if (arguments.GetValue(AsJson))
                Console.WriteLine(Json(happening, lines));
            foreach (var line in arguments.GetValue(AsJson) ? [] : lines)
                Console.WriteLine(line);
            bar.Report(++told, null);
        }

        if (told == 0)
            bar.Say("Nothing is known of it in that time.");
        return told > 0 ? 0 : Nothing;
    }

    internal static string Json(Happening happening, IEnumerable<string> told) => JsonSerializer.Serialize(
        new
        {
            At = Instant.Of(happening.Ns).UtcDateTime.ToString("yyyy-MM-ddTHH:mm:ss.fffffffZ", CultureInfo.InvariantCulture),
            Source = happening.Event is null ? "capture" : "uplink",
            Kind = JsonNamingPolicy.SnakeCaseLower.ConvertName(happening.Event?.Kind.ToString() ?? happening.Datagram!.Direction.ToString()),
            Told = told.Select(line => line.Trim()),
        }, OutputJson.Line);

    // With traffic from a file, datagrams are those of a file too.
    static ICaptureSource? Datagrams(ParseResult arguments, Rules rules)
    {
        var selection = new CaptureSelection
        {
            Endpoints = [new Glob(arguments.GetRequiredValue(Endpoint))],
            From = WindowSwitches.From(arguments, TimeProvider.System.GetUtcNow()),
            To = WindowSwitches.To(arguments),
        };
        if (arguments.GetValue(EventsOnly))
            return null;
        if (arguments.GetValue(FromCapture) is { } file)
            return new FileCapture(file.FullName, selection);
        if (TrafficSwitches.IsFile(arguments))
            return null;
        var connection = KafkaSwitches.Connect(arguments, rules.Configuration.Kafka);
        return KafkaCapture.Exists(connection) ? new KafkaCapture(connection, selection, NullLogger.Instance) : null;
    }
}
