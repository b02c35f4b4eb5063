using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json;
using Tools.Load;

namespace Tools.Commands;

/// <summary><c>lwm2m load</c>: the macro benchmark.</summary>
static class LoadCommand
{
    const int MqttPort = 1883;
    const int Faulty = 1;

    static readonly JsonSerializerOptions Json = new() { WriteIndented = true, PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower };

    static readonly Option<string> Gateway = ServerAddress.Option("--gateway", "CoAP address of the gateway (UDP).", SimulateCommand.GatewayPort, "-g");
    static readonly Option<int> Devices = new("--devices", "-n") { Description = "Number of devices.", DefaultValueFactory = _ => 1000 };
    static readonly Option<double> Rate = Number("--rate", "Confirmable notifications per second, of all devices together.", 1000);
    static readonly Option<double> UpdateRate = Number("--update-rate", "Updates per second, of all devices together.", 0);
    static readonly Option<double> RegisterRate = Number("--register-rate", "Registrations per second at the start.", 500);
    static readonly Option<string> For = Duration.Option("--duration", "How long to measure.", "20s");
    static readonly Option<string> Warmup = Duration.Option("--warmup", "How long to send before that.", "2s");
    static readonly Option<string> Patience = Duration.Option("--patience", "How long to wait for what is missing.", "30s");
    static readonly Option<int> Commands = new("--commands") { Description = "Number of read commands by MQTT after the notifications." };
    static readonly Option<double> CommandRate = Number("--command-rate", "Commands per second.", 50);
    static readonly Option<bool> Observe = new("--observe") { Description = "Observe each device by an MQTT command, for a gateway without auto_observe." };
    static readonly Option<bool> Keep = new("--keep") { Description = "Do not de-register at the end." };
    static readonly Option<string> Prefix = new("--endpoint-prefix") { Description = "How endpoint names begin.", DefaultValueFactory = _ => "load-" };
    static readonly Option<bool> NoMqtt = new("--no-mqtt") { Description = "Look at acknowledgements only." };
    static readonly Option<string> Mqtt = ServerAddress.Option("--mqtt", "MQTT broker that the gateway publishes to.", MqttPort);
    static readonly Option<string?> Username = new("--mqtt-username") { Description = "MQTT user name." };
    static readonly Option<string?> Password = new("--mqtt-password") { Description = "MQTT password." };
    static readonly Option<bool> MqttTls = new("--mqtt-tls") { Description = "Speak TLS to the broker." };
    static readonly Option<FileInfo> MqttCa = new("--mqtt-ca") { Description = "PEM file of the authorities that the broker is checked against; without: those of the system." };
    static readonly Option<int> Qos = new("--mqtt-qos") { Description = "QoS of the subscription; with 0 the broker may drop.", DefaultValueFactory = _ => 1 };
    static readonly Option<string> Mountpoint = new("--mountpoint")
    {
        Description = "Prefix of a device's MQTT topics, as in the gateway's configuration.",
        DefaultValueFactory = _ => "lwm2m/${endpoint_name}/",
    };

    static readonly Option<KeyValuePair<string, int>[]> Processes = new("--pid")
    {
        Description = "NAME=PID of a process whose CPU time is to be told; may be given several times.",
        CustomParser = ParseProcesses,
    };

    static readonly Option<FileInfo?> Output = new("--json") { Description = "Write the figures to this file." };

    public static Command Create()
    {
        SimulateCommand.AtLeast(Devices, 1);
        RegisterRate.Validators.Add(result => SimulateCommand.Check(result, result.GetValueOrDefault<double>() > 0, "more than 0"));
        CommandRate.Validators.Add(result => SimulateCommand.Check(result, result.GetValueOrDefault<double>() > 0, "more than 0"));
        MqttCa.AcceptExistingOnly();
        Qos.AcceptOnlyFromAmong("0", "1", "2");
        var command = new Command("load", "Measure a gateway: rates, latencies to acknowledgement and to MQTT, loss, CPU. Exit code 1 if anything is amiss.")
        {
            Gateway, Devices, Rate, UpdateRate, RegisterRate, For, Warmup, Patience, Commands, CommandRate, Observe, Keep, Prefix,
            NoMqtt, Mqtt, Username, Password, MqttTls, MqttCa, Qos, Mountpoint, Processes, Output,
        };
        command.Validators.Add(result =>
        {
            if (result.GetValue(NoMqtt) && (result.GetValue(Observe) || result.GetValue(Commands) > 0))
                result.AddError("--observe and --commands need MQTT.");
        });
        command.SetAction(RunAsync);
        return command;
    }

    static Option<double> Number(string name, string description, double usual) => new(name)
    {
        Description = description,
        DefaultValueFactory = _ => usual,
    };

    static KeyValuePair<string, int>[] ParseProcesses(ArgumentResult result)
    {
        var processes = new List<KeyValuePair<string, int>>();
        foreach (var token in result.Tokens)
        {
            var equals = token.Value.IndexOf('=', StringComparison.Ordinal);
            if (int.TryParse(token.Value.AsSpan(equals + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var id))
                processes.Add(new(equals > 0 ? token.Value[..equals] : token.Value, id));
            else
                result.AddError($"{token.Value} is not NAME=PID.");
        }
        return [.. processes];
    }

    static async Task<int> RunAsync(ParseResult arguments, CancellationToken cancellation)
    {
        var settings = await ReadAsync(arguments, cancellation);
        await using var run = new LoadRun(settings, Console.WriteLine);
        var report = await run.RunAsync(cancellation);
        Console.WriteLine(LoadReportText.Of(report));
        if (arguments.GetValue(Output) is { } file)
            await File.WriteAllTextAsync(file.FullName, JsonSerializer.Serialize(report, Json) + "\n", cancellation);
        return report.Faults.Count == 0 ? 0 : Faulty;
    }

    static async Task<LoadSettings> ReadAsync(ParseResult arguments, CancellationToken cancellation) => new()
    {
        Gateway = await ServerAddress.ResolveAsync(ServerAddress.Get(arguments, Gateway, SimulateCommand.GatewayPort), cancellation),
        Devices = arguments.GetValue(Devices),
        NotificationRate = arguments.GetValue(Rate),
        UpdateRate = arguments.GetValue(UpdateRate),
        RegisterRate = arguments.GetValue(RegisterRate),
        Duration = Duration.Get(arguments, For)!.Value,
        Warmup = Duration.Get(arguments, Warmup)!.Value,
        Patience = Duration.Get(arguments, Patience)!.Value,
        Commands = arguments.GetValue(Commands),
        CommandRate = arguments.GetValue(CommandRate),
        ObserveByCommand = arguments.GetValue(Observe),
        Keep = arguments.GetValue(Keep),
        EndpointPrefix = arguments.GetRequiredValue(Prefix),
        Processes = arguments.GetValue(Processes) ?? [],
        Mqtt = arguments.GetValue(NoMqtt) ? null : new MqttSettings
        {
            Broker = ServerAddress.Get(arguments, Mqtt, MqttPort),
            Username = arguments.GetValue(Username),
            Password = arguments.GetValue(Password),
            Tls = arguments.GetValue(MqttTls),
            Authorities = arguments.GetValue(MqttCa) is { } file ? Authorities(file) : null,
            QualityOfService = arguments.GetValue(Qos),
            Mountpoint = arguments.GetRequiredValue(Mountpoint),
        },
    };

    static X509Certificate2Collection Authorities(FileInfo file)
    {
        var authorities = new X509Certificate2Collection();
        authorities.ImportFromPemFile(file.FullName);
        return authorities;
    }
}
