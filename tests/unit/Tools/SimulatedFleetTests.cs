using System.Collections.Concurrent;
using System.Net;
using Tools.Load;
using Tools.Simulation;

namespace Pipeline.Tests.Tools;

public sealed class SimulatedFleetTests
{
    [Fact]
    public async Task Fleet_registers_is_observed_notifies_and_leaves()
    {
        using var gateway = new AcknowledgingServer(new IPEndPoint(IPAddress.Loopback, 0));
        gateway.Start();
        var events = new ConcurrentQueue<DeviceEvent>();
        var notified = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var settings = new FleetSettings { Gateway = gateway.Address, Count = 6, Interval = TimeSpan.FromMilliseconds(20), RegistrationsPerSecond = 1000 };
        await using var fleet = SimulatedFleet.Start(settings, happening =>
        {
            events.Enqueue(happening);
            if (happening.Kind == DeviceEventKind.Notified)
                notified.TrySetResult();
        });

        await notified.Task.WaitAsync(TimeSpan.FromSeconds(10), TestContext.Current.CancellationToken);
        await fleet.StopAsync(TimeSpan.FromSeconds(5));
        Assert.Equal(0, fleet.Totals.Registered);
        Assert.Equal(6, fleet.Totals.Registrations);
        Assert.Equal(6, events.Count(happening => happening.Kind == DeviceEventKind.Deregistered));
        Assert.Equal(["sim-sensor-1", "sim-tracker-2", "sim-light-3", "sim-sensor-4", "sim-tracker-5", "sim-light-6"], fleet.Endpoints);
        Assert.Contains("sim-sensor-1: Observe /3303/0/5700 -> 2.05", events.Select(happening => happening.ToString()));
    }

    [Fact]
    public async Task Fleet_without_a_gateway_ends_in_time()
    {
        await using var fleet = SimulatedFleet.Start(new FleetSettings { Gateway = new IPEndPoint(IPAddress.Loopback, 1), Count = 3 });
        await fleet.StopAsync(TimeSpan.FromMilliseconds(50));
        Assert.True(fleet.Completion.IsCompletedSuccessfully);
    }
}
