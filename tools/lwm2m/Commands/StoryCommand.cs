using System.CommandLine;
using Tools.Decoding;
using Tools.Replay;
using Tools.Stories;

namespace Tools.Commands;

/// <summary><c>lwm2m story</c>: what a device did.</summary>
static class StoryCommand
{
    const int Nothing = 1;

    static readonly Argument<string> Endpoint = new("endpoint") { Description = "Endpoint name." };
    static readonly RuleSwitches Switches = new("Configuration to translate by; the later wins. Without: defaults.", "Folder of object definitions, instead of that of the configuration.");
    static readonly Option<string> Silence = Duration.Option("--silence", "A pause that is worth a line.", "5m");

    public static Command Create()
    {
        var command = new Command("story", """
            Tell the life of one device from the recorded uplink events.

            Example:
              lwm2m story meter-17 -k localhost:9092 --since 12h

            Exit code: 0 there is one, 1 nothing is known of the device, 2 nothing could be read.
            """)
        {
            Endpoint, Silence,
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
        await foreach (var (happened, _) in source.ReadAsync(static _ => 0, cancellation))
        {
            foreach (var line in story.Tell(happened))
                Console.WriteLine(line);
            told++;
        }

        if (told == 0)
            Console.Error.WriteLine("Nothing is known of it in that time.");
        return told > 0 ? 0 : Nothing;
    }
}
