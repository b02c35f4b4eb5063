using System.Net;
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
}
