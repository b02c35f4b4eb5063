using System.CommandLine;
using System.Text.Json;
using Tools.Fleet;

namespace Tools.Commands;

/// <summary><c>lwm2m ingress drain</c>: empties a slot before it is taken out of the fleet.</summary>
static class IngressCommand
{
    const int NotDone = 1;

    static readonly JsonSerializerOptions Json = new() { PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower };

    static readonly Option<int?> Slot = new("--slot", "-s") { Description = "Which slot (`ingress.slot`, or the number at the end of the pod's name). Without: that of POD_NAME." };
    static readonly Option<bool> WhenScaledIn = new("--when-scaled-in")
    {
        Description = "For the preStop hook of a pod (POD_NAME): do nothing where the pod comes back under its number, drain where its StatefulSet wants fewer.",
    };

    static readonly Option<bool> Undo = new("--undo") { Description = "Take the wish back: the slot keeps what it has, and is ready again." };
    static readonly Option<bool> Wait = new("--wait") { Description = "Look on until the slot is empty." };
    static readonly Option<string> Within = Duration.Option("--timeout", "How long to wait at most.", "10m");
    static readonly Option<bool> AsJson = new("--json") { Description = "Say at the end how things stand as one line of JSON, and nothing else." };
    static readonly RuleSwitches Switches = new("Configuration file of the gateway, for its section kafka; may be given several times.");

    public static Command Create()
    {
        SimulateCommand.AtLeast(Slot, 0);
        var drain = new Command(
            "drain",
            """
            Hand the sessions of a slot over to the others. Its /readyz turns red, whoever comes is served.

            Examples:
              lwm2m ingress drain -k localhost:9092 --slot 2 --wait
              lwm2m ingress drain -k localhost:9092 --slot 2 --undo
              lwm2m ingress drain --when-scaled-in --wait --timeout 5m --config gateway.conf

            Exit code: 0 the wish is written and, with --wait, the slot is empty, 1 something is in the way, 2 Kafka is not to be reached.
            """)
        {
            Slot, WhenScaledIn, Undo, Wait, Within, AsJson, KafkaSwitches.Servers, KafkaSwitches.Prefix,
        };
        Switches.AddTo(drain);
        drain.SetAction(RunAsync);
        return new Command("ingress", """
            The replicas of Ingress as a fleet.

            Example:
              lwm2m ingress drain -k localhost:9092 --slot 2 --wait
            """)
        {
            drain,
        };
    }

    static async Task<int> RunAsync(ParseResult arguments, CancellationToken cancellation)
    {
        var json = arguments.GetValue(AsJson);
        var isNamed = ScaleIn.TryParse(Environment.GetEnvironmentVariable("POD_NAME"), out var set, out var ordinal);
        if (!isNamed && (arguments.GetValue(Slot) is null || arguments.GetValue(WhenScaledIn)))
            throw new IOException("No slot is named: --slot N, or POD_NAME with a number at its end.");
        if (arguments.GetValue(WhenScaledIn) && !await IsScaledInAsync(set, ordinal, cancellation))
        {
            if (!json)
                Console.WriteLine($"{set}-{ordinal} comes back: slot {ordinal} keeps what it has");
            return 0;
        }

        using var run = new DrainRun(KafkaSwitches.Connect(arguments, Switches.Configuration(arguments).Kafka), arguments.GetValue(Slot) ?? ordinal, line =>
        {
            if (!json)
                Console.WriteLine(line);
        });
        var waits = arguments.GetValue(Wait);
        var report = arguments.GetValue(Undo)
            ? await run.UndoAsync(cancellation)
            : await run.DrainAsync(waits ? Duration.Get(arguments, Within) : null, cancellation);
        if (json)
            Console.WriteLine(JsonSerializer.Serialize(report, Json));
        else
            Say(report, waits);
        return report.Problem is null ? 0 : NotDone;
    }

    static async Task<bool> IsScaledInAsync(string set, int ordinal, CancellationToken cancellation)
    {
        using var scaleIn = ScaleIn.OfThisPod();
        return await scaleIn.ConcernsAsync(set, ordinal, cancellation);
    }

    static void Say(DrainReport report, bool waits)
    {
        if (report.Problem is { } problem)
            Console.Error.WriteLine(problem);
        else if (report.Wish == "none")
            Console.WriteLine($"slot {report.Slot} is not to be drained any more");
        else if (waits)
            Console.WriteLine($"slot {report.Slot} is empty");
        else
            Console.WriteLine($"slot {report.Slot} is to hand {report.Registrations} registrations over to {string.Join(", ", report.Others)}");
    }
}
