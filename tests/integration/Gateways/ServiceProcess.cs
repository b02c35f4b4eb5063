using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace Pipeline.IntegrationTests.Gateways;

/// <summary>One service as a process of the operating system, which can be killed and started again. What it says goes to a file.</summary>
sealed class ServiceProcess : IAsyncDisposable
{
    const int ShownOfLog = 8_000;

    static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);
    static readonly HttpClient Client = new() { Timeout = TimeSpan.FromSeconds(5) };

    readonly string _program;
    readonly string[] _arguments;
    readonly IReadOnlyDictionary<string, string> _environment;
    readonly string _log;
    readonly int _httpPort = FreePort(SocketType.Stream);
    Process? _process;
    Task _writing = Task.CompletedTask;

    /// <param name="instance">Tells several of a service apart.</param>
    public ServiceProcess(string service, string folder, string[] arguments, IReadOnlyDictionary<string, string> environment, string instance = "")
    {
        Service = service + instance;
        _program = Find(service);
        _arguments = [.. arguments, $"--http:bind=127.0.0.1:{_httpPort}"];
        _environment = environment;
        _log = Path.Combine(folder, Service.ToLowerInvariant() + ".log");
        AppDomain.CurrentDomain.ProcessExit += OnExit;
    }

    public string Service { get; }

    /// <summary>It was started, and neither ended by us nor by itself.</summary>
    public bool IsRunning => _process is { HasExited: false };

    /// <summary>It has ended by itself, with that code; null: it has not.</summary>
    public int? EndedWith => _process is { HasExited: true } process ? process.ExitCode : null;

    /// <summary>Its HTTP door.</summary>
    public Uri Http => new($"http://127.0.0.1:{_httpPort}");

    public string Log
    {
        get
        {
            using var file = new StreamReader(new FileStream(_log, FileMode.OpenOrCreate, FileAccess.Read, FileShare.ReadWrite));
            var text = file.ReadToEnd();
            return $"--- {Service} ({_log})\n{(text.Length > ShownOfLog ? "..." + text[^ShownOfLog..] : text)}";
        }
    }

    public void Start()
    {
        var start = new ProcessStartInfo(Environment.GetEnvironmentVariable("DOTNET_HOST_PATH") ?? "dotnet", [_program, .. _arguments])
        {
            RedirectStandardOutput = true, RedirectStandardError = true, WorkingDirectory = Path.GetDirectoryName(_log)!,
        };
        foreach (var (name, value) in _environment)
            start.Environment[name] = value;
        _process = Process.Start(start)!;
        _writing = WriteAsync(_process);
    }

    public Task ReadyAsync(TimeSpan? within = null) => Eventually.TrueAsync(IsReadyAsync, within ?? Patience, () => $"{Service} is not ready\n{Log}");

    /// <summary>SIGKILL, as a failure of the machine.</summary>
    public async Task KillAsync()
    {
        if (_process is not { } process)
            return;
        _process = null;
        process.Kill();
        await process.WaitForExitAsync();
        await _writing;
        process.Dispose();
    }

    /// <summary>SIGSTOP: it stays as it is.</summary>
    public Task FreezeAsync() => SignalAsync("STOP");

    /// <summary>SIGCONT.</summary>
    public Task ThawAsync() => SignalAsync("CONT");

    /// <summary>SIGTERM; gives the exit code.</summary>
    /// <exception cref="OperationCanceledException">It does not end within that time.</exception>
    public async Task<int> StopAsync(TimeSpan? within = null)
    {
        var process = _process!;
        await SignalAsync("TERM");
        using var bound = new CancellationTokenSource(within ?? Patience);
        await process.WaitForExitAsync(bound.Token);
        await _writing;
        _process = null;
        return process.ExitCode;
    }

    public async ValueTask DisposeAsync()
    {
        AppDomain.CurrentDomain.ProcessExit -= OnExit;
        await KillAsync();
    }

    /// <summary>A port that nobody has, below those that the system gives to others.</summary>
    public static int FreePort(SocketType type)
    {
        while (true)
        {
            var port = Random.Shared.Next(10_000, 20_000);
            try
            {
                var protocol = type == SocketType.Dgram ? ProtocolType.Udp : ProtocolType.Tcp;
                using var socket = new Socket(AddressFamily.InterNetwork, type, protocol);
                socket.Bind(new IPEndPoint(IPAddress.Loopback, port));
                return port;
            }
            catch (SocketException)
            {
                // Taken.
            }
        }
    }

    // Beside the tests, built with them; or as an image has them, where somebody has published them.
    static string Find(string service)
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory.TrimEnd(Path.DirectorySeparatorChar));
        var program = Environment.GetEnvironmentVariable("PUBLISHED_SERVICES") is { Length: > 0 } published
            ? Path.Combine(published, service, service + ".dll")
            : Path.Combine(folder.Parent!.Parent!.FullName, service, folder.Name, service + ".dll");
        return File.Exists(program) ? program : throw new FileNotFoundException("the service is not built", program);
    }

    async Task<bool> IsReadyAsync()
    {
        if (_process is not { HasExited: false })
            throw new InvalidOperationException($"{Service} has ended\n{Log}");
        try
        {
            using var answer = await Client.GetAsync(new Uri($"http://127.0.0.1:{_httpPort}/readyz"), TestContext.Current.CancellationToken);
            return answer.IsSuccessStatusCode;
        }
        catch (Exception e) when (e is HttpRequestException or TaskCanceledException { InnerException: TimeoutException })
        {
            return false; // not there, or too busy to say so
        }
    }

    async Task SignalAsync(string signal)
    {
        using var kill = Process.Start("kill", [$"-{signal}", _process!.Id.ToString(CultureInfo.InvariantCulture)]);
        await kill.WaitForExitAsync();
    }

    async Task WriteAsync(Process process)
    {
        await using var file = new FileStream(_log, FileMode.Append, FileAccess.Write, FileShare.ReadWrite);
        await Task.WhenAll(CopyAsync(process.StandardOutput, file), CopyAsync(process.StandardError, file));
    }

    static async Task CopyAsync(StreamReader from, FileStream file)
    {
        while (await from.ReadLineAsync() is { } line)
        {
            var bytes = System.Text.Encoding.UTF8.GetBytes(line + "\n");
            lock (file)
            {
                file.Write(bytes);
                file.Flush();
            }
        }
    }

    // Also when the run is broken off.
    void OnExit(object? sender, EventArgs e) => _process?.Kill();
}
