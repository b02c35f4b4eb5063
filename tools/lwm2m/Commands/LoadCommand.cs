using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json;
using Tools.Load;
using Tools.Output;

namespace Tools.Commands;

/// <summary><c>lwm2m load</c>: the macro benchmark.</summary>
static class LoadCommand
{
    const int MqttPort = 1883;
    const int Faulty = 1;
    const string StandardOutput = "-";

    static readonly Option<string> Gateway = ServerAddress.Option("--gateway", "CoAP address of the gateway (UDP).", SimulateCommand.GatewayPort, "-g");
    static readonly Option<int> Devices = new("--devices", "-n") { Description = "Number of devices.", DefaultValueFactory = _ => 1000 };
    static readonly Option<double> Rate = Number("--rate", "Confirmable notifications per second, of all devices together.", 1000);
    static readonly Option<double> UpdateRate = Number("--update-rate", "Updates per second, of all devices together.", 0);
    static readonly Option<double> RegisterRate = Number("--register-rate", "Registrations per second at the start.", 500);
    static readonly Option<string> For = Duration.Option("--duration", "How long to measure.", "20s");
    static readonly Option<string> Warmup = Duration.Option("--warmup", "How long to send before that, notifications and then commands.", "2s");
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

    static readonly Option<KeyValuePair<string, Uri>[]> Endpoints = new("--metrics")
    {
        Description = "NAME=URL of /metrics of a process whose CPU time, memory and allocation are to be told; may be given several times.",
        CustomParser = ParseEndpoints,
    };

    static readonly Option<bool> Closed = new("--closed") { Description = "Closed loop: each device sends its next notification as soon as the last one is acknowledged." };
    static readonly Option<RampSettings?> Ramp = new("--ramp")
    {
        Description = "FROM:STEP[:MAX] notifications per second: raise the rate until it is not sustained any more, and say which was the last that was.",
        CustomParser = ParseRamp,
    };

    static readonly Option<string> StepTime = Duration.Option("--step-time", "How long each step of the ramp takes; its first quarter is not measured.", "10s");
    static readonly Option<string> Limit = Duration.Option("--ramp-limit", "A step is not sustained where the 99th percentile to the acknowledgement is above that.", "1s");
    static readonly Option<bool> RegistrationOnly = new("--registration-only") { Description = "Registers, and Updates at --update-rate; for servers that observe nothing." };
    static readonly Option<bool> Plain = new("--baseline") { Description = "Measure a plain UDP echo too, and with --kafka a plain Kafka producer, and tell the figures as ratios of them." };
    static readonly Option<string?> Kafka = new("--kafka", "-k") { Description = "Kafka brokers for --baseline, HOST:PORT[,HOST:PORT]; a topic is made and deleted." };
    static readonly Option<FileInfo?> Output = new("--json") { Description = "Write the figures to this file; with - to the standard output, and all else to the error output." };
    static readonly Option<FileInfo?> Picture = new("--svg") { Description = "Draw rate, latency and CPU over time into this file." };

    public static Command Create()
    {
        SimulateCommand.AtLeast(Devices, 1);
        SimulateCommand.MoreThanZero(RegisterRate);
        SimulateCommand.MoreThanZero(CommandRate);
        MqttCa.AcceptExistingOnly();
        Qos.AcceptOnlyFromAmong("0", "1", "2");
        var command = new Command("load", """
            Measure a gateway: rates, latencies to acknowledgement and to MQTT, loss, CPU, memory, allocation. Open loop at a fixed rate, closed loop, or a ramp.

            Examples:
              lwm2m load --rate 2000 --duration 60s --pid ingress=4711 --json run.json --svg run.svg
              lwm2m load --ramp 1000:1000:20000 --step-time 10s --no-mqtt
              lwm2m load --closed --devices 64 --baseline --kafka localhost:9092 --metrics ingress=http://localhost:18084/metrics
              lwm2m load --gateway leshan:5683 --registration-only --devices 10000 --register-rate 2000 --update-rate 500
              lwm2m load compare before.json after.json

            Exit code: 0 all well, 1 something is amiss (lost, out of order, never acknowledged, ...), 2 wrong use, or something cannot be reached.
            """)
        {
            Gateway, Devices, Rate, UpdateRate, RegisterRate, For, Warmup, Patience, Commands, CommandRate, Observe, Keep, Prefix,
            NoMqtt, Mqtt, Username, Password, MqttTls, MqttCa, Qos, Mountpoint, Processes, Endpoints, Closed, Ramp, StepTime, Limit, RegistrationOnly,
            Plain, Kafka, Output, Picture,
        };
        command.Add(LoadCompareCommand.Create());
        command.Validators.Add(result =>
        {
            if (IsGiven(NoMqtt) && (IsGiven(Observe) || IsGiven(Commands)))
                result.AddError("--observe and --commands need MQTT.");
            if (new Option[] { Closed, Ramp, RegistrationOnly }.Count(IsGiven) > 1)
                result.AddError("--closed, --ramp and --registration-only exclude each other.");
            if (IsGiven(Kafka) && !IsGiven(Plain))
                result.AddError("--kafka is for --baseline.");

            // Values that cannot be read have their own error, and cannot be asked for here.
            bool IsGiven(Option option) => result.GetResult(option) is { Implicit: false };
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

    static KeyValuePair<string, Uri>[] ParseEndpoints(ArgumentResult result)
    {
        var endpoints = new List<KeyValuePair<string, Uri>>();
        foreach (var token in result.Tokens)
        {
            var equals = token.Value.IndexOf('=', StringComparison.Ordinal);
            if (equals > 0 && Uri.TryCreate(token.Value[(equals + 1)..], UriKind.Absolute, out var address) && address.Scheme is "http" or "https")
                endpoints.Add(new(token.Value[..equals], address));
            else
                result.AddError($"{token.Value} is not NAME=URL, such as ingress=http://127.0.0.1:18084/metrics.");
        }
        return [.. endpoints];
    }

    static RampSettings? ParseRamp(ArgumentResult result)
    {
        var parts = result.Tokens[0].Value.Split(':');
        var numbers = parts.Select(part => double.TryParse(part, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var number) ? number : 0).ToArray();
        if (numbers.Length is 2 or 3 && Array.TrueForAll(numbers, number => number > 0))
            return new RampSettings { From = numbers[0], Step = numbers[1], Max = numbers.Length == 3 ? numbers[2] : double.PositiveInfinity };
        result.AddError($"{result.Tokens[0].Value} is not FROM:STEP or FROM:STEP:MAX in notifications per second, such as 1000:500:20000.");
        return null;
    }

    static async Task<int> RunAsync(ParseResult arguments, CancellationToken cancellation)
    {
        var settings = await ReadAsync(arguments, cancellation);
        var told = arguments.GetValue(Output)?.ToString() == StandardOutput ? Console.Error : Console.Out;
        var report = await MeasureAsync(settings, arguments, told.WriteLine, cancellation);
        told.WriteLine(LoadReportText.Of(report));
        if (arguments.GetValue(Output) is { } file)
            await WriteAsync(file, JsonSerializer.Serialize(report, OutputJson.Indented) + "\n", cancellation);
        if (arguments.GetValue(Picture) is { } picture)
            await File.WriteAllTextAsync(picture.FullName, SvgPicture.Of(report), cancellation);
        return report.Faults.Count == 0 ? 0 : Faulty;
    }

    static Task WriteAsync(FileInfo file, string text, CancellationToken cancellation) => file.ToString() == StandardOutput
        ? Console.Out.WriteAsync(text.AsMemory(), cancellation)
        : File.WriteAllTextAsync(file.FullName, text, cancellation);

    static async Task<LoadReport> MeasureAsync(LoadSettings settings, ParseResult arguments, Action<string> tell, CancellationToken cancellation)
    {
        if (!arguments.GetValue(Plain))
            return await RunAsync(settings, tell, cancellation);
        var (udp, kafka) = await new BaselineRun(settings, arguments.GetValue(Kafka), tell).RunAsync(cancellation);
        var report = await RunAsync(settings, tell, cancellation);
        return report with { Baseline = BaselineRun.Compare(udp, kafka, report) };
    }

    static async Task<LoadReport> RunAsync(LoadSettings settings, Action<string> tell, CancellationToken cancellation)
    {
        await using var run = new LoadRun(settings, tell);
        return await run.RunAsync(cancellation);
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
        Endpoints = arguments.GetValue(Endpoints) ?? [],
        IsClosed = arguments.GetValue(Closed),
        RegistrationOnly = arguments.GetValue(RegistrationOnly),
        Ramp = arguments.GetValue(Ramp) is { } ramp
            ? ramp with { StepTime = Duration.Get(arguments, StepTime)!.Value, Limit = Duration.Get(arguments, Limit)!.Value }
            : null,
        // Only a broker that somebody has named must be there.
        MqttIsOptional = arguments.GetResult(Mqtt) is null or { Implicit: true } && !arguments.GetValue(Observe) && arguments.GetValue(Commands) == 0,
        Mqtt = arguments.GetValue(NoMqtt) || arguments.GetValue(RegistrationOnly) ? null : new MqttSettings
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
