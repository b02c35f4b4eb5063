using System.Net;
using Tools.Network;

namespace Tools.Simulation;

/// <summary>Simulated devices that live on their own until they are stopped, each on a UDP port of its own.</summary>
public sealed class SimulatedFleet : IAsyncDisposable
{
    const int DevicesPerThread = 20_000;

    static readonly TimeSpan DisposeTimeout = TimeSpan.FromSeconds(1);

    readonly DeviceLoop[] _loops;

    SimulatedFleet(DeviceLoop[] loops)
    {
        _loops = loops;
        Completion = Task.WhenAll(loops.Select(loop => loop.Completion));
    }

    /// <summary>Ends when all devices are off; faulted by a bug or by sockets that cannot be had.</summary>
    public Task Completion { get; }

    /// <summary>In the order of their numbers, those that speak DTLS last.</summary>
    public IEnumerable<string> Endpoints => _loops.SelectMany(loop => loop.Population.Devices).Select(device => device.Endpoint);

    public FleetTotals Totals => new(
        _loops.Sum(loop => loop.Population.Devices.Count),
        _loops.Sum(loop => loop.Population.Devices.Count(device => device.Step == RegistrationStep.Registered)),
        _loops.Sum(loop => loop.Population.Devices.Sum(device => device.ObservationCount)),
        Count(DeviceEventKind.Registered),
        Count(DeviceEventKind.RegistrationFailed),
        Count(DeviceEventKind.Updated),
        Count(DeviceEventKind.Notified),
        Count(DeviceEventKind.Commanded),
        Count(DeviceEventKind.TimedOut),
        _loops.Sum(loop => loop.Population.DatagramsSent),
        _loops.Sum(loop => loop.Population.DatagramsReceived))
    {
        Awaiting = _loops.Sum(loop => loop.Population.Devices.Count(device => device.IsAwaiting)),
        Retransmissions = Count(DeviceEventKind.Retransmitted),
        Reboots = Count(DeviceEventKind.Rebooting),
        Sends = Count(DeviceEventKind.Sent),
        SendsRefused = Count(DeviceEventKind.SendRefused),
        Sessions = Count(DeviceEventKind.SessionEstablished),
        HandshakesFailed = Count(DeviceEventKind.HandshakeFailed),
        DatagramsLost = _loops.Sum(loop => loop.Population.DatagramsLost),
    };

    /// <summary>
    /// Starts the devices. <paramref name="happened"/> is called on their threads: it must be quick and must not throw.
    /// Throws SocketException where there are not enough sockets.
    /// </summary>
    public static SimulatedFleet Start(IPEndPoint gateway, FleetSettings settings, Action<DeviceEvent>? happened = null, TimeProvider? time = null) =>
        Start(gateway, gateway, [.. DevicePlans.Of(settings)], happened, time);

    /// <inheritdoc cref="Start(IPEndPoint, FleetSettings, Action{DeviceEvent}?, TimeProvider?)"/>
    /// <param name="secureGateway">For those that speak DTLS.</param>
    internal static SimulatedFleet Start(
        IPEndPoint gateway, IPEndPoint secureGateway, DevicePlan[] plans, Action<DeviceEvent>? happened = null, TimeProvider? time = null)
    {
        var loops = new List<DeviceLoop>();
        foreach (var like in plans.GroupBy(plan => plan.Dtls is not null).OrderBy(like => like.Key))
        {
            foreach (var chunk in like.Chunk(DevicesPerThread))
            {
                var ports = DevicePorts.Open(like.Key ? secureGateway : gateway, loops.Count * DevicesPerThread, chunk.Length, plans.Length);
                loops.Add(new DeviceLoop(chunk, ports, happened, time ?? TimeProvider.System));
            }
        }

        foreach (var loop in loops)
            loop.Start();
        return new SimulatedFleet([.. loops]);
    }

    /// <summary>De-registers all devices; those that get no answer in time are cut off.</summary>
    public async Task StopAsync(TimeSpan timeout)
    {
        foreach (var loop in _loops)
            loop.Stop(timeout);
        await Completion;
    }

    public async ValueTask DisposeAsync() => await StopAsync(DisposeTimeout);

    long Count(DeviceEventKind kind) => _loops.Sum(loop => loop.Population.Count(kind));
}
