using System.CommandLine;
using System.CommandLine.Parsing;
using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Text.Json;
using Hosting;
using Tools.Output;
using Tools.Simulation;
using Tools.Simulation.Scenarios;

namespace Tools.Commands;

/// <summary><c>lwm2m simulate</c>: devices that live on their own, and one line a second that says how they are.</summary>
static class SimulateCommand
{
    public const int GatewayPort = 5783;

    static readonly TimeSpan StopTimeout = TimeSpan.FromSeconds(5);

    /// <summary>A large fleet takes its time to leave.</summary>
    const double FarewellsPerSecond = 2000;

    static readonly Option<string> Gateway = ServerAddress.Option("--gateway", "CoAP address of the gateway (UDP).", GatewayPort, "-g");
    static readonly Option<int> Devices = new("--devices", "-n") { Description = "Number of devices.", DefaultValueFactory = _ => 10 };
    static readonly Option<int> Seed = new("--seed") { Description = "The same seed gives the same devices and values.", DefaultValueFactory = _ => 1 };
    static readonly Option<DeviceProfile?> Profile = new("--profile") { Description = "sensor, tracker or light; without it some of each." };
    static readonly Option<string> Prefix = new("--endpoint-prefix") { Description = "How endpoint names begin.", DefaultValueFactory = _ => "sim-" };
    static readonly Option<string> Interval = Duration.Option("--interval", "How often values move.", "5s");
    static readonly Option<string> Lifetime = Duration.Option("--lifetime", "Lifetime of registrations.", "5m");
    static readonly Option<string> Version = new("--lwm2m") { Description = "LwM2M version: 1.0, 1.1 or 1.2.", DefaultValueFactory = _ => "1.0" };
    static readonly Option<double> Rate = new("--register-rate") { Description = "Registrations per second at the start.", DefaultValueFactory = _ => 200 };
    static readonly Option<bool> NonConfirmable = new("--non") { Description = "Notify with non-confirmable messages." };
    static readonly Option<bool> Separate = new("--separate-responses") { Description = "Acknowledge requests first and answer them later." };
    static readonly Option<string> For = Duration.Option("--for", "Stop after that time.");
    static readonly Option<bool> Verbose = new("--verbose", "-v") { Description = "One line for each thing that happens, but notifications." };

    static readonly Option<bool> AsJson = new("--json") { Description = "One line of JSON a second, for programs; one in all with --check." };
    static readonly Option<bool> CheckOnly = new("--check") { Description = "Look at the scenario file, say what is wrong with it or how many devices it has, and end." };
    static readonly Argument<FileInfo?> File = new("scenario") { Description = "Scenario file (HOCON or JSON, see docs/simulate.md); without it the switches say what the devices are.", Arity = ArgumentArity.ZeroOrOne };

    public static Command Create()
    {
        Version.AcceptOnlyFromAmong("1.0", "1.1", "1.2");
        AtLeast(Devices, 1);
        MoreThanZero(Rate);
        var command = new Command("simulate", """
            Run simulated LwM2M devices against a gateway until Ctrl-C: some that switches describe, or fleets that a scenario file describes.

            Examples:
              lwm2m simulate --devices 100 --profile sensor
              lwm2m simulate town.conf --gateway 10.0.0.7:5783 --for 1h
              lwm2m simulate town.conf --seed 8 --json > town.jsonl
              lwm2m simulate --check town.conf

            Exit code: 0 all devices have left, 1 some got no answer when they left, 2 wrong use, or the scenario or the gateway's address is no good.
            """)
        {
            File, Gateway, Devices, Seed, Profile, Prefix, Interval, Lifetime, Version, Rate, NonConfirmable, Separate, For, Verbose, AsJson, CheckOnly,
        };
        Option[] ofScenario = [Devices, Profile, Prefix, Interval, Lifetime, Version, Rate, NonConfirmable, Separate];
        command.Validators.Add(result =>
        {
            if (result.GetValue(File) is null)
            {
                if (result.GetValue(CheckOnly))
                    result.AddError("--check needs a scenario file.");
                return;
            }
            foreach (var option in ofScenario.Where(option => result.GetResult(option) is { Implicit: false }))
                result.AddError($"{option.Name} is for the scenario file to say.");
        });
        command.SetAction(RunAsync);
        return command;
    }

    // What is no number has its own error, and cannot be asked for in a validator.
    internal static void AtLeast(Option option, int least) => option.Validators.Add(result =>
        Check(result, result.Tokens is not [var token] || !int.TryParse(token.Value, CultureInfo.InvariantCulture, out var number) || number >= least, $"at least {least}"));

    internal static void MoreThanZero(Option<double> option) => option.Validators.Add(result =>
        Check(result, result.Tokens is not [var token] || !double.TryParse(token.Value, CultureInfo.InvariantCulture, out var number) || number > 0, "more than 0"));

    internal static void Check(OptionResult result, bool isValid, string wanted)
    {
        if (!isValid)
            result.AddError($"{result.Option.Name} must be {wanted}.");
    }

    static async Task<int> RunAsync(ParseResult arguments, CancellationToken cancellation)
    {
        var duration = Duration.Get(arguments, For);
        DevicePlan[] plans;
        int seed;
        if (arguments.GetValue(File) is { } file)
        {
            var scenario = ConfigurationFiles.Read<Scenario>(file.FullName, ScenarioChecks.Problems, out var doubtful);
            foreach (var warning in doubtful)
                Console.Error.WriteLine(warning);
            if (arguments.GetResult(Seed) is { Implicit: false })
                scenario = scenario with { Seed = arguments.GetValue(Seed) };
            (plans, seed) = (ScenarioPlans.Of(scenario), scenario.Seed);
            duration ??= scenario.Duration;
        }
        else
        {
            (plans, seed) = ([.. DevicePlans.Of(Settings(arguments))], arguments.GetValue(Seed));
        }
        if (arguments.GetValue(CheckOnly))
        {
            var last = TimeSpan.FromMilliseconds(plans.Max(plan => plan.StartAt));
            Console.WriteLine(arguments.GetValue(AsJson)
                ? JsonSerializer.Serialize(new { Devices = plans.Length, LastUpAfterSeconds = last.TotalSeconds }, OutputJson.Line)
                : string.Create(CultureInfo.InvariantCulture, $"{plans.Length} devices, the last one comes up after {last:c}"));
            return 0;
        }
        return await RunAsync(arguments, plans, seed, duration, cancellation);
    }

    static FleetSettings Settings(ParseResult arguments) => new()
    {
        Count = arguments.GetValue(Devices),
        Seed = arguments.GetValue(Seed),
        Profile = arguments.GetValue(Profile),
        EndpointPrefix = arguments.GetRequiredValue(Prefix),
        Interval = Duration.Get(arguments, Interval)!.Value,
        Lifetime = Duration.Get(arguments, Lifetime)!.Value,
        Lwm2mVersion = arguments.GetRequiredValue(Version),
        RegistrationsPerSecond = arguments.GetValue(Rate),
        ConfirmableNotifications = !arguments.GetValue(NonConfirmable),
        SeparateResponses = arguments.GetValue(Separate),
    };

    static async Task<int> RunAsync(ParseResult arguments, DevicePlan[] plans, int seed, TimeSpan? duration, CancellationToken cancellation)
    {
        var gateway = await ServerAddress.ResolveAsync(ServerAddress.Get(arguments, Gateway, GatewayPort), cancellation);
        var (verbose, json) = (arguments.GetValue(Verbose), arguments.GetValue(AsJson));
        await using var fleet = SimulatedFleet.Start(gateway, plans, happening =>
        {
            if (verbose && happening.Kind != DeviceEventKind.Notified)
                (json ? Console.Error : Console.Out).WriteLine(happening);
        });

        using var end = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        if (duration is { } time)
            end.CancelAfter(time);
        if (!json)
            Console.WriteLine($"{plans.Length} devices towards {gateway}, seed {seed}; Ctrl-C de-registers them and ends.");
        await ReportAsync(fleet, Writer(json, verbose), end.Token);
        await fleet.StopAsync(StopTimeout + TimeSpan.FromSeconds(plans.Length / FarewellsPerSecond));
        return fleet.Totals.Registered == 0 ? 0 : 1;
    }

    static Action<FleetSummary> Writer(bool json, bool verbose)
    {
        if (json)
            return summary => Console.WriteLine(JsonSerializer.Serialize(summary, OutputJson.Line));
        if (verbose || Console.IsOutputRedirected)
            return summary => Console.WriteLine(summary.ToLine());
        var lines = new LiveLines(Console.Out);
        return summary => lines.Show(summary.ToLines());
    }

    static async Task ReportAsync(SimulatedFleet fleet, Action<FleetSummary> write, CancellationToken end)
    {
        using var timer = new PeriodicTimer(TimeSpan.FromSeconds(1));
        var startedAt = Stopwatch.GetTimestamp();
        var (before, beforeAt) = (fleet.Totals, startedAt);
        try
        {
            while (!fleet.Completion.IsCompleted && await timer.WaitForNextTickAsync(end))
            {
                var (totals, now) = (fleet.Totals, Stopwatch.GetTimestamp());
                write(FleetSummary.Of(
                    DateTimeOffset.Now, Stopwatch.GetElapsedTime(startedAt, now), Stopwatch.GetElapsedTime(beforeAt, now), before, totals));
                (before, beforeAt) = (totals, now);
            }
        }
        catch (OperationCanceledException)
        {
            // Ctrl-C, or the time is over.
        }
    }
}
