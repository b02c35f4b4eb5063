using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace Pipeline.IntegrationTests.Kafka;

/// <summary>
/// A real Kafka of one node on free ports and an empty folder, started by the script <c>shared/kafka/kafka</c> that lies above the build's
/// folder.
/// </summary>
public sealed class KafkaCluster : IAsyncDisposable
{
    private readonly string _script;
    private readonly string _folder = Directory.CreateTempSubdirectory("kafka-").FullName;
    private int _stopped;

    private KafkaCluster(string script)
    {
        _script = script;
        // Also when the run is broken off: the broker lives in a session of its own.
        AppDomain.CurrentDomain.ProcessExit += OnExit;
    }

    public string BootstrapServers { get; private set; } = "";

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

    /// <summary>SIGKILL, as a power failure of the process.</summary>
    public Task KillAsync() => RunAsync("kill", "--dir", _folder);

    public Task RestartAsync() => RunAsync("start", "--dir", _folder);

    /// <summary>Runs one of Kafka's own tools.</summary>
    public Task<string> ToolAsync(params string[] arguments) => RunAsync(["tool", .. arguments]);

    public ValueTask DisposeAsync()
    {
        AppDomain.CurrentDomain.ProcessExit -= OnExit;
        Stop();
        return ValueTask.CompletedTask;
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
    private static int FreePort()
    {
        while (true)
        {
            var port = Random.Shared.Next(20_000, 32_000);
            if (IsFree(port) && IsFree(port + 100))
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
