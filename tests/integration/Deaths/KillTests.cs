using System.Collections.Concurrent;
using System.Text.Json;
using Contracts;
using MQTTnet;
using MQTTnet.Formatter;
using MQTTnet.Protocol;
using Pipeline.IntegrationTests.Devices;
using Pipeline.IntegrationTests.Gateways;
using Pipeline.IntegrationTests.Kafka;
using Pipeline.IntegrationTests.Mqtt;

namespace Pipeline.IntegrationTests.Deaths;

/// <summary>
/// A service dies by SIGKILL in the middle of 10 000 notifications: what was acknowledged reaches MQTT, in the order of each device.
/// </summary>
public sealed class KillTests(KafkaFixture kafka) : IAsyncLifetime
{
    const int Devices = 20;
    const int NotificationsEach = 500;

    static readonly TimeSpan Bound = TimeSpan.FromSeconds(90);
    static int runs;

    readonly MosquittoFixture _mosquitto = new();
    readonly string _prefix = $"kill{Interlocked.Increment(ref runs)}";
    readonly ConcurrentDictionary<string, ConcurrentQueue<(int Number, bool Late)>> _arrived = new();
    readonly IMqttClient _subscriber = new MqttClientFactory().CreateMqttClient();
    StallingProxy? _wayToMosquitto;
    ThreeProcesses? _gateway;
    string _servers = "";

    public async ValueTask InitializeAsync()
    {
        try
        {
            var missing = ThreeProcessFixture.MissingHere(_mosquitto);
            Assert.SkipUnless(missing is null, missing ?? "");
            await StartAsync();
        }
        catch
        {
            // Nobody else does it for a test that has not begun.
            await DisposeAsync();
            throw;
        }
    }

    async Task StartAsync()
    {
        await _mosquitto.StartAsync();
        _wayToMosquitto = new StallingProxy(_mosquitto.Port);
        _servers = (await kafka.RequireAsync()).BootstrapServers;
        _gateway = await ThreeProcesses.StartAsync(coap => $$"""
            gateway.lwm2m {
              auto_observe = ["/3/0/9"]
              translators {
                command { topic = "dn/#" }, response { topic = "up/resp" }, notify { topic = "up/notify" }
                register { topic = "up/resp" }, update { topic = "up/resp" }
              }
              listeners.udp.default { bind = "{{coap}}" }
            }
            """, _servers, $"mqtt://127.0.0.1:{_wayToMosquitto.Port}", _prefix);

        _subscriber.ApplicationMessageReceivedAsync += arrived =>
        {
            Take(arrived.ApplicationMessage);
            return Task.CompletedTask;
        };
        await _subscriber.ConnectAsync(new MqttClientOptionsBuilder().WithTcpServer("127.0.0.1", _mosquitto.Port).WithClientId("subscriber")
            .WithProtocolVersion(MqttProtocolVersion.V500).WithCleanStart(false).WithSessionExpiryInterval(3600).Build());
        await _subscriber.SubscribeAsync("lwm2m/+/up/notify", MqttQualityOfServiceLevel.AtLeastOnce);
    }

    public async ValueTask DisposeAsync()
    {
        if (_gateway is not null)
        {
            if (TestContext.Current.TestState?.Result == TestResult.Failed)
                TestContext.Current.TestOutputHelper?.WriteLine(_gateway.Log);
            await _gateway.DisposeAsync();
        }

        _subscriber.Dispose();
        if (_wayToMosquitto is not null)
            await _wayToMosquitto.DisposeAsync();
        await _mosquitto.DisposeAsync();
    }

    [Fact]
    public Task Translator_dies_and_nothing_acknowledged_is_lost() =>
        DieAsync(_gateway!.Translator, new Topics(_prefix).TranslatorGroup, new Topics(_prefix).Uplink, FreezeInFlightAsync);

    [Fact]
    public Task Egress_dies_and_nothing_acknowledged_is_lost() =>
        DieAsync(_gateway!.Egress, new Topics(_prefix).EgressGroup, new Topics(_prefix).Events, FreezeInFlightAsync);

    [Fact]
    public Task Egress_dies_while_mqtt_stalls_and_nothing_acknowledged_is_lost() =>
        DieAsync(_gateway!.Egress, new Topics(_prefix).EgressGroup, new Topics(_prefix).Events, StallAsync);

    async Task DieAsync(ServiceProcess victim, string group, string topic, Func<ServiceProcess, GroupProgress, Task<long>> catchInFlight)
    {
        var devices = Enumerable.Range(0, Devices).Select(_ => new ReportingDevice(_gateway!.Coap)).ToList();
        await Task.WhenAll(devices.Select(device => device.BeginAsync()));
        var reports = devices.Select(device => device.ReportAsync(NotificationsEach)).ToList();
        await Eventually.TrueAsync(
            () => devices.Sum(d => d.Acknowledged) > Devices * NotificationsEach / 4, Bound, () => "the devices come to nothing");

        using var progress = new GroupProgress(_servers, group, topic, partitions: 4);
        var inFlight = 0L;
        await Eventually.TrueAsync(
            async () => (inFlight = await catchInFlight(victim, progress)) > 0, Bound, () => "nothing was in flight");
        var acknowledgedAtDeath = devices.Sum(d => d.Acknowledged);
        await victim.KillAsync();
        _wayToMosquitto!.ResumeAfresh();
        TestContext.Current.TestOutputHelper?.WriteLine(
            $"{inFlight} records in flight, {acknowledgedAtDeath} notifications acknowledged when {victim.Service} died");
        Assert.InRange(acknowledgedAtDeath, 1, (Devices * NotificationsEach) - 1);

        victim.Start();
        await victim.ReadyAsync();
        await Task.WhenAll(reports);
        await Eventually.TrueAsync(
            () => devices.TrueForAll(HasArrived), Bound, () => "missing: " + string.Join("; ", devices.Where(d => !HasArrived(d)).Select(Missing)));
        Assert.All(devices, AssertInOrder);
        devices.ForEach(device => device.Dispose());
    }

    // Records that stood in the log before the process was stopped, and that it had not committed: in its hands, or still ahead of it.
    static async Task<long> FreezeInFlightAsync(ServiceProcess victim, GroupProgress progress)
    {
        var written = progress.Written();
        await victim.FreezeAsync();
        var inFlight = written - progress.Committed();
        if (inFlight <= 0)
            await victim.ThawAsync();
        return inFlight;
    }

    // No PUBACK comes any more; so nothing more is committed, and the process gets full.
    async Task<long> StallAsync(ServiceProcess victim, GroupProgress progress)
    {
        _wayToMosquitto!.Stall();
        var committed = progress.Committed();
        await Eventually.TrueAsync(() => progress.Written() > committed + 1500, Bound, () => "the events do not go on");
        return progress.Written() - progress.Committed();
    }

    bool HasArrived(ReportingDevice device) =>
        device.AcknowledgedNumbers.Count == NotificationsEach && FirstArrivals(device).Count == NotificationsEach;

    string Missing(ReportingDevice device) => $"{device.Endpoint}: {FirstArrivals(device).Count} of {device.Acknowledged}";

    void AssertInOrder(ReportingDevice device)
    {
        var first = FirstArrivals(device);
        // One that the network had lost comes late by the device's own doing, and says so.
        var orderly = first.Where(a => !a.Late).Select(a => a.Number).ToList();
        Assert.Equal(orderly.Order(), orderly);
        Assert.True(orderly.Count > NotificationsEach / 2);
    }

    List<(int Number, bool Late)> FirstArrivals(ReportingDevice device) =>
        _arrived.TryGetValue(device.Endpoint, out var arrived) ? [.. arrived.DistinctBy(a => a.Number)] : [];

    void Take(MqttApplicationMessage message)
    {
        var data = JsonDocument.Parse(message.Payload).RootElement.GetProperty("data");
        var number = data.GetProperty("content")[0].GetProperty("value").GetInt32();
        var endpoint = message.Topic.Split('/')[1];
        _arrived.GetOrAdd(endpoint, _ => new ConcurrentQueue<(int, bool)>()).Enqueue((number, data.TryGetProperty("late", out _)));
    }
}
