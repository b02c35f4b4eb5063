using System.Text;
using Contracts;
using Contracts.Configuration;
using Microsoft.Extensions.Logging.Abstractions;
using MQTTnet;
using MQTTnet.Protocol;
using Messaging;
using Standalone;

namespace Pipeline.Tests.Egress;

/// <summary>The Translator tells an event again, because it died before it could commit: MQTT hears it once.</summary>
public sealed class RepeatedEventTests
{
    private const string Topic = "lwm2m/dev-1/up/notify";

    private static readonly BindAddress s_anyPort = BindAddress.Loopback(0);

    [Fact]
    public async Task Batch_that_is_told_twice_is_published_once_also_by_the_next_process()
    {
        await using var mqtt = await EmbeddedMqttBroker.StartAsync(s_anyPort, NullLogger.Instance);
        await using var rig = EgressRig.Start();
        await using var ears = await MqttEars.OpenAsync(mqtt.Server, "lwm2m/#");
        await rig.StartEgressAsync(mqtt.Server);
        await TellAsync(rig, 0, 50);
        await TellAsync(rig, 0, 50); // some of them while the first are under way
        await EgressRig.UntilAsync(() => rig.Count("published") + rig.Count("repeated") == 100);
        await rig.StopEgressAsync();

        await rig.StartEgressAsync(mqtt.Server);
        await TellAsync(rig, 0, 50);
        await TellAsync(rig, 50, 60);

        await ears.AwaitAsync(60);
        Assert.Equal(Enumerable.Range(0, 60).Select(i => $"{i}"), ears.Payloads);
        Assert.Equal(100, rig.Count("repeated"));
        await EgressRig.UntilAsync(() => rig.Count("published") == 60);
    }

    [Fact]
    public async Task Repetition_of_an_event_that_was_not_acknowledged_is_not_lost()
    {
        await using var broker = new BareBroker();
        await using var rig = EgressRig.Start(new GatewayConfiguration { Egress = new EgressOptions { Connections = 1 } });
        await TellAsync(rig, 0, 1);
        await TellAsync(rig, 0, 1);
        await rig.StartEgressAsync(broker.Server);
        await broker.AcceptAsync("-egress-");
        await broker.WelcomeAsync(sessionPresent: false);
        var sent = await broker.ReadAsync();
        Assert.True(await broker.IsQuietAsync());
        Assert.Equal(0, rig.Count("repeated"));

        // The first one is lost on the way: it is what must come again.
        broker.Close();
        await broker.AcceptAsync("-egress-");
        await broker.WelcomeAsync(sessionPresent: false);
        var again = await broker.ReadAsync();
        await broker.AcknowledgeAsync(4, again.Id);

        Assert.Equal(sent.Body, again.Body);
        await EgressRig.UntilAsync(() => rig.Count("repeated") == 1);
        Assert.Equal(1, rig.Count("published"));
    }

    [Fact]
    public async Task Repetition_of_an_event_that_was_put_aside_is_put_aside_and_one_of_a_denied_event_is_published()
    {
        await using var mqtt = await FussyBroker.StartAsync((e, _) =>
        {
            if (e.ApplicationMessage.Topic == Topic)
            {
                e.Response.ReasonCode = MqttPubAckReasonCode.NotAuthorized;
                e.ProcessPublish = false;
            }
        });
        await using var rig = EgressRig.Start();
        await using var ears = await MqttEars.OpenAsync(mqtt.Server, "#");
        await rig.StartEgressAsync(mqtt.Server);
        await TellAsync(rig, 0, 1);
        await rig.DeadLetters.AwaitAsync(1);
        await TellAsync(rig, 0, 1);
        await rig.DeadLetters.AwaitAsync(2);

        await rig.EventAsync("dev-1", null, "denied", Id(7));
        await rig.EventAsync("dev-1", "lwm2m/open", "allowed", Id(7));
        await ears.AwaitAsync(1);

        Assert.Equal(["allowed"], ears.Payloads);
        Assert.Equal(0, rig.Count("repeated"));
    }

    private static async Task TellAsync(EgressRig rig, int from, int to)
    {
        foreach (var i in Enumerable.Range(from, to - from))
        {
            Assert.True((await rig.EventAsync("dev-1", Topic, $"{i}", Id(i))).Succeeded);
        }
    }

    private static RecordHeader Id(int number) => new(EventHeaders.Id, Encoding.UTF8.GetBytes($"{EventId.Of(Encoding.UTF8.GetBytes($"e{number}"))}-0"));
}
