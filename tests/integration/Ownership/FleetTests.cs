using System.Diagnostics;
using System.Net;
using System.Text.Json;
using Confluent.Kafka;
using Contracts;
using Pipeline.IntegrationTests.Devices;
using Pipeline.IntegrationTests.Gateways;
using Pipeline.IntegrationTests.Kafka;

namespace Pipeline.IntegrationTests.Ownership;

/// <summary>Ingress replicas as processes on a real Kafka: one is drained and taken out, one is stopped in the middle of its work.</summary>
public sealed class FleetTests(KafkaFixture kafka)
{
    // What the end of a process may take, with a lot of room for a busy machine; the host gives it 25 s.
    static readonly TimeSpan StopBound = TimeSpan.FromSeconds(20);
    static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    [Fact]
    public async Task A_drained_slot_is_empty_and_its_devices_notice_nothing()
    {
        var servers = (await kafka.RequireAsync()).BootstrapServers;
        await using var staying = new IngressReplica(0, servers, "drain");
        await using var leaving = new IngressReplica(1, servers, "drain");
        await Task.WhenAll(staying.StartAsync(), leaving.StartAsync());
        var devices = Enumerable.Range(0, 20).Select(_ => new BareDevice(leaving.Coap)).ToList();
        await Task.WhenAll(devices.Select(device => device.RegisterAsync()));

        var (code, report) = await ToolAsync(servers, "drain", "--slot", "1", "--wait", "--timeout", "60s", "--json");
        Assert.Equal((0, true, 0, true), (code, report.GetProperty("empty").GetBoolean(), report.GetProperty("registrations").GetInt32(), report.GetProperty("alive").GetBoolean()));
        var readiness = await leaving.ReadinessAsync();
        Assert.Equal(HttpStatusCode.ServiceUnavailable, readiness.Code);
        Assert.Contains("\"draining\"", readiness.Text, StringComparison.Ordinal);
        var registrations = Records("drain", new Topics("drain").Registrations, servers)
            .Select(r => RegistrationRecord.TryParse(r.Value, out var registration) ? registration! : throw new InvalidDataException()).ToList();
        Assert.All(devices, device => Assert.Equal((0, "live"), Placed(registrations.Last(r => r.Endpoint == device.Endpoint))));

        // Whoever still speaks there is served; then the slot is taken out, and the devices go on elsewhere under the registration that they have.
        await devices[0].UpdateAsync();
        Assert.Equal(0, await leaving.Process.StopAsync());
        foreach (var device in devices)
        {
            using var moved = new BareDevice(staying.Coap);
            var update = device.UpdateRequest();
            Assert.Equal("ACK 2.04", (await moved.RequestAsync(update)).Said);
            device.Dispose();
        }

        Assert.DoesNotContain(Uplink("drain", servers), e => e.Kind is EventKind.Expired or EventKind.Deregistered or EventKind.Replaced);

        // The last one is told that nobody is there, and a slot that never was is not drained.
        (code, report) = await ToolAsync(servers, "drain", "--slot", "0", "--json");
        Assert.Equal((1, "drain"), (code, report.GetProperty("wish").GetString()));
        Assert.Contains("no other slot", report.GetProperty("problem").GetString(), StringComparison.Ordinal);
        (code, report) = await ToolAsync(servers, "drain", "--slot", "0", "--undo", "--json");
        Assert.Equal((0, "none"), (code, report.GetProperty("wish").GetString()));
        await Eventually.TrueAsync(async () => (await staying.ReadinessAsync()).Code == HttpStatusCode.OK, Patience, () => "ready again");
        (code, report) = await ToolAsync(servers, "drain", "--slot", "3", "--json");
        Assert.Equal((1, "none"), (code, report.GetProperty("wish").GetString()));
    }

    [Fact]
    public async Task What_is_durable_at_the_end_was_answered_and_nothing_is_repeated_after_the_restart()
    {
        var servers = (await kafka.RequireAsync()).BootstrapServers;
        await using var ingress = new IngressReplica(0, servers, "stop");
        await ingress.StartAsync();
        var devices = Enumerable.Range(0, 40).Select(_ => new BareDevice(ingress.Coap)).ToList();
        await Task.WhenAll(devices.Select(device => device.RegisterAsync()));
        using var over = new CancellationTokenSource();
        var updating = devices.Select(device => UpdateAsync(device, over.Token)).ToList();
        await Task.Delay(1000, TestContext.Current.CancellationToken);

        var watch = Stopwatch.StartNew();
        Assert.Equal(0, await ingress.Process.StopAsync());
        Assert.InRange(watch.Elapsed, TimeSpan.Zero, StopBound);
        await over.CancelAsync();
        var outcomes = await Task.WhenAll(updating);

        // Every Update that stands in the log has been answered before the process ended, and the other way round.
        var events = Uplink("stop", servers).Where(e => e.Kind == EventKind.Updated).ToList();
        Assert.Equal(events.Count, events.Select(e => (e.IdHigh, e.IdLow)).Distinct().Count());
        for (var i = 0; i < devices.Count; i++)
            Assert.Equal((devices[i].Endpoint, outcomes[i].Answered), (devices[i].Endpoint, events.Count(e => e.Endpoint == devices[i].Endpoint)));
        var unanswered = outcomes.Count(o => o.Open is not null);
        TestContext.Current.TestOutputHelper?.WriteLine($"{events.Count} Updates, {unanswered} left open by the end, which took {watch.Elapsed.TotalSeconds:0.0} s");
        Assert.True(unanswered > 0, "nobody was in the middle of a request");

        // They repeat it, as devices do, and each becomes one event.
        await ingress.StartAsync();
        for (var i = 0; i < devices.Count; i++)
        {
            if (outcomes[i].Open is { } open)
                Assert.Equal("ACK 2.04", (await devices[i].RequestAsync(open)).Said);
            devices[i].Dispose();
        }

        events = [.. Uplink("stop", servers).Where(e => e.Kind == EventKind.Updated)];
        Assert.Equal(outcomes.Sum(o => o.Answered) + unanswered, events.Count);
        Assert.Equal(events.Count, events.Select(e => (e.IdHigh, e.IdLow)).Distinct().Count());
    }

    [Fact]
    public async Task The_end_comes_also_while_Kafka_is_away()
    {
        KafkaFixture.SkipUnlessPossible();
        await using var cluster = await KafkaCluster.StartAsync();
        await using var ingress = new IngressReplica(0, cluster.BootstrapServers, "away");
        await ingress.StartAsync();
        using var device = new BareDevice(ingress.Coap);
        await device.RegisterAsync();
        await cluster.KillAsync();
        // Handed to Kafka's client and never written; or refused, where the client knows already.
        await device.SendAsync(device.UpdateRequest());
        Assert.NotEqual("2.04", (await device.TryReceiveAsync(TimeSpan.FromMilliseconds(300)))?.Dotted);
        var watch = Stopwatch.StartNew();
        Assert.Equal(0, await ingress.Process.StopAsync());
        Assert.InRange(watch.Elapsed, TimeSpan.Zero, StopBound);

        // Also one that waits for Kafka to begin.
        ingress.Process.Start();
        await Eventually.TrueAsync(() => ingress.Process.Log.Contains("answers /healthz", StringComparison.Ordinal), Patience, () => "the process begins");
        watch.Restart();
        await ingress.Process.StopAsync();
        Assert.InRange(watch.Elapsed, TimeSpan.Zero, StopBound);
    }

    // One Update after the other, without repetitions, until one is not answered any more.
    static async Task<(int Answered, Datagram? Open)> UpdateAsync(BareDevice device, CancellationToken over)
    {
        for (var answered = 0; ; answered++)
        {
            var update = device.UpdateRequest();
            await device.SendAsync(update);
            while (await device.TryReceiveAsync(TimeSpan.FromMilliseconds(500)) is null)
            {
                if (over.IsCancellationRequested)
                    return (answered, update);
            }
        }
    }

    static (int Slot, string State) Placed(RegistrationRecord registration) => (registration.Slot, registration.State);

    static List<UplinkEvent> Uplink(string prefix, string servers) =>
        [.. Records(prefix, new Topics(prefix).Uplink, servers).Select(r => UplinkEvent.Parser.ParseFrom(r.Value))];

    // All that stands on a topic, by partition.
    static List<Message<byte[], byte[]>> Records(string prefix, string topic, string servers)
    {
        using var consumer = new ConsumerBuilder<byte[], byte[]>(new ConsumerConfig { BootstrapServers = servers, GroupId = prefix + "-outsider", EnableAutoCommit = false }).Build();
        var records = new List<Message<byte[], byte[]>>();
        for (var partition = 0; partition < 4; partition++)
        {
            var name = new TopicPartition(topic, partition);
            var end = consumer.QueryWatermarkOffsets(name, Patience).High;
            consumer.Assign(new TopicPartitionOffset(name, Offset.Beginning));
            while (end > 0 && consumer.Consume(Patience) is { } record)
            {
                records.Add(record.Message);
                if (record.Offset.Value >= end.Value - 1)
                    break;
            }
        }

        return records;
    }

    static async Task<(int Code, JsonElement Report)> ToolAsync(string servers, params string[] arguments)
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory.TrimEnd(Path.DirectorySeparatorChar));
        var tool = Path.Combine(folder.Parent!.Parent!.FullName, "lwm2m", folder.Name, "lwm2m.dll");
        var prefix = "drain";
        using var process = Process.Start(new ProcessStartInfo(
            Environment.GetEnvironmentVariable("DOTNET_HOST_PATH") ?? "dotnet", [tool, "ingress", .. arguments, "--kafka", servers, "--prefix", prefix])
        {
            RedirectStandardOutput = true, RedirectStandardError = true,
        })!;
        var error = process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        var output = await process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        Assert.True(output.Length > 0, await error);
        return (process.ExitCode, JsonDocument.Parse(output).RootElement);
    }
}
