using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Hosting;

/// <summary>Looks every two seconds whether a configuration file changed: by content, since mounted files change behind links.</summary>
internal sealed class ConfigurationWatcher(LiveConfiguration live, TimeProvider time, ILogger<ConfigurationWatcher> logger)
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
                live.Poll(logger);
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The host stops.
        }
    }
}
