using System.Diagnostics;
using Confluent.Kafka;
using Pipeline.IntegrationTests.Chaos.Events;
using Pipeline.IntegrationTests.Chaos.Fleet;
using Pipeline.IntegrationTests.Chaos.Ledgers;
using Pipeline.IntegrationTests.Gateways;
using Pipeline.IntegrationTests.Mqtt;

namespace Pipeline.IntegrationTests.Chaos.Faults;

/// <summary>What a fault can do. Each proves that something was in flight when it struck.</summary>
sealed class FaultScene(ChaosGateway gateway, ChaosFleet fleet, Rotation rotation, Supervisor supervisor, Findings findings, FaultRecord record, Events.CommandSource commands)
{
    /// <summary>Within which ownership has to be restored after a restart, in milliseconds.</summary>
    const long OwnershipBound = 10_000;

    // What is waited for comes when it comes: how fast is measured, and not what a fault is about. Only what never comes is found.
    static readonly TimeSpan Patience = TimeSpan.FromMinutes(5);
    static readonly TimeSpan Blink = TimeSpan.FromMilliseconds(20);

    // The members of a group commit four times a second; what stays uncommitted for longer than that is in the hands of who stands still.
    static readonly TimeSpan Commits = TimeSpan.FromMilliseconds(400);

    public ChaosGateway Gateway => gateway;

    public static Task HoldAsync(double seconds) => Task.Delay(TimeSpan.FromSeconds(seconds));

    /// <summary>SIGKILL with something in flight; it comes back after so many seconds.</summary>
    public async Task KillAsync(ServiceProcess[] services, int replica, double away = 0)
    {
        await FreezeInFlightAsync(services, replica);
        supervisor.Ignore(services[replica]);
        await services[replica].KillAsync();
        await HoldAsync(away);
        await StartAsync(services, replica);
    }

    /// <summary>SIGKILL for all of them at once.</summary>
    public async Task KillAllAsync(ServiceProcess[] services)
    {
        foreach (var service in services)
            supervisor.Ignore(service);
        await Task.WhenAll(services.Select(service => service.KillAsync()));
        foreach (var service in services)
            Begin(service);
        await Task.WhenAll(services.Select(ReadyAsync));
    }

    /// <summary>SIGSTOP with something in flight, and SIGCONT.</summary>
    public async Task FreezeAsync(ServiceProcess[] services, int replica, double seconds)
    {
        await FreezeInFlightAsync(services, replica);
        await HoldAsync(seconds);
        await services[replica].ThawAsync();
    }

    /// <summary>
    /// Mosquitto ends and comes back, first for those who subscribe: see <see cref="MosquittoFixture.ConnectionsOf"/>.
    /// </summary>
    public async Task WithoutMosquittoAsync(double seconds)
    {
        var (mosquitto, relay) = (gateway.Mosquitto, gateway.Topics.Prefix + "-relay");
        StallingProxy[] ways = [gateway.WayToMosquitto, gateway.UsualWayToMosquitto];
        commands.IsPaused = true;
        await mosquitto.StopAsync();
        await HoldAsync(seconds);
        var (subscribers, relays) = (mosquitto.ConnectionsOf(MqttEvents.ClientId), mosquitto.ConnectionsOf(relay));
        foreach (var way in ways)
            way.Stall();
        await mosquitto.StartAsync();
        await Eventually.TrueAsync(() => mosquitto.ConnectionsOf(MqttEvents.ClientId) > subscribers, Patience, () => "the application does not come back");
        foreach (var way in ways)
            way.ResumeAfresh();
        await Eventually.TrueAsync(() => mosquitto.ConnectionsOf(relay) > relays, Patience, () => "the relay does not come back");
        commands.IsPaused = false;
    }

    /// <summary>SIGTERM for all replicas from that number on, and a start of all below it.</summary>
    public async Task ScaleAsync(ServiceProcess[] services, int count)
    {
        if (record.InFlight == 0)
            await AwaitInFlightAsync(services);
        var leaving = services.Skip(count).Where(service => service.IsRunning).ToList();
        leaving.ForEach(supervisor.Ignore);
        var stopping = leaving.Select(StopAsync).ToList();
        if (services == gateway.Ingress)
            rotation.Set(Enumerable.Range(0, count));
        await Task.WhenAll(stopping);
        var coming = services.Take(count).Where(service => !service.IsRunning).ToList();
        foreach (var service in coming)
            Begin(service);
        await Task.WhenAll(coming.Select(ReadyAsync));
    }

    /// <summary>SIGTERM, and a new process.</summary>
    public async Task RestartAsync(ServiceProcess[] services, int replica)
    {
        await AwaitInFlightAsync(services);
        supervisor.Ignore(services[replica]);
        fleet.MarkOwned(replica);
        await StopAsync(services[replica]);
        await StartAsync(services, replica);
    }

    /// <summary>A way is barred while something is in flight on it.</summary>
    public async Task BarAsync(ServiceProcess[] services, Action bar, Action open, double seconds)
    {
        if (services == gateway.Ingress)
            fleet.MarkOwned(ChaosGateway.Proxied);
        var written = services == gateway.Ingress ? [] : await WrittenAsync(services);
        bar();
        if (services == gateway.Ingress)
            await CountAsync(() => Task.FromResult((long)fleet.UnderWay(ChaosGateway.Proxied)), "requests without acknowledgement");
        else
            await CountAsync(async () => await StuckAsync(services, written) is var stuck and > 0
                ? stuck : await StuckAsync(services, written = await WrittenAsync(services)), "records not committed");
        await HoldAsync(seconds);
        open();
    }

    /// <summary>Something is under way between devices and Kafka at this moment.</summary>
    public async Task AwaitMessagesAsync() =>
        await CountAsync(() => Task.FromResult((long)fleet.UnderWay()), "requests without acknowledgement");

    /// <summary>Something is under way through that service at this moment.</summary>
    public async Task AwaitInFlightAsync(ServiceProcess[] services)
    {
        if (services == gateway.Ingress)
            await AwaitMessagesAsync();
        else
            await CountAsync(async () => await UncommittedAsync(services, await WrittenAsync(services)), "records not committed");
    }

    /// <summary>All of Kafka ends so, and comes back.</summary>
    public async Task WithoutKafkaAsync(Func<Task> end)
    {
        record.KafkaWasAway = true;
        await end();
        for (var watch = Stopwatch.StartNew(); ; await Task.Delay(Blink))
        {
            try
            {
                await gateway.Kafka.RestartAsync();
                return;
            }
            catch (InvalidOperationException) when (watch.Elapsed < Patience)
            {
                // It takes longer than its script waits.
            }
        }
    }

    /// <summary>All are there, and fit for work.</summary>
    public Task AllReadyAsync() => Task.WhenAll(gateway.All.Where(service => service.IsRunning).Select(ReadyAsync));

    async Task StartAsync(ServiceProcess[] services, int replica)
    {
        if (services != gateway.Ingress)
        {
            Begin(services[replica]);
            await ReadyAsync(services[replica]);
            return;
        }

        var restored = fleet.Restored(replica);
        var startedAt = fleet.Now;
        Begin(services[replica]);
        await ReadyAsync(services[replica]);
        var isInTime = await Task.WhenAny(restored, Task.Delay(Patience)) == restored;
        record.OwnershipRestored = isInTime ? await restored - startedAt : (long)Patience.TotalMilliseconds;
        if (record.OwnershipRestored > OwnershipBound)
            findings.Add(FindingKind.OwnershipLate, $"{record.Name} at {record.At} ms: {record.OwnershipRestored} ms");
    }

    void Begin(ServiceProcess service)
    {
        service.Start();
        supervisor.Watch(service);
    }

    // What ends by itself meanwhile is started again by the supervisor, and must be ready then.
    async Task ReadyAsync(ServiceProcess service)
    {
        for (var watch = Stopwatch.StartNew(); ; await Task.Delay(Blink))
        {
            try
            {
                await service.ReadyAsync(Patience);
                return;
            }
            catch (Exception e) when (e is TimeoutException or InvalidOperationException)
            {
                if (e is InvalidOperationException && watch.Elapsed < Patience)
                    continue;
                findings.Add(FindingKind.ServiceFailed, $"{record.Name} at {record.At} ms: {service.Service} is not ready: {e.Message.Split('\n')[0]}");
                return;
            }
        }
    }

    async Task StopAsync(ServiceProcess service)
    {
        try
        {
            if (await service.StopAsync(Patience) is var code and not 0)
                findings.Add(FindingKind.ServiceFailed, $"{record.Name} at {record.At} ms: {service.Service} ended with {code} on SIGTERM");
        }
        catch (OperationCanceledException)
        {
            findings.Add(FindingKind.ServiceFailed, $"{record.Name} at {record.At} ms: {service.Service} did not end on SIGTERM");
            await service.KillAsync();
        }
    }

    async Task FreezeInFlightAsync(ServiceProcess[] services, int replica)
    {
        var victim = services[replica];
        // Devices may be told to wait, and groups be about to begin anew: then the victim has nothing for a while.
        for (var watch = Stopwatch.StartNew(); watch.Elapsed < Patience;)
        {
            if (services == gateway.Ingress)
            {
                fleet.MarkOwned(replica);
                await victim.FreezeAsync();
                (record.InFlight, record.Of) = (fleet.UnderWay(replica), "requests and answers on their way");
            }
            else
            {
                var written = await WrittenAsync(services);
                await victim.FreezeAsync();
                (record.InFlight, record.Of) = (await StuckAsync(services, written), "records not committed");
            }

            if (record.InFlight > 0)
                return;
            await victim.ThawAsync();
            await Task.Delay(Blink);
        }

        await victim.FreezeAsync();
    }

    async Task CountAsync(Func<Task<long>> count, string of)
    {
        for (var watch = Stopwatch.StartNew(); (record.InFlight = await count()) == 0 && watch.Elapsed < Patience;)
            await Task.Delay(Blink);
        record.Of = of;
    }

    // What others have is committed meanwhile; what stays is the victim's.
    async Task<long> StuckAsync(ServiceProcess[] services, long[] written)
    {
        for (var before = long.MaxValue; ;)
        {
            await Task.Delay(Commits);
            var now = await UncommittedAsync(services, written);
            if (now == before)
                return now;
            before = now;
        }
    }

    Task<long[]> WrittenAsync(ServiceProcess[] services) => AskAsync(services, progress => progress.WrittenEach());

    Task<long> UncommittedAsync(ServiceProcess[] services, long[] written) => AskAsync(services, progress => progress.Uncommitted(written));

    // A client of its own each time: it must not know what happened before.
    Task<T> AskAsync<T>(ServiceProcess[] services, Func<GroupProgress, T> ask) => Task.Run(() =>
    {
        var (group, topic) = services == gateway.Translator
            ? (gateway.Topics.TranslatorGroup, gateway.Topics.Uplink) : (gateway.Topics.EgressGroup, gateway.Topics.Events);
        for (var watch = Stopwatch.StartNew(); ; Thread.Sleep(Blink))
        {
            try
            {
                using var progress = new GroupProgress(gateway.Kafka.BootstrapServers, group, topic, gateway.Partitions);
                return ask(progress);
            }
            catch (KafkaException) when (watch.Elapsed < Patience)
            {
                // Leaders and coordinators move after a fault.
            }
        }
    });
}
