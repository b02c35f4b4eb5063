using System.Net;
using MQTTnet.Exceptions;
using Tools.Load;

namespace Pipeline.Tests.Tools;

public sealed class LoadRunTests
{
    static LoadSettings Settings(IPEndPoint gateway) => new()
    {
        Gateway = gateway,
        Devices = 20,
        NotificationRate = 400,
        UpdateRate = 20,
        RegisterRate = 1000,
        Warmup = TimeSpan.FromMilliseconds(100),
        Duration = TimeSpan.FromMilliseconds(400),
        Patience = TimeSpan.FromSeconds(10),
    };

    static LoadSettings Settings(PublishingGateway gateway) => Settings(gateway.Coap) with
    {
        Mqtt = new MqttSettings { Broker = new DnsEndPoint("127.0.0.1", gateway.MqttPort) },
    };

    static async Task<LoadReport> RunAsync(LoadSettings settings)
    {
        await using var run = new LoadRun(settings, _ => { });
        return await run.RunAsync(TestContext.Current.CancellationToken);
    }

    [Fact]
    public async Task All_that_is_due_is_sent_and_acknowledged()
    {
        using var server = new AcknowledgingServer(new IPEndPoint(IPAddress.Loopback, 0));
        server.Start();
        var report = await RunAsync(Settings(server.Address));
        Assert.Empty(report.Faults);
        Assert.Equal((20, 20), (report.Registered, report.Observed));
        Assert.InRange(report.Sent, 150, 100_000);
        Assert.Equal(report.Sent, report.Acknowledged);
        Assert.Equal(20, report.RegisterLatency.Count);
        Assert.InRange(report.NotificationLatency.Count, 1, report.Sent);
        Assert.InRange(report.UpdateLatency.Count, 1, 100);
        Assert.Contains(report.Processes, process => process.Name == "this generator");
    }

    [Fact]
    public async Task Lost_datagrams_are_sent_again()
    {
        using var server = new AcknowledgingServer(new IPEndPoint(IPAddress.Loopback, 0)) { DropEvery = 50 };
        server.Start();
        var report = await RunAsync(Settings(server.Address) with { Devices = 5, NotificationRate = 100, UpdateRate = 0, RegisterRate = 10_000 });
        Assert.Empty(report.Faults);
        Assert.Equal(report.Sent, report.Acknowledged);
        Assert.True(report.Retransmissions > 0);
    }

    [Fact]
    public async Task Clean_run_finds_every_event_and_answers_to_commands()
    {
        await using var gateway = PublishingGateway.Create();
        await gateway.StartAsync();
        var report = await RunAsync(Settings(gateway) with { Commands = 10, CommandRate = 200 });
        Assert.Empty(report.Faults);
        Assert.Equal(report.Sent, report.Delivered);
        Assert.InRange(report.DeliveryLatency!.Count, 1, report.Sent);
        Assert.Equal(10, report.CommandLatency!.Count);
    }

    [Fact]
    public async Task Events_that_are_lost_are_counted()
    {
        await using var gateway = PublishingGateway.Create(loseEvery: 10);
        await gateway.StartAsync();
        var report = await RunAsync(Settings(gateway) with { Patience = TimeSpan.FromMilliseconds(500) });
        Assert.Equal(report.Acknowledged / 10, report.Lost);
        Assert.Contains(report.Faults, fault => fault.Contains("did not come out", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Repeated_events_are_counted_and_no_fault()
    {
        await using var gateway = PublishingGateway.Create(repeatEvery: 10);
        await gateway.StartAsync();
        var report = await RunAsync(Settings(gateway));
        Assert.Empty(report.Faults);
        Assert.True(report.Duplicates > 0);
    }

    [Fact]
    public async Task Swapped_events_are_a_fault()
    {
        await using var gateway = PublishingGateway.Create(swapEvery: 10);
        await gateway.StartAsync();
        var report = await RunAsync(Settings(gateway) with { Devices = 1, NotificationRate = 100, Patience = TimeSpan.FromSeconds(1) });
        Assert.True(report.OutOfOrder > 0);
        Assert.Contains(report.Faults, fault => fault.Contains("out of order", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Closed_loop_has_one_message_of_each_device_under_way_and_no_rate()
    {
        using var server = new AcknowledgingServer(new IPEndPoint(IPAddress.Loopback, 0));
        server.Start();
        var report = await RunAsync(Settings(server.Address) with { Devices = 3, IsClosed = true });
        Assert.Empty(report.Faults);
        Assert.Equal(LoadMode.Closed, report.Mode);
        Assert.Null(report.NotificationsPerSecondWanted);
        Assert.True(report.Sent > 3);
        Assert.All(report.Samples, sample => Assert.InRange(sample.Outstanding, 0, 3));
    }

    [Fact]
    public async Task Ramp_climbs_while_the_rate_is_sustained()
    {
        using var server = new AcknowledgingServer(new IPEndPoint(IPAddress.Loopback, 0));
        server.Start();
        var ramp = new RampSettings { From = 50, Step = 50, Max = 100, StepTime = TimeSpan.FromMilliseconds(800), Limit = TimeSpan.FromMinutes(1) };
        var report = await RunAsync(Settings(server.Address) with { UpdateRate = 0, Ramp = ramp });
        Assert.Equal(LoadMode.Ramp, report.Mode);
        Assert.Equal(50, report.Ramp![0].Wanted);
        Assert.InRange(report.Ramp.Count, 1, 2);
        Assert.Equal(report.Ramp.LastOrDefault(step => step.IsSustained)?.Wanted ?? 0, report.LastSustained);
    }

    [Fact]
    public async Task Ramp_ends_where_the_rate_is_not_sustained()
    {
        using var server = new AcknowledgingServer(new IPEndPoint(IPAddress.Loopback, 0));
        server.Start();
        // No network answers in no time.
        var ramp = new RampSettings { From = 200, Step = 200, StepTime = TimeSpan.FromMilliseconds(400), Limit = TimeSpan.Zero };
        var report = await RunAsync(Settings(server.Address) with { UpdateRate = 0, Warmup = TimeSpan.Zero, Ramp = ramp });
        Assert.False(Assert.Single(report.Ramp!).IsSustained);
        Assert.Equal(0, report.LastSustained);
    }

    [Fact]
    public async Task Registrations_and_updates_are_measured_alone()
    {
        using var server = new AcknowledgingServer(new IPEndPoint(IPAddress.Loopback, 0));
        server.Start();
        var report = await RunAsync(Settings(server.Address) with { RegistrationOnly = true, UpdateRate = 50 });
        Assert.Empty(report.Faults);
        Assert.Equal((20, 0), (report.Registered, report.Sent));
        Assert.Equal(20, report.RegisterLatency.Count);
        Assert.True(report.UpdateLatency.Count > 0);
    }

    [Fact]
    public async Task Without_a_broker_acknowledgements_are_measured_where_that_is_allowed()
    {
        using var server = new AcknowledgingServer(new IPEndPoint(IPAddress.Loopback, 0));
        server.Start();
        var mqtt = new MqttSettings { Broker = new DnsEndPoint("127.0.0.1", 1) };
        var report = await RunAsync(Settings(server.Address) with { Mqtt = mqtt, MqttIsOptional = true });
        Assert.Empty(report.Faults);
        Assert.Null(report.DeliveryLatency);
        await Assert.ThrowsAsync<MqttCommunicationException>(() => RunAsync(Settings(server.Address) with { Mqtt = mqtt }));
    }

    [Fact]
    public async Task Baseline_measures_a_plain_echo_and_tells_the_gateway_as_ratios_of_it()
    {
        using var server = new AcknowledgingServer(new IPEndPoint(IPAddress.Loopback, 0));
        server.Start();
        var settings = Settings(server.Address) with { Processes = [new("gateway", Environment.ProcessId)] };
        var (udp, kafka) = await new BaselineRun(settings, null, _ => { }).RunAsync(TestContext.Current.CancellationToken);
        Assert.Null(kafka);
        Assert.True(udp.PerSecond > 0 && udp.Latency.Count > 0);
        Assert.Equal(OperatingSystem.IsLinux(), udp.CpuMicrosecondsPerEvent > 0);
        var baseline = BaselineRun.Compare(udp, new BaselineFigures(100, new LatencyFigures(1, 2, 2, 2, 2, 2), 4), await RunAsync(settings));
        Assert.True(baseline.Ratios["ack_p50_to_udp_echo"] > 0);
        Assert.True(baseline.Ratios["ack_p50_to_kafka_producer"] > 0);
    }

    [Fact]
    public async Task What_a_process_tells_on_its_metrics_is_measured()
    {
        using var server = new AcknowledgingServer(new IPEndPoint(IPAddress.Loopback, 0));
        server.Start();
        await using var metrics = await ScriptedMetrics.StartAsync();
        var report = await RunAsync(Settings(server.Address) with { Endpoints = [new("ingress", metrics.Address), new("gone", new Uri("http://127.0.0.1:1/metrics"))] });
        var ingress = Assert.Single(report.Processes, process => process.Name == "ingress");
        // Half a second of CPU and 1 000 bytes more at each look.
        Assert.True(ingress.CpuSeconds >= 0.5);
        Assert.True(ingress.AllocatedBytesPerEvent > 0);
        Assert.Equal(64, ingress.MemoryMiB);
        Assert.DoesNotContain(report.Processes, process => process.Name == "gone");
        Assert.All(report.Samples, sample => Assert.Contains(sample.Processes, process => process.Name == "ingress"));
    }
}
