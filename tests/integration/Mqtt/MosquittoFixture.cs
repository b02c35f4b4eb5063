using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace Pipeline.IntegrationTests.Mqtt;

/// <summary>A mosquitto of its own on a free loopback port, with persistence, which can be stopped and started again. Where none is installed <see cref="Missing"/> says so.</summary>
public sealed class MosquittoFixture : IAsyncDisposable
{
    private static readonly TimeSpan s_patience = TimeSpan.FromMinutes(1);

    private readonly string _folder = Directory.CreateTempSubdirectory("mosquitto-").FullName;
    private readonly string? _program = Find();
    private Process? _process;
    private string _more = "";

    public MosquittoFixture()
    {
        using var socket = new TcpListener(IPAddress.Loopback, 0);
        socket.Start();
        Port = ((IPEndPoint)socket.LocalEndpoint).Port;
    }

    public int Port { get; }

    public string Server => $"mqtt://127.0.0.1:{Port}";

    /// <summary>Why tests that need it are to be skipped; null = it is there.</summary>
    public string? Missing => _program is null ? "mosquitto is not installed (looked in PATH and /usr/sbin)" : null;

    /// <summary>A file in its folder.</summary>
    public async Task<string> FileAsync(string name, string content)
    {
        await File.WriteAllTextAsync(Path.Combine(_folder, name), content);
        return Path.Combine(_folder, name);
    }

    /// <summary>What it has logged.</summary>
    public string Log => File.Exists(LogFile) ? File.ReadAllText(LogFile) : "";

    /// <summary>
    /// How often a client has connected. Mosquitto 2.0.11 acknowledges, and then loses, what is published between its restart and the return of a subscriber whose
    /// session it has kept; so whoever publishes after a restart waits for its subscribers.
    /// </summary>
    public int ConnectionsOf(string clientId) => Log.Split($" as {clientId} (").Length - 1;

    private string LogFile => Path.Combine(_folder, "log");

    /// <param name="more">Further lines of its configuration; kept for the next start.</param>
    public async Task StartAsync(params string[] more)
    {
        _more = more.Length > 0 ? string.Join('\n', more) : _more;
        var configuration = Path.Combine(_folder, "mosquitto.conf");
        await File.WriteAllTextAsync(configuration, $"""
            listener {Port} 127.0.0.1
            allow_anonymous true
            persistence true
            persistence_location {_folder}/
            max_queued_messages 0
            max_inflight_messages 1000
            set_tcp_nodelay true
            user {Environment.UserName}
            log_dest file {LogFile}
            {_more}
            """);
        _process = Process.Start(new ProcessStartInfo(_program!, ["-c", configuration]) { RedirectStandardError = true, RedirectStandardOutput = true })!;
        var patience = Stopwatch.StartNew();
        while (!await AnswersAsync())
        {
            if (_process.HasExited || patience.Elapsed > s_patience)
            {
                throw new InvalidOperationException("mosquitto does not answer: " + Log);
            }

            await Task.Delay(20);
        }
    }

    /// <summary>Ends it by SIGTERM: it writes its sessions down.</summary>
    public async Task StopAsync()
    {
        if (_process is { } process)
        {
            _process = null;
            using (var kill = Process.Start("kill", ["-TERM", process.Id.ToString(CultureInfo.InvariantCulture)]))
            {
                await kill.WaitForExitAsync();
            }

            using var patience = new CancellationTokenSource(s_patience);
            await process.WaitForExitAsync(patience.Token);
            process.Dispose();
        }
    }

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        Directory.Delete(_folder, recursive: true);
    }

    private async Task<bool> AnswersAsync()
    {
        using var client = new TcpClient();
        try
        {
            await client.ConnectAsync(IPAddress.Loopback, Port);
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }

    private static string? Find() =>
        (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator).Append("/usr/sbin")
            .Select(folder => Path.Combine(folder, "mosquitto")).FirstOrDefault(File.Exists);
}
