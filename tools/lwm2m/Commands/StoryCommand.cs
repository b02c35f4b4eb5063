using System.CommandLine;
using Microsoft.Extensions.Logging.Abstractions;
using Tools.Captures;
using Tools.Decoding;
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

    public static Command Create()
    {
        FromCapture.AcceptExistingOnly();
        var command = new Command("story", """
            Tell the life of one device from the recorded uplink events, and from its datagrams where they were recorded (`ingress.capture`).

            Example:
              lwm2m story meter-17 -k localhost:9092 --since 12h

            Exit code: 0 there is one, 1 nothing is known of the device, 2 nothing could be read.
            """)
        {
            Endpoint, Silence, EventsOnly, FromCapture,
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
        var told = 0;
        await foreach (var happening in Happening.ReadAsync(source, Datagrams(arguments, rules), cancellation))
        {
            foreach (var line in happening.Event is { } happened ? story.Tell(happened) : story.Tell(happening.Datagram!))
                Console.WriteLine(line);
            told++;
        }

        if (told == 0)
            Console.Error.WriteLine("Nothing is known of it in that time.");
        return told > 0 ? 0 : Nothing;
    }

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
