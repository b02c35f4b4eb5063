using System.Collections.Concurrent;
using System.Net;
using System.Text.RegularExpressions;
using Pipeline.DeployTests.Compose;

namespace Pipeline.DeployTests.Stack;

using Map = Dictionary<object, object>;

/// <summary>
/// The services of deploy/docker/compose.yaml as processes, in the order and with the commands, environments, files, and health checks that it says, on its
/// own ports and under its own names: the script tests/stack gives them a network with nothing but a loopback. What differs: programs of this machine take the
/// place of images, and the files of a container lie in a folder.
/// </summary>
public sealed partial class ComposeProcesses : IAsyncLifetime
{
    // They show what others measure.
    static readonly string[] LeftOut = ["grafana", "kafka-ui"];

    static readonly TimeSpan Patience = TimeSpan.FromMinutes(3);
    static readonly TimeSpan LookEvery = TimeSpan.FromSeconds(1);

    // Set by the script; outside of it the ports would be those of the machine.
    static readonly string? Given = Environment.GetEnvironmentVariable("STACK_FOLDER");
    static readonly string? Kafka = Environment.GetEnvironmentVariable("STACK_KAFKA");

    readonly string _folder = Given ?? "";
    readonly ConcurrentDictionary<string, Task> _healthy = new();
    readonly ConcurrentDictionary<string, Lazy<Task<StackProcess>>> _processes = new();

    internal PrometheusApi Prometheus { get; } = new(new Uri("http://prometheus:9090"));

    internal static void SkipUnlessThere() => Assert.SkipWhen(Given is null || Kafka is null, "tests/stack runs it");

    public async ValueTask InitializeAsync()
    {
        if (Given is null || Kafka is null)
            return;
        var names = ComposeFile.Services.Keys.Cast<string>().Except(LeftOut).ToList();
        await File.WriteAllTextAsync("/etc/hosts", $"127.0.0.1 localhost {Dns.GetHostName()} {string.Join(' ', names)}\n");
        await Task.WhenAll(names.Select(StartAsync));
        await Task.WhenAll(names.Where(name => ComposeFile.Service(name).ContainsKey("healthcheck")).Select(HealthyAsync));
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var process in _processes.Values.Where(process => process.Value.IsCompletedSuccessfully))
            await (await process.Value).DisposeAsync();
    }

    /// <summary>What was said by who may have to do with it.</summary>
    internal async Task<string> LogsAsync(params string[] names) =>
        string.Join('\n', await Task.WhenAll(names.Select(async name => (await StartAsync(name)).Log)));

    /// <exception cref="TimeoutException">It has not come to hold.</exception>
    internal static async Task AwaitAsync(Func<Task<bool>> holds, Func<Task<string>> otherwise, TimeSpan? within = null)
    {
        var until = DateTime.UtcNow + (within ?? Patience);
        while (!await holds())
        {
            if (DateTime.UtcNow > until)
                throw new TimeoutException(await otherwise());
            await Task.Delay(LookEvery, TestContext.Current.CancellationToken);
        }
    }

    // Once, and when those that it waits for are as far as it says.
    Task<StackProcess> StartAsync(string name) => _processes.GetOrAdd(name, _ => new(async () =>
    {
        var service = ComposeFile.Service(name);
        foreach (var (other, how) in service.Member("depends_on"))
        {
            await (((string)((Map)how)["condition"]) switch
            {
                "service_healthy" => HealthyAsync((string)other),
                "service_completed_successfully" => DoneAsync((string)other),
                _ => StartAsync((string)other),
            });
        }

        foreach (var config in service.List("configs").Cast<Map>())
            await WriteAsync((Map)ComposeFile.Configs[config["source"]], (string)config["target"]);
        return new StackProcess(name, _folder, await CommandAsync(name, service), Variables(service));
    })).Value;

    async Task DoneAsync(string name)
    {
        var process = await StartAsync(name);
        await AwaitAsync(() => Task.FromResult(process.ExitCode is not null), () => Task.FromResult(process.Log));
        Assert.True(process.ExitCode == 0, process.Log);
    }

    Task HealthyAsync(string name) => _healthy.GetOrAdd(name, async _ =>
    {
        var process = await StartAsync(name);
        var test = ComposeFile.Service(name).Member("healthcheck").List("test").Select(ComposeFile.Resolved).ToList();
        var command = test switch
        {
            ["CMD", "/app/lwm2m", .. var arguments] => [.. Own("lwm2m"), .. arguments],
            ["CMD-SHELL", var line] => ["bash", "-c", KafkaTool().Replace(line, $"'{Kafka}' tool org.apache.kafka.tools.BrokerApiVersionsCommand")],
            ["CMD", .. var others] => others,
            _ => throw new InvalidOperationException($"{name}: how is it asked whether it is healthy?"),
        };
        await AwaitAsync(
            async () => process.ExitCode is null ? (await Tool.RunAsync(command[0], command.Skip(1))).Code == 0 : throw new InvalidOperationException($"it has ended\n{process.Log}"),
            () => Task.FromResult($"not healthy\n{process.Log}"));
    });

    async Task<IReadOnlyList<string>> CommandAsync(string name, Map service)
    {
        var arguments = service.List("command").Select(ComposeFile.Resolved);
        var image = ((string)service["image"]).Split(':')[0];
        return image switch
        {
            "apache/kafka" => await KafkaAsync(Variables(service)),
            "eclipse-mosquitto" => ["mosquitto", "-c", Inside("/mosquitto/config/mosquitto.conf")],
            "prom/prometheus" => ["prometheus", $"--config.file={Inside("/etc/prometheus/prometheus.yml")}", $"--storage.tsdb.path={Inside("/prometheus")}"],
            _ when image.StartsWith("lwm2m-", StringComparison.Ordinal) => [.. Own(ProjectOf(image)), .. arguments],
            _ => throw new InvalidOperationException($"{name}: what stands for the image {image}?"),
        };
    }

    // A service without a build of its own has the image of one that says how it is built.
    static string ProjectOf(string image) => ComposeFile.Services.Values.Cast<Map>()
        .Where(service => service.ContainsKey("build") && ((string)service["image"]).StartsWith(image + ":", StringComparison.Ordinal))
        .Select(service => (string)service.Member("build").Member("args")["SERVICE"]).First();

    static string[] Own(string project)
    {
        var configuration = new DirectoryInfo(AppContext.BaseDirectory.TrimEnd(Path.DirectorySeparatorChar)).Name;
        return ["dotnet", Path.Combine(Repository.Root, "artifacts", "bin", project, configuration, project + ".dll")];
    }

    // As its image does: KAFKA_LOG_DIRS is log.dirs of server.properties.
    async Task<IReadOnlyList<string>> KafkaAsync(Dictionary<string, string> environment)
    {
        var properties = Path.Combine(_folder, "kafka.properties");
        await File.WriteAllLinesAsync(properties, environment.Select(pair =>
            $"{pair.Key["KAFKA_".Length..].ToLowerInvariant().Replace('_', '.')}={(pair.Key == "KAFKA_LOG_DIRS" ? Inside(pair.Value) : pair.Value)}"));
        var shared = Path.GetDirectoryName(Kafka)!;
        string[] java = ["java", "-Xmx384m", $"-Dlog4j2.configurationFile={Path.Combine(shared, "log4j2.properties")}", "-cp", Path.Combine(shared, "libs", "*")];
        _ = (await Tool.RunAsync(java[0], [.. java[1..], "kafka.tools.StorageTool", "format", "--cluster-id", "5L6g3nShT-eMCtK--X86sw", "--config", properties])).Success;
        return [.. java, "kafka.Kafka", properties];
    }

    async Task WriteAsync(Map config, string target)
    {
        var text = config.TryGetValue("file", out var file)
            ? await File.ReadAllTextAsync(Path.Combine(Repository.Root, "deploy", "docker", (string)file))
            : ContainerPath().Replace(ComposeFile.Resolved(config["content"]), match => Inside(match.Value));
        // Mosquitto leaves root for a user that may not write here.
        if (target.EndsWith("/mosquitto.conf", StringComparison.Ordinal))
            text += $"\nuser {Environment.UserName}\n";
        Directory.CreateDirectory(Inside("/mosquitto/data/"));
        Directory.CreateDirectory(Path.GetDirectoryName(Inside(target))!);
        await File.WriteAllTextAsync(Inside(target), text);
    }

    string Inside(string path) => _folder + path;

    static Dictionary<string, string> Variables(Map service) =>
        service.Member("environment").ToDictionary(pair => (string)pair.Key, pair => ComposeFile.Resolved(pair.Value));

    [GeneratedRegex(@"/(etc|mosquitto)/[\w./]*")]
    private static partial Regex ContainerPath();

    [GeneratedRegex(@"/opt/kafka/bin/kafka-broker-api-versions\.sh")]
    private static partial Regex KafkaTool();
}
