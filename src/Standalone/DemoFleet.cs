using System.Net;
using Hosting;
using Ingress.Service;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Tools.Simulation;

namespace Standalone;

/// <summary>Three simulated devices, over real UDP.</summary>
sealed partial class DemoFleet(IEnumerable<IReadiness> readiness, IngressService ingress, TimeProvider time, ILogger<DemoFleet> logger) : BackgroundService
{
    static readonly TimeSpan Farewell = TimeSpan.FromSeconds(2);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await readiness.WaitAsync(time, stoppingToken);
        var door = ingress.Open[0].LocalEndPoint;
        var gateway = new IPEndPoint(door.Address.Equals(IPAddress.IPv6Any) || door.Address.Equals(IPAddress.Any) ? IPAddress.Loopback : door.Address, door.Port);
        var fleet = SimulatedFleet.Start(gateway, new FleetSettings { Count = 3, EndpointPrefix = "demo-" }, Tell);
        try
        {
            await Task.Delay(Timeout.Infinite, stoppingToken);
        }
        catch (OperationCanceledException)
        {
            await fleet.StopAsync(Farewell);
        }
    }

    void Tell(DeviceEvent happened)
    {
        if (happened.Kind == DeviceEventKind.Commanded)
            LogCommanded(happened.ToString());
    }

    [LoggerMessage(1, LogLevel.Information, "device {Happened}")]
    partial void LogCommanded(string happened);
}
