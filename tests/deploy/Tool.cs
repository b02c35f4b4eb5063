using System.Diagnostics;

namespace Pipeline.DeployTests;

/// <summary>What a program said.</summary>
sealed record Said(int Code, string Out, string Error)
{
    public string Success => Code == 0 ? Out : throw new InvalidOperationException($"exit code {Code}: {Error}{Out}");
}

/// <summary>Programs that are run to their end.</summary>
static class Tool
{
    public static async Task<Said> RunAsync(string program, IEnumerable<string> arguments, string? input = null, CancellationToken ct = default)
    {
        using var process = Process.Start(new ProcessStartInfo(program, arguments)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;
        try
        {
            var error = process.StandardError.ReadToEndAsync(ct);
            var output = process.StandardOutput.ReadToEndAsync(ct);
            await process.StandardInput.WriteAsync(input.AsMemory(), ct);
            process.StandardInput.Close();
            await process.WaitForExitAsync(ct);
            return new Said(process.ExitCode, await output, await error);
        }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
            throw;
        }
    }
}
