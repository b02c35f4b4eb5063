using System.Diagnostics;

namespace Pipeline.DeployTests.Stack;

/// <summary>A process in the place of a container. What it says goes to a file.</summary>
sealed class StackProcess : IAsyncDisposable
{
    const int ShownOfLog = 4_000;

    readonly Process _process;
    readonly Task _writing;
    readonly string _log;

    public StackProcess(string name, string folder, IReadOnlyList<string> command, IReadOnlyDictionary<string, string> environment)
    {
        Name = name;
        _log = Path.Combine(folder, name + ".log");
        var start = new ProcessStartInfo(command[0], command.Skip(1)) { RedirectStandardOutput = true, RedirectStandardError = true, WorkingDirectory = folder };
        foreach (var (variable, value) in environment)
            start.Environment[variable] = value;
        _process = Process.Start(start)!;
        _writing = WriteAsync();
    }

    public string Name { get; }

    /// <summary>Null: it runs.</summary>
    public int? ExitCode => _process.HasExited ? _process.ExitCode : null;

    /// <summary>The end of what it has said.</summary>
    public string Log
    {
        get
        {
            using var file = new StreamReader(new FileStream(_log, FileMode.OpenOrCreate, FileAccess.Read, FileShare.ReadWrite));
            var text = file.ReadToEnd();
            return $"--- {Name}\n{(text.Length > ShownOfLog ? "..." + text[^ShownOfLog..] : text)}";
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
            _process.Kill(entireProcessTree: true);
        await _process.WaitForExitAsync();
        await _writing;
        _process.Dispose();
    }

    async Task WriteAsync()
    {
        await using var file = new StreamWriter(new FileStream(_log, FileMode.Create, FileAccess.Write, FileShare.ReadWrite)) { AutoFlush = true };
        await Task.WhenAll(CopyAsync(_process.StandardOutput), CopyAsync(_process.StandardError));

        async Task CopyAsync(StreamReader from)
        {
            while (await from.ReadLineAsync() is { } line)
            {
                lock (file)
                    file.WriteLine(line);
            }
        }
    }
}
