using System.Collections.Concurrent;
using System.Net;
using Tools.Load;
using Tools.Network;
using Tools.Simulation;
using Tools.Simulation.Scenarios;

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
        var settings = new FleetSettings { Count = 6, Interval = TimeSpan.FromMilliseconds(20), RegistrationsPerSecond = 1000 };
        await using var fleet = SimulatedFleet.Start(gateway.Address, settings, happening =>
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
        await using var fleet = SimulatedFleet.Start(new IPEndPoint(IPAddress.Loopback, 1), new FleetSettings { Count = 3 });
        await fleet.StopAsync(TimeSpan.FromMilliseconds(50));
        Assert.True(fleet.Completion.IsCompletedSuccessfully);
    }

    [Fact]
    public async Task A_fleet_of_thousands_shares_its_sockets()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "needs the whole of 127.0.0.0/8");
        const int Count = DevicePorts.MostOwnPorts + 100;
        using var gateway = new AcknowledgingServer(new IPEndPoint(IPAddress.Loopback, 0));
        gateway.Start();
        var scenario = new Scenario
        {
            RegisterRate = 20_000,
            Groups = new Dictionary<string, DeviceGroup> { ["meter"] = new() { Count = Count, Notify = new NotifyOptions { OnChange = false } } },
        };
        var (registered, all) = (0, new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously));
        await using var fleet = SimulatedFleet.Start(gateway.Address, gateway.Address, ScenarioPlans.Of(scenario), happening =>
        {
            if (happening.Kind == DeviceEventKind.Registered && Interlocked.Increment(ref registered) == Count)
                all.TrySetResult();
        });
        await all.Task.WaitAsync(TimeSpan.FromMinutes(2), TestContext.Current.CancellationToken);
        Assert.Equal(Count, fleet.Totals.Registered);
        await fleet.StopAsync(TimeSpan.FromMinutes(2));
        Assert.Equal(0, fleet.Totals.Registered);
    }
}
