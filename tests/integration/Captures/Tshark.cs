using System.Diagnostics;

namespace Pipeline.IntegrationTests.Captures;

/// <summary>The terminal face of Wireshark, where it is installed.</summary>
static class Tshark
{
    static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    static readonly string? Program = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator)
        .Select(folder => Path.Combine(folder, OperatingSystem.IsWindows() ? "tshark.exe" : "tshark")).FirstOrDefault(File.Exists);

    /// <summary>Why tests that need it are to be skipped; null = it is there.</summary>
    public static string? Missing => Program is null ? "tshark is not installed (looked in PATH)" : null;

    /// <summary>One line for each frame: the fields, with blanks between them; of a field that comes several times the values have commas between them.</summary>
    public static async Task<List<string>> ReadAsync(string file, string[] arguments, params string[] fields)
    {
        var start = new ProcessStartInfo(Program!) { RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (var argument in new[] { "-r", file, "-T", "fields", "-E", "separator=/s" }.Concat(arguments).Concat(fields.SelectMany(field => new[] { "-e", field })))
            start.ArgumentList.Add(argument);
        using var process = Process.Start(start)!;
        using var bound = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        bound.CancelAfter(Patience);
        var complaints = process.StandardError.ReadToEndAsync(bound.Token);
        var lines = await process.StandardOutput.ReadToEndAsync(bound.Token);
        await process.WaitForExitAsync(bound.Token);
        Assert.True(process.ExitCode == 0, await complaints);
        return [.. lines.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => line.TrimEnd())];
    }
}
