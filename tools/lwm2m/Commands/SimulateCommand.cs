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

    const int SecurePort = 5784;

    static readonly TimeSpan StopTimeout = TimeSpan.FromSeconds(5);

    /// <summary>A large fleet takes its time to leave.</summary>
    const double FarewellsPerSecond = 2000;

    static readonly Option<string> Gateway = ServerAddress.Option("--gateway", "CoAP address of the gateway (UDP).", GatewayPort, "-g");
    static readonly Option<string?> SecureGateway = new("--dtls-gateway") { Description = $"Address of the gateway for devices that speak DTLS. Without: the host of --gateway, port {SecurePort}." };
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
    static readonly Option<string?> MasterKey = new("--master-key") { Description = "The devices speak DTLS; each has a key of its own, made of this one (hex) and its name." };
    static readonly Option<FileInfo?> Credentials = new("--credentials") { Description = "Write what the gateway needs to let the devices in, for its setting credentials.file, and end." };
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
        SecureGateway.Validators.Add(static result =>
        {
            if (result.GetValueOrDefault<string>() is { } text && !ServerAddress.TryParse(text, SecurePort, out _))
                result.AddError($"--dtls-gateway must be an address such as 127.0.0.1:{SecurePort}.");
        });
        MasterKey.Validators.Add(static result => Check(result, result.GetValueOrDefault<string>() is not { } hex || DtlsKeys.IsKey(hex), $"1 to {DtlsKeys.MostKeyBytes} bytes in hex"));
        var command = new Command("simulate", """
            Run simulated LwM2M devices against a gateway until Ctrl-C: some that switches describe, or fleets that a scenario file describes.

            Examples:
              lwm2m simulate --devices 100 --profile sensor
              lwm2m simulate town.conf --gateway 10.0.0.7:5783 --for 1h
              lwm2m simulate town.conf --seed 8 --json > town.jsonl
              lwm2m simulate --check town.conf
              lwm2m simulate rovers.conf --credentials keys.json
              lwm2m simulate rovers.conf --dtls-gateway 10.0.0.7:5784

            Exit code: 0 all devices have left, 1 some got no answer when they left, 2 wrong use, or the scenario or the gateway's address is no good.
            """)
        {
            File, Gateway, SecureGateway, Devices, Seed, Profile, Prefix, Interval, Lifetime, Version, Rate, NonConfirmable, Separate, MasterKey, Credentials, For, Verbose, AsJson, CheckOnly,
        };
        Option[] ofScenario = [Devices, Profile, Prefix, Interval, Lifetime, Version, Rate, NonConfirmable, Separate, MasterKey];
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
        if (arguments.GetValue(Credentials) is { } keys)
        {
            var count = plans.Count(plan => plan.Dtls is not null);
            if (count == 0)
                throw new ConfigurationException(["--credentials: none of the devices speaks DTLS: dtls { master_key = \"0001..\" } in a group, or --master-key"]);
            await WriteAsync(plans, keys.FullName, cancellation);
            Console.WriteLine(arguments.GetValue(AsJson)
                ? JsonSerializer.Serialize(new { Devices = count, File = keys.FullName }, OutputJson.Line)
                : $"credentials of {count} devices are in {keys.FullName}");
            return 0;
        }

        return await RunAsync(arguments, plans, seed, duration, cancellation);
    }

    static async Task WriteAsync(DevicePlan[] plans, string path, CancellationToken cancellation)
    {
        // It holds keys.
        var options = new FileStreamOptions { Mode = FileMode.Create, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows())
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        await using var file = new StreamWriter(path, options);
        await file.WriteLineAsync(GatewayCredentials.Write(plans).AsMemory(), cancellation);
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
        MasterKey = arguments.GetValue(MasterKey) is { } hex ? Convert.FromHexString(hex) : null,
    };

    static async Task<int> RunAsync(ParseResult arguments, DevicePlan[] plans, int seed, TimeSpan? duration, CancellationToken cancellation)
    {
        var address = ServerAddress.Get(arguments, Gateway, GatewayPort);
        var secureAddress = new DnsEndPoint(address.Host, SecurePort);
        if (arguments.GetValue(SecureGateway) is { } text)
            ServerAddress.TryParse(text, SecurePort, out secureAddress);
        var gateway = await ServerAddress.ResolveAsync(address, cancellation);
        var secureGateway = await ServerAddress.ResolveAsync(secureAddress, cancellation);
        var (verbose, json) = (arguments.GetValue(Verbose), arguments.GetValue(AsJson));
        await using var fleet = SimulatedFleet.Start(gateway, secureGateway, plans, happening =>
        {
            if (verbose && happening.Kind != DeviceEventKind.Notified)
                (json ? Console.Error : Console.Out).WriteLine(happening);
        });

        using var end = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        if (duration is { } time)
            end.CancelAfter(time);
        if (!json)
            Console.WriteLine($"{plans.Length} devices towards {TowardsWhere(plans, gateway, secureGateway)}, seed {seed}; Ctrl-C de-registers them and ends.");
        await ReportAsync(fleet, Writer(json, verbose), end.Token);
        await fleet.StopAsync(StopTimeout + TimeSpan.FromSeconds(plans.Length / FarewellsPerSecond));
        return fleet.Totals.Registered == 0 ? 0 : 1;
    }

    static string TowardsWhere(DevicePlan[] plans, IPEndPoint gateway, IPEndPoint secureGateway)
    {
        var secure = plans.Count(plan => plan.Dtls is not null);
        return secure == 0 ? $"{gateway}" : secure == plans.Length ? $"{secureGateway} (DTLS)" : $"{gateway} and {secureGateway} ({secure} with DTLS)";
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
