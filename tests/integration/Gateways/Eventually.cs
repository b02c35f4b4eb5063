using System.Diagnostics;

namespace Pipeline.IntegrationTests.Gateways;

/// <summary>Waiting for what must come, and not longer than it may take.</summary>
static class Eventually
{
    static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(20);

    public static Task TrueAsync(Func<bool> holds, TimeSpan within, Func<string> otherwise) =>
        TrueAsync(() => Task.FromResult(holds()), within, otherwise);

    public static async Task TrueAsync(Func<Task<bool>> holds, TimeSpan within, Func<string> otherwise)
    {
        var watch = Stopwatch.StartNew();
        while (!await holds())
        {
            if (watch.Elapsed > within)
                throw new TimeoutException($"not within {within.TotalSeconds} s: {otherwise()}");
            await Task.Delay(Pause, TestContext.Current.CancellationToken);
        }
    }
}
