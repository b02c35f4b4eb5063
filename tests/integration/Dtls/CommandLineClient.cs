using System.Diagnostics;
using System.Net;
using System.Text.RegularExpressions;

namespace Pipeline.IntegrationTests.Dtls;

/// <summary>libcoap's client on the command line: each request is a session of its own, from a port of its own.</summary>
/// <param name="proof">How it says who it is: "-u", identity, "-k", key, or the like.</param>
sealed partial class CommandLineClient(string program, IPEndPoint gateway, params string[] proof)
{
    static readonly TimeSpan Patience = TimeSpan.FromSeconds(90);

    public static string? Find(string program) =>
        (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator).Select(folder => Path.Combine(folder, program)).FirstOrDefault(File.Exists);

    /// <summary>The response code and, where there is one, the second segment of the Location-Path; "" where no response came.</summary>
    public async Task<(string Code, string Location, string Output)> RequestAsync(string method, string path, string? payload = null)
    {
        string[] body = payload is null ? [] : ["-t", "40", "-e", payload];
        var start = new ProcessStartInfo(program, ["-v", "7", "-m", method, "-B", "60", .. proof, .. body, $"coaps://{gateway}/{path}"])
        {
            RedirectStandardOutput = true, RedirectStandardError = true,
        };
        using var process = Process.Start(start)!;
        using var bound = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        bound.CancelAfter(Patience);
        try
        {
            var output = await Task.WhenAll(process.StandardOutput.ReadToEndAsync(bound.Token), process.StandardError.ReadToEndAsync(bound.Token));
            await process.WaitForExitAsync(bound.Token);
            var text = string.Join("\n", output);
            return (Code().Match(text).Groups[1].Value, Location().Match(text).Groups[1].Value, text);
        }
        finally
        {
            if (!process.HasExited)
                process.Kill();
        }
    }

    [GeneratedRegex(@"t:ACK c:(\d\.\d\d)")]
    private static partial Regex Code();

    [GeneratedRegex(@"Location-Path:rd, Location-Path:([^ ,\]]+)")]
    private static partial Regex Location();
}
