using System.Globalization;
using System.Text;
using Contracts.Configuration;
using Pipeline.Tests.Egress;

namespace Pipeline.IntegrationTests.Mqtt;

/// <summary>Egress against a broker that keeps to the letter of MQTT, and is restarted in the middle.</summary>
public sealed class EgressOnMosquittoTests : IAsyncDisposable
{
    private readonly MosquittoFixture _mosquitto = new();

    public EgressOnMosquittoTests() => Assert.SkipUnless(_mosquitto.Missing is null, _mosquitto.Missing ?? "");

    public ValueTask DisposeAsync() => _mosquitto.DisposeAsync();

    [Theory]
    [InlineData(MqttProtocolVersion.V5)]
    [InlineData(MqttProtocolVersion.V311)]
    public async Task Broker_is_restarted_twice_and_every_event_arrives_in_order(MqttProtocolVersion version)
    {
        const int Devices = 5, Each = 600;
        await _mosquitto.StartAsync();
        await using var rig = EgressRig.Start(new GatewayConfiguration { Mqtt = new MqttOptions { ProtocolVersion = version } });
        await using var subscriber = await FaithfulSubscriber.OpenAsync(_mosquitto.Port, "lwm2m/#");
        await rig.StartEgressAsync(_mosquitto.Server);
        var sending = SendAsync(rig, Devices, Each);
        foreach (var some in (int[])[300, 1200])
        {
            await EgressRig.UntilAsync(() => rig.Count("published") >= some);
            await _mosquitto.StopAsync();
            await _mosquitto.StartAsync();
        }

        await sending;
        await EgressRig.UntilAsync(() => subscriber.Payloads.Distinct().Count() == Devices * Each);

        AssertRises(subscriber.Payloads);
        Assert.Empty(rig.DeadLetters.Records);
        Assert.True(rig.Count("disconnected") > 0, "the restarts were not noticed");
    }

    [Fact]
    public async Task What_the_broker_has_acknowledged_is_committed_and_the_rest_is_published_by_the_next_process()
    {
        await _mosquitto.StartAsync();
        await using var rig = EgressRig.Start();
        await using var subscriber = await FaithfulSubscriber.OpenAsync(_mosquitto.Port, "lwm2m/#");
        await rig.StartEgressAsync(_mosquitto.Server);
        await SendAsync(rig, devices: 2, each: 50);
        await EgressRig.UntilAsync(() => rig.Count("published") == 100);
        await _mosquitto.StopAsync();
        await SendAsync(rig, devices: 2, each: 50, from: 50);
        await rig.StopEgressAsync();
        await _mosquitto.StartAsync();
        await rig.StartEgressAsync(_mosquitto.Server);

        await EgressRig.UntilAsync(() => subscriber.Payloads.Distinct().Count() == 200);

        await EgressRig.UntilAsync(() => rig.Count("published") == 200);
        AssertRises(subscriber.Payloads);
    }

    [Theory]
    [InlineData(MqttProtocolVersion.V5)]
    [InlineData(MqttProtocolVersion.V311)]
    public async Task Command_that_is_sent_while_no_relay_is_there_arrives_when_one_comes(MqttProtocolVersion version)
    {
        await _mosquitto.StartAsync();
        await using var rig = EgressRig.Start(new GatewayConfiguration { Mqtt = new MqttOptions { ProtocolVersion = version } });
        await rig.RegisterAsync("dev-1");
        await rig.StartEgressAsync(_mosquitto.Server);
        await rig.ReadyAsync();
        await SendCommandsAsync("before");
        await rig.Commands.AwaitAsync(1);
        await rig.StopEgressAsync();
        await SendCommandsAsync("away-1", "away-2");
        await _mosquitto.StopAsync();
        await _mosquitto.StartAsync();
        await SendCommandsAsync("away-3");
        await rig.StartEgressAsync(_mosquitto.Server);
        await rig.ReadyAsync();
        await SendCommandsAsync("after");

        var commands = await rig.Commands.AwaitAsync(5);

        Assert.Equal(["before", "away-1", "away-2", "away-3", "after"], commands.Select(command => Encoding.UTF8.GetString(command.Value!)));
    }

    [Fact]
    public async Task Command_that_kafka_had_not_taken_when_the_broker_went_is_delivered_again_and_written_once()
    {
        await _mosquitto.StartAsync();
        await using var rig = EgressRig.Start();
        await rig.RegisterAsync("dev-1");
        await rig.StartEgressAsync(_mosquitto.Server);
        await rig.ReadyAsync();
        rig.Broker.SetRoundTripTime(TimeSpan.FromSeconds(3));
        await SendCommandsAsync("0", "1", "2", "3", "4");
        await EgressRig.UntilAsync(() => rig.Count("relayed") == 5);
        await _mosquitto.StopAsync();
        await _mosquitto.StartAsync();
        await rig.ReadyAsync();
        rig.Broker.SetRoundTripTime(TimeSpan.Zero);
        await SendCommandsAsync("last");

        await EgressRig.UntilAsync(() => rig.Commands.Records.Any(command => Encoding.UTF8.GetString(command.Value!) == "last"));

        Assert.InRange(rig.Count("redelivered"), 1, 5);
        Assert.Equal(["0", "1", "2", "3", "4", "last"], rig.Commands.Records.Select(command => Encoding.UTF8.GetString(command.Value!)));
    }

    private async Task SendCommandsAsync(params string[] payloads)
    {
        await using var app = await MqttEars.OpenAsync(_mosquitto.Server);
        foreach (var payload in payloads)
        {
            await app.SendAsync("lwm2m/dev-1/dn/x", payload);
        }
    }

    private static async Task SendAsync(EgressRig rig, int devices, int each, int from = 0)
    {
        for (var i = from; i < from + each; i++)
        {
            var sent = Enumerable.Range(0, devices).Select(d => rig.EventAsync($"dev-{d}", $"lwm2m/dev-{d}/up/notify", $"dev-{d} {i}"));
            Assert.All(await Task.WhenAll(sent), result => Assert.True(result.Succeeded));
        }
    }

    // Repetitions after a lost connection may go back, but nothing is left out on the way.
    private static void AssertRises(IReadOnlyList<string> payloads)
    {
        foreach (var device in payloads.Select(payload => payload.Split(' ')).GroupBy(parts => parts[0], parts => int.Parse(parts[1], CultureInfo.InvariantCulture)))
        {
            var highest = -1;
            foreach (var number in device)
            {
                Assert.True(number <= highest + 1, $"{device.Key}: {number} came after {highest}");
                highest = Math.Max(highest, number);
            }
        }
    }
}
