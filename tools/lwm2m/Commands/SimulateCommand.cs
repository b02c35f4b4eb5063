using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using Tools.Simulation;

namespace Tools.Commands;

/// <summary><c>lwm2m simulate</c>: devices that live on their own, and one line a second that says how they are.</summary>
static class SimulateCommand
{
    public const int GatewayPort = 5783;

    static readonly TimeSpan StopTimeout = TimeSpan.FromSeconds(5);

    static readonly Option<string> Gateway = ServerAddress.Option("--gateway", "CoAP address of the gateway (UDP).", GatewayPort, "-g");
    static readonly Option<int> Devices = new("--devices", "-n") { Description = "Number of devices.", DefaultValueFactory = _ => 10 };
    static readonly Option<int> Seed = new("--seed") { Description = "The same seed gives the same devices and values.", DefaultValueFactory = _ => 1 };
    static readonly Option<DeviceProfile?> Profile = new("--profile") { Description = "sensor, tracker or light; without it some of each." };
    static readonly Option<string> Prefix = new("--endpoint-prefix") { Description = "How endpoint names begin.", DefaultValueFactory = _ => "sim-" };
    static readonly Option<string> Interval = Duration.Option("--interval", "How often values move.", "5s");
    static readonly Option<string> Lifetime = Duration.Option("--lifetime", "Lifetime of registrations.", "5m");
    static readonly Option<string> Version = new("--lwm2m") { Description = "LwM2M version: 1.0 or 1.1.", DefaultValueFactory = _ => "1.0" };
    static readonly Option<double> Rate = new("--register-rate") { Description = "Registrations per second at the start.", DefaultValueFactory = _ => 200 };
    static readonly Option<bool> NonConfirmable = new("--non") { Description = "Notify with non-confirmable messages." };
    static readonly Option<bool> Separate = new("--separate-responses") { Description = "Acknowledge requests first and answer them later." };
    static readonly Option<string> For = Duration.Option("--for", "Stop after that time.");
    static readonly Option<bool> Verbose = new("--verbose", "-v") { Description = "One line for each thing that happens, but notifications." };

    public static Command Create()
    {
        Version.AcceptOnlyFromAmong("1.0", "1.1");
        AtLeast(Devices, 1);
        Rate.Validators.Add(result => Check(result, result.GetValueOrDefault<double>() > 0, "more than 0"));
        var command = new Command("simulate", "Run simulated LwM2M devices against a gateway until Ctrl-C.")
        {
            Gateway, Devices, Seed, Profile, Prefix, Interval, Lifetime, Version, Rate, NonConfirmable, Separate, For, Verbose,
        };
        command.SetAction(RunAsync);
        return command;
    }

    internal static void AtLeast(Option<int> option, int least) =>
        option.Validators.Add(result => Check(result, result.GetValueOrDefault<int>() >= least, $"at least {least}"));

    internal static void Check(OptionResult result, bool isValid, string wanted)
    {
        if (!isValid)
            result.AddError($"{result.Option.Name} must be {wanted}.");
    }

    static async Task<int> RunAsync(ParseResult arguments, CancellationToken cancellation)
    {
        var settings = new FleetSettings
        {
            Gateway = await ServerAddress.ResolveAsync(ServerAddress.Get(arguments, Gateway, GatewayPort), cancellation),
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
        var verbose = arguments.GetValue(Verbose);
        await using var fleet = SimulatedFleet.Start(settings, happening =>
        {
            if (verbose && happening.Kind != DeviceEventKind.Notified)
                Console.WriteLine(happening);
        });

        using var end = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        if (Duration.Get(arguments, For) is { } duration)
            end.CancelAfter(duration);
        Console.WriteLine($"{settings.Count} devices towards {settings.Gateway}, seed {settings.Seed}; Ctrl-C de-registers them and ends.");
        await ReportAsync(fleet, end.Token);
        await fleet.StopAsync(StopTimeout);
        return fleet.Totals.Registered == 0 ? 0 : 1;
    }

    static async Task ReportAsync(SimulatedFleet fleet, CancellationToken end)
    {
        using var timer = new PeriodicTimer(TimeSpan.FromSeconds(1));
        var before = fleet.Totals;
        try
        {
            while (!fleet.Completion.IsCompleted && await timer.WaitForNextTickAsync(end))
            {
                var totals = fleet.Totals;
                Console.WriteLine(Line(before, totals));
                before = totals;
            }
        }
        catch (OperationCanceledException)
        {
            // Ctrl-C, or the time is over.
        }
    }

    static string Line(FleetTotals before, FleetTotals now) => string.Create(
        CultureInfo.InvariantCulture,
        $"{DateTime.Now:HH:mm:ss}  registered {now.Registered}/{now.Devices}  observed {now.Observations}  "
        + $"notifications {now.Notifications - before.Notifications}/s  updates {now.Updates - before.Updates}/s  "
        + $"commands {now.Commands - before.Commands}/s  "
        + $"datagrams {now.DatagramsSent - before.DatagramsSent}/s out {now.DatagramsReceived - before.DatagramsReceived}/s in  "
        + $"timed out {now.TimedOut}  refused {now.RegistrationsFailed}");
}
