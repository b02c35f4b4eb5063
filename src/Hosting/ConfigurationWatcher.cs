using Microsoft.Extensions.Hosting;

namespace Hosting;

/// <summary>Looks every two seconds whether a configuration file changed: by content, since mounted files change behind links.</summary>
internal sealed class ConfigurationWatcher(LiveConfiguration live, TimeProvider time)
    : BackgroundService
{
    static readonly TimeSpan Period = TimeSpan.FromSeconds(2);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (!live.Watches)
            return;
        using var timer = new PeriodicTimer(Period, time);
        try
        {
            while (await timer.WaitForNextTickAsync(stoppingToken))
                live.Poll();
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The host stops.
        }
    }
}
