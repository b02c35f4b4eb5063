using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace Pipeline.IntegrationTests.Kafka;

/// <summary>
/// A real Kafka, of one node where nothing else is said, on free ports and an empty folder, started by the script <c>shared/kafka/kafka</c> that
/// lies above the build's folder.
/// </summary>
public sealed class KafkaCluster : IAsyncDisposable
{
    private readonly string _script;
    private readonly string _folder = Directory.CreateTempSubdirectory("kafka-").FullName;
    private readonly List<KafkaDoor> _doors = [];
    private int _stopped;

    private KafkaCluster(string script)
    {
        _script = script;
        // Also when the run is broken off: the broker lives in a session of its own.
        AppDomain.CurrentDomain.ProcessExit += OnExit;
    }

    public string BootstrapServers { get; private set; } = "";

    public int Nodes { get; private set; } = 1;

    /// <summary>Why none can be started here, or null.</summary>
    public static string? Missing =>
        FindScript() is null ? "no shared/kafka/kafka above " + AppContext.BaseDirectory : HasJava() ? null : "no java";

    public static async Task<KafkaCluster> StartAsync(params string[] settings)
    {
        var cluster = new KafkaCluster(FindScript() ?? throw new InvalidOperationException(Missing));
        try
        {
            string[] arguments =
            [
                "start", "--dir", cluster._folder, "--port", FreePort().ToString(CultureInfo.InvariantCulture), "--heap", "384m",
                .. settings.SelectMany(setting => new[] { "--set", setting }),
            ];
            cluster.BootstrapServers = (await cluster.RunAsync(arguments)).Trim();
            return cluster;
        }
        catch
        {
            await cluster.DisposeAsync();
            throw;
        }
    }

    /// <summary>
    /// A cluster with further listeners, each behind a proxy of its own: who is given the servers of a door reaches the brokers through it
    /// only.
    /// </summary>
    public static async Task<KafkaCluster> StartAsync(int nodes, IReadOnlyList<string> doors)
    {
        var cluster = new KafkaCluster(FindScript() ?? throw new InvalidOperationException(Missing)) { Nodes = nodes };
        try
        {
            var port = FreePort(nodes, doors.Count);
            string[] arguments =
            [
                "start", "--dir", cluster._folder, "--nodes", $"{nodes}", "--port", $"{port}", "--heap", "384m",
                "--set", "offsets.topic.num.partitions=2",
            ];
            await cluster.RunAsync(arguments);
            // A listener has its own port on each node, which no setting for all of them can say.
            await cluster.KillAsync();
            cluster._doors.AddRange(doors.Select((name, i) => new KafkaDoor(name, port + KafkaDoor.Distance * (i + 2), nodes)));
            for (var node = 1; node <= nodes; node++)
            {
                await File.AppendAllLinesAsync(
                    Path.Combine(cluster._folder, $"node-{node}.properties"), KafkaDoor.Settings(cluster._doors, port, node));
            }

            cluster.BootstrapServers = (await cluster.RunAsync("start", "--dir", cluster._folder)).Trim();
            return cluster;
        }
        catch
        {
            await cluster.DisposeAsync();
            throw;
        }
    }

    internal KafkaDoor Door(string name) => _doors.Single(door => door.Name == name);

    /// <summary>SIGKILL, as a power failure of the process.</summary>
    public Task KillAsync(int? node = null) => RunAsync(["kill", "--dir", _folder, .. Node(node)]);

    /// <summary>SIGSTOP: it stays as it is.</summary>
    public Task PauseAsync(int? node = null) => RunAsync(["pause", "--dir", _folder, .. Node(node)]);

    /// <summary>SIGCONT.</summary>
    public Task ResumeAsync(int? node = null) => RunAsync(["resume", "--dir", _folder, .. Node(node)]);

    /// <summary>SIGTERM.</summary>
    public Task StopAsync(int? node = null) => RunAsync(["stop", "--dir", _folder, .. Node(node)]);

    public Task RestartAsync(int? node = null) => RunAsync(["start", "--dir", _folder, .. Node(node)]);

    private static string[] Node(int? node) => node is { } one ? ["--node", $"{one}"] : [];

    /// <summary>Runs one of Kafka's own tools.</summary>
    public Task<string> ToolAsync(params string[] arguments) => RunAsync(["tool", .. arguments]);

    public async ValueTask DisposeAsync()
    {
        AppDomain.CurrentDomain.ProcessExit -= OnExit;
        Stop();
        foreach (var door in _doors)
        {
            await door.DisposeAsync();
        }
    }

    private void OnExit(object? sender, EventArgs e) => Stop();

    private void Stop()
    {
        if (Interlocked.Exchange(ref _stopped, 1) != 0)
        {
            return;
        }

        // Nothing in it is worth an orderly end.
        using var kill = Process.Start(Command(["kill", "--dir", _folder]))!;
        kill.StandardOutput.ReadToEnd();
        kill.WaitForExit();
        Directory.Delete(_folder, recursive: true);
    }

    private async Task<string> RunAsync(params string[] arguments)
    {
        using var process = Process.Start(Command(arguments))!;
        var error = process.StandardError.ReadToEndAsync();
        var output = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        return process.ExitCode == 0
            ? output
            : throw new InvalidOperationException($"kafka {string.Join(' ', arguments)} failed: {await error}{output}");
    }

    private ProcessStartInfo Command(IEnumerable<string> arguments) =>
        new("bash", [_script, .. arguments]) { RedirectStandardOutput = true, RedirectStandardError = true };

    private static string? FindScript()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (Path.Combine(folder.FullName, "shared", "kafka", "kafka") is var script && File.Exists(script))
            {
                return script;
            }
        }

        return null;
    }

    private static bool HasJava()
    {
        try
        {
            using var java = Process.Start(new ProcessStartInfo("java", "-version") { RedirectStandardError = true })!;
            java.StandardError.ReadToEnd();
            java.WaitForExit();
            return java.ExitCode == 0;
        }
        catch (Win32Exception)
        {
            return false;
        }
    }

    // The controller listens 100 above the broker. Below the range from which the system gives ports to others.
    private static int FreePort(int nodes = 1, int doors = 0)
    {
        while (true)
        {
            var port = Random.Shared.Next(20_000, 31_000);
            if (Enumerable.Range(0, doors + 2).All(i => Enumerable.Range(port + (i * KafkaDoor.Distance), nodes).All(IsFree)))
            {
                return port;
            }
        }
    }

    private static bool IsFree(int port)
    {
        try
        {
            using var listener = new TcpListener(IPAddress.Loopback, port);
            listener.Start();
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }
}
