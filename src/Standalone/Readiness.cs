using Hosting;

namespace Standalone;

/// <summary>Waiting for all services.</summary>
static class Readiness
{
    static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(20);

    public static async Task WaitAsync(this IEnumerable<IReadiness> readiness, TimeProvider time, CancellationToken stopping)
    {
        var parts = readiness.ToList();
        while (!parts.TrueForAll(part => part.Ready))
            await Task.Delay(Pause, time, stopping);
    }
}
