using System.Text;
using Contracts;
using Contracts.Configuration;
using Messaging;
using Microsoft.Extensions.Logging.Abstractions;
using MQTTnet;
using Standalone;

namespace Pipeline.Tests.Egress;

public sealed class CommandRelayTests
{
    private const string Read = """{"reqID":1,"msgType":"read","data":{"path":"/3/0/0"}}""";

    private static readonly BindAddress s_anyPort = BindAddress.Loopback(0);

    [Fact]
    public async Task Command_arrives_in_kafka_as_it_stands_with_its_headers()
    {
        await using var mqtt = await EmbeddedMqttBroker.StartAsync(s_anyPort, NullLogger.Instance);
        await using var rig = EgressRig.Start();
        await rig.RegisterAsync("dev-1");
        await using var app = await StartAsync(rig, mqtt.Server);
        var before = DateTimeOffset.UtcNow.ToUnixTimeMilliseconds();
        await app.SendAsync("lwm2m/dev-1/dn/anything", Read, message => message.WithResponseTopic("my/answers").WithCorrelationData([1, 0, 2]).WithMessageExpiryInterval(30));

        var command = (await rig.Commands.AwaitAsync(1))[0];

        Assert.Equal("dev-1", Key(command));
        Assert.Equal(Read, Encoding.UTF8.GetString(command.Value!));
        Assert.Equal("lwm2m/dev-1/dn/anything", EgressRig.Header(command, CommandHeaders.MqttTopic));
        Assert.Equal("my/answers", EgressRig.Header(command, CommandHeaders.ResponseTopic));
        Assert.Equal([1, 0, 2], command.Headers.Single(header => header.Name == CommandHeaders.CorrelationData).Value);
        var expires = long.Parse(EgressRig.Header(command, CommandHeaders.ExpiresAt)!, System.Globalization.CultureInfo.InvariantCulture);
        Assert.InRange(expires, before + 20_000, DateTimeOffset.UtcNow.ToUnixTimeMilliseconds() + 30_000);
        Assert.NotEmpty(EgressRig.Header(command, CommandHeaders.CommandId)!);
    }

    [Fact]
    public async Task Commands_keep_their_order_and_each_has_an_id_of_its_own()
    {
        await using var mqtt = await EmbeddedMqttBroker.StartAsync(s_anyPort, NullLogger.Instance);
        await using var rig = EgressRig.Start();
        await rig.RegisterAsync("dev-1");
        await using var app = await StartAsync(rig, mqtt.Server);
        for (var i = 0; i < 300; i++)
        {
            await app.SendAsync("lwm2m/dev-1/dn", i < 200 ? $"{i}" : "same");
        }

        var commands = await rig.Commands.AwaitAsync(300);

        Assert.Equal(Enumerable.Range(0, 200).Select(i => $"{i}"), commands.Take(200).Select(command => Encoding.UTF8.GetString(command.Value!)));
        Assert.Equal(300, commands.Select(command => EgressRig.Header(command, CommandHeaders.CommandId)).Distinct().Count());
    }

    [Fact]
    public async Task Prefix_that_two_devices_share_gives_a_command_for_each()
    {
        await using var mqtt = await EmbeddedMqttBroker.StartAsync(s_anyPort, NullLogger.Instance);
        await using var rig = EgressRig.Start(new GatewayConfiguration { Lwm2m = new Lwm2mOptions { Mountpoint = "lwm2m/${username}/" } });
        await rig.RegisterAsync("dev-1", username: "site");
        await rig.RegisterAsync("dev-2", username: "site");
        await rig.RegisterAsync("dev-3", username: "other");
        await using var app = await StartAsync(rig, mqtt.Server);
        await app.SendAsync("lwm2m/site/dn/x", Read);

        var commands = await rig.Commands.AwaitAsync(2);

        Assert.Equal(["dev-1", "dev-2"], commands.Select(Key).Order());
        Assert.Equal(2, commands.Select(command => EgressRig.Header(command, CommandHeaders.CommandId)).Distinct().Count());
    }

    [Fact]
    public async Task Unknown_prefix_is_keyed_by_the_name_in_it_after_the_registrations_were_read_to_their_end()
    {
        await using var mqtt = await EmbeddedMqttBroker.StartAsync(s_anyPort, NullLogger.Instance);
        await using var rig = EgressRig.Start(new GatewayConfiguration { Lwm2m = new Lwm2mOptions { Mountpoint = "lwm2m/${username}" , Translators = new TopicMappings { Command = new() { Topic = "/dn/#" } } } });
        await using var app = await StartAsync(rig, mqtt.Server);
        await app.SendAsync("lwm2m/nobody/dn/x", Read);
        await rig.Commands.AwaitAsync(1);
        await rig.RegisterAsync("late-1", username: "late");
        await app.SendAsync("lwm2m/late/dn/x", Read);

        var commands = await rig.Commands.AwaitAsync(2);

        Assert.Equal(["nobody", "late-1"], commands.OrderBy(command => EgressRig.Header(command, CommandHeaders.MqttTopic) == "lwm2m/late/dn/x").Select(Key));
        Assert.Equal(1, rig.Count("unknown_prefix"));
    }

    [Fact]
    public async Task Listener_with_a_mountpoint_of_its_own_is_commanded_there()
    {
        await using var mqtt = await EmbeddedMqttBroker.StartAsync(s_anyPort, NullLogger.Instance);
        var listeners = new ListenersOptions { Udp = new Dictionary<string, UdpListenerOptions> { ["site"] = new() { Bind = BindAddress.Any(0), Mountpoint = "site/${username}/" } } };
        await using var rig = EgressRig.Start(new GatewayConfiguration { Lwm2m = new Lwm2mOptions { Listeners = listeners } });
        await rig.RegisterAsync("dev-1", username: "u-1", listener: "udp:site");
        await rig.RegisterAsync("dev-2");
        await using var app = await StartAsync(rig, mqtt.Server);
        await app.SendAsync("site/u-1/dn/x", Read);
        await app.SendAsync("lwm2m/dev-2/dn/x", Read);

        var commands = await rig.Commands.AwaitAsync(2);

        Assert.Equal(["dev-1", "dev-2"], commands.Select(Key).Order());
    }

    [Fact]
    public async Task Message_is_acknowledged_only_after_kafka_has_it_and_a_second_delivery_makes_no_second_command()
    {
        await using var mqtt = await FussyBroker.StartAsync((_, _) => { });
        await using var rig = EgressRig.Start();
        await rig.RegisterAsync("dev-1");
        await using var app = await StartAsync(rig, mqtt.Server);
        rig.Broker.SetDown();
        for (var i = 0; i < 5; i++)
        {
            await app.SendAsync("lwm2m/dev-1/dn/x", $"{i}");
        }

        // The relay's connection breaks before Kafka is back: what it had acknowledged would be lost now.
        await mqtt.DisconnectAsync($"{rig.Topics.Prefix}-relay");
        await rig.ReadyAsync();
        Assert.Equal(0, mqtt.Acknowledged);
        Assert.Empty(rig.Commands.Records);
        rig.Broker.SetUp();
        var commands = await rig.Commands.AwaitAsync(5);
        await app.SendAsync("lwm2m/dev-1/dn/x", "last");
        commands = await rig.Commands.AwaitAsync(6);

        Assert.Equal(["0", "1", "2", "3", "4", "last"], commands.Select(command => Encoding.UTF8.GetString(command.Value!)));
    }

    [Fact]
    public async Task Successor_does_not_write_again_what_stands_in_the_tail_of_the_log()
    {
        await using var mqtt = await FussyBroker.StartAsync((_, _) => { });
        await using var rig = EgressRig.Start();
        await rig.RegisterAsync("dev-1");
        await using var app = await StartAsync(rig, mqtt.Server);
        mqtt.HoldAcknowledgements(of: $"{rig.Topics.Prefix}-relay");
        await app.SendAsync("lwm2m/dev-1/dn/x", "once");
        await rig.Commands.AwaitAsync(1);
        await rig.StopEgressAsync();
        mqtt.HoldAcknowledgements(of: null);
        await app.SendAsync("lwm2m/dev-1/dn/x", "while away");
        await rig.StartEgressAsync(mqtt.Server);
        await rig.ReadyAsync();
        await app.SendAsync("lwm2m/dev-1/dn/x", "last");

        var commands = await rig.Commands.AwaitAsync(3);

        Assert.Equal(["once", "while away", "last"], commands.Select(command => Encoding.UTF8.GetString(command.Value!)));
        Assert.Equal(1, rig.Count("redelivered"));
    }

    [Fact]
    public async Task Own_events_and_retained_messages_are_no_commands()
    {
        await using var mqtt = await EmbeddedMqttBroker.StartAsync(s_anyPort, NullLogger.Instance);
        await using var rig = EgressRig.Start(new GatewayConfiguration { Lwm2m = new Lwm2mOptions { Translators = new TopicMappings { Command = new() { Topic = "#" } } } });
        await rig.RegisterAsync("dev-1");
        await using var app = await MqttEars.OpenAsync(mqtt.Server);
        await app.SendAsync("lwm2m/dev-1/dn/x", "retained", message => message.WithRetainFlag());
        await rig.StartEgressAsync(mqtt.Server);
        await rig.ReadyAsync();
        await rig.EventAsync("dev-1", "lwm2m/dev-1/up/resp", "event");
        await EgressRig.UntilAsync(() => rig.Count("published") == 1);
        await app.SendAsync("lwm2m/dev-1/dn/x", Read);

        var command = (await rig.Commands.AwaitAsync(1))[0];

        Assert.Equal(Read, Encoding.UTF8.GetString(command.Value!));
        Assert.Equal(1, rig.Count("ignored"));
        Assert.Single(rig.Commands.Records);
    }

    [Fact]
    public async Task Payload_that_is_too_large_is_passed_on_empty_so_that_it_is_answered()
    {
        await using var mqtt = await EmbeddedMqttBroker.StartAsync(s_anyPort, NullLogger.Instance);
        await using var rig = EgressRig.Start();
        await rig.RegisterAsync("dev-1");
        await using var app = await StartAsync(rig, mqtt.Server);
        await app.SendAsync("lwm2m/dev-1/dn/x", new string('x', UnreadBudget.MaxRecordBytes + 1));

        var command = (await rig.Commands.AwaitAsync(1))[0];

        Assert.Empty(command.Value!);
        Assert.Equal(1, rig.Count("too_large"));
    }

    private static async Task<MqttEars> StartAsync(EgressRig rig, string server)
    {
        await rig.StartEgressAsync(server);
        await rig.ReadyAsync();
        return await MqttEars.OpenAsync(server);
    }

    private static string Key(LogRecord record) => Encoding.UTF8.GetString(record.Key);
}
