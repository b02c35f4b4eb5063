using System.Text;
using Contracts;
using Contracts.Configuration;
using Hosting;
using Messaging;
using Pipeline.Tests.Hosting;
using Microsoft.Extensions.Logging.Abstractions;
using Standalone;

namespace Pipeline.Tests.Egress;

/// <summary>Where commands come in can change while the relay runs: by the configuration, and for single clients.</summary>
public sealed class FurtherTopicsTests : IDisposable
{
    private const string Read = """{"reqID":1,"msgType":"read","data":{"path":"/3/0/0"}}""";

    private static readonly BindAddress s_anyPort = BindAddress.Loopback(0);

    private readonly TestConfiguration _files = new();

    public void Dispose() => _files.Dispose();

    [Fact]
    public async Task Client_is_commanded_on_a_further_topic_as_long_as_the_record_stands()
    {
        await using var mqtt = await EmbeddedMqttBroker.StartAsync(s_anyPort, NullLogger.Instance);
        await using var rig = EgressRig.Start();
        await rig.RegisterAsync("dev-1");
        await rig.RegisterAsync("dev-2");
        await using var app = await StartAsync(rig, mqtt.Server);
        await rig.InForceAsync(rig.ConfigAsync("subscriptions/dev-1", """{"topics":[{"topic":"x/+","qos":0},{"topic":"y","qos":2}]}"""));
        await app.SendAsync("lwm2m/dev-1/x/1", "1");
        await app.SendAsync("lwm2m/dev-1/y", "2");
        await app.SendAsync("lwm2m/dev-2/x/1", "nobody's");
        await rig.InForceAsync(rig.ConfigAsync("subscriptions/dev-1", """{"topics":[{"topic":"y","qos":0}]}"""));
        await app.SendAsync("lwm2m/dev-1/x/1", "taken away");
        await app.SendAsync("lwm2m/dev-1/y", "3");
        await rig.InForceAsync(rig.ConfigAsync("subscriptions/dev-1", null));
        await app.SendAsync("lwm2m/dev-1/y", "taken away, too");
        await app.SendAsync("lwm2m/dev-1/dn/x", "4");

        var commands = await rig.Commands.AwaitAsync(4);

        Assert.Equal(["1", "2", "3", "4"], commands.Select(command => Encoding.UTF8.GetString(command.Value!)));
        Assert.All(commands, command => Assert.Equal("dev-1", Key(command)));
        Assert.Equal("lwm2m/dev-1/x/1", EgressRig.Header(commands[0], CommandHeaders.MqttTopic));
    }

    [Fact]
    public async Task Topics_are_there_again_after_a_lost_connection_and_for_the_next_relay()
    {
        await using var mqtt = await FussyBroker.StartAsync((_, _) => { });
        await using var rig = EgressRig.Start();
        await rig.RegisterAsync("dev-1");
        await rig.ConfigAsync("subscriptions/dev-1", """{"topics":[{"topic":"x","qos":1},{"topic":"y","qos":1}]}""");
        await using var app = await StartAsync(rig, mqtt.Server);
        await app.SendAsync("lwm2m/dev-1/x", "1");
        await rig.Commands.AwaitAsync(1);

        await mqtt.DisconnectAsync($"{rig.Topics.Prefix}-relay");
        await rig.InForceAsync(rig.ConfigAsync("subscriptions/dev-1", """{"topics":[{"topic":"y","qos":1}]}"""));
        await app.SendAsync("lwm2m/dev-1/x", "taken away");
        await app.SendAsync("lwm2m/dev-1/y", "2");
        await rig.Commands.AwaitAsync(2);

        await rig.StopEgressAsync();
        await app.SendAsync("lwm2m/dev-1/y", "3"); // the broker keeps it
        await rig.StartEgressAsync(mqtt.Server);
        await rig.ReadyAsync();
        await app.SendAsync("lwm2m/dev-1/y", "4");

        var commands = await rig.Commands.AwaitAsync(4);
        Assert.Equal(["1", "2", "3", "4"], commands.Select(command => Encoding.UTF8.GetString(command.Value!)));
    }

    // The client may come after the record, leave, and come back under another prefix.
    [Fact]
    public async Task Topics_follow_the_registrations_of_the_client()
    {
        await using var mqtt = await EmbeddedMqttBroker.StartAsync(s_anyPort, NullLogger.Instance);
        await using var rig = EgressRig.Start(new GatewayConfiguration { Lwm2m = new Lwm2mOptions { Mountpoint = "m/${username}/" } });
        await using var app = await StartAsync(rig, mqtt.Server);
        await rig.InForceAsync(rig.ConfigAsync("subscriptions/dev-1", """{"topics":[{"topic":"x","qos":0}]}"""));

        await rig.RegisterAsync("dev-1", number: 1, username: "a");
        await UntilTakenAsync(rig, app, "m/a/x");
        await rig.RegisterAsync("dev-1", number: 2, username: "b");
        await UntilTakenAsync(rig, app, "m/b/x");
        await rig.RegisterAsync("dev-1", number: 3, username: "b", live: false);
        await rig.InForceAsync(rig.ConfigAsync("subscriptions/other", """{"topics":[]}"""));
        var before = rig.Commands.Records.Count(command => Encoding.UTF8.GetString(command.Value!) == "to nobody");
        await app.SendAsync("m/a/x", "to nobody");
        await app.SendAsync("m/a/dn", "end");
        await EgressRig.UntilAsync(() => rig.Commands.Records.Any(command => Encoding.UTF8.GetString(command.Value!) == "end"));

        Assert.Equal(before, rig.Commands.Records.Count(command => Encoding.UTF8.GetString(command.Value!) == "to nobody"));
    }

    [Theory]
    [InlineData("dn/special")] // the usual filter has it already
    [InlineData("dn/#")]
    public async Task Topic_that_the_usual_filter_covers_makes_one_command_of_a_message(string topic)
    {
        await using var mqtt = await EmbeddedMqttBroker.StartAsync(s_anyPort, NullLogger.Instance);
        await using var rig = EgressRig.Start();
        await rig.RegisterAsync("dev-1");
        await using var app = await StartAsync(rig, mqtt.Server);
        await rig.InForceAsync(rig.ConfigAsync("subscriptions/dev-1", $$"""{"topics":[{"topic":"{{topic}}","qos":0}]}"""));
        await app.SendAsync("lwm2m/dev-1/dn/special", "1");
        await app.SendAsync("lwm2m/dev-1/dn/special", "2");

        var commands = await rig.Commands.AwaitAsync(2);

        Assert.Equal(["1", "2"], commands.Select(command => Encoding.UTF8.GetString(command.Value!)));
    }

    // A filter that is none would make the broker end the connection, again and again.
    [Fact]
    public async Task What_cannot_be_subscribed_to_is_counted_and_all_else_goes_on()
    {
        await using var mqtt = await EmbeddedMqttBroker.StartAsync(s_anyPort, NullLogger.Instance);
        await using var rig = EgressRig.Start();
        await rig.RegisterAsync("dev-1");
        await rig.RegisterAsync("a+b");
        await using var app = await StartAsync(rig, mqtt.Server);
        await rig.ConfigAsync("subscriptions/a+b", """{"topics":[{"topic":"x","qos":0}]}""");
        await rig.ConfigAsync("subscriptions/dev-2", "no json");
        await rig.ConfigAsync("subscriptions/dev-1", """{"topics":[{"topic":"x/#/y","qos":0},{"topic":"good","qos":7}]}""");
        await rig.InForceAsync(rig.ConfigAsync("something/else", "{}"));
        await app.SendAsync("lwm2m/dev-1/good", Read);

        Assert.Equal("dev-1", Key((await rig.Commands.AwaitAsync(1))[0]));
        Assert.True(rig.Count("subscriptions_refused") >= 2);
        Assert.Null(rig.Service!.RelayTrouble);
    }

    [Fact]
    public async Task Topic_that_the_broker_refuses_is_counted_and_all_else_goes_on()
    {
        await using var mqtt = await FussyBroker.StartAsync((_, _) => { });
        mqtt.Refuse("lwm2m/dev-1/secret");
        await using var rig = EgressRig.Start();
        await rig.RegisterAsync("dev-1");
        await using var app = await StartAsync(rig, mqtt.Server);
        await rig.InForceAsync(rig.ConfigAsync("subscriptions/dev-1", """{"topics":[{"topic":"secret","qos":0},{"topic":"open","qos":0}]}"""));
        await rig.InForceAsync(rig.ConfigAsync("something/else", "{}"));
        await app.SendAsync("lwm2m/dev-1/secret", "unheard");
        await app.SendAsync("lwm2m/dev-1/open", "1");
        await app.SendAsync("lwm2m/dev-1/dn/x", "2");

        var commands = await rig.Commands.AwaitAsync(2);

        Assert.Equal(["1", "2"], commands.Select(command => Encoding.UTF8.GetString(command.Value!)));
        Assert.Equal(1, rig.Count("subscriptions_refused"));
    }

    [Fact]
    public async Task Command_topic_that_changes_is_in_force_when_the_heartbeat_says_so()
    {
        await using var mqtt = await EmbeddedMqttBroker.StartAsync(s_anyPort, NullLogger.Instance);
        await using var rig = EgressRig.Start();
        rig.Live = new LiveConfiguration(rig.Configuration, _files.Sources([]));
        await rig.RegisterAsync("dev-1");
        await using var app = await StartAsync(rig, mqtt.Server);
        await app.SendAsync("lwm2m/dev-1/dn/x", "1");
        await rig.Commands.AwaitAsync(1);
        await rig.InForceAsync(rig.ConfigAsync("gateway.lwm2m", """{"translators":{"command":{"topic":"down/+","qos":2}}}"""));
        await app.SendAsync("lwm2m/dev-1/dn/x", "too late");
        await app.SendAsync("lwm2m/dev-1/down/x", "2");
        await rig.Commands.AwaitAsync(2);
        await rig.InForceAsync(rig.ConfigAsync("gateway.lwm2m", null));
        await app.SendAsync("lwm2m/dev-1/dn/x", "3");

        var commands = await rig.Commands.AwaitAsync(3);

        Assert.Equal(["1", "2", "3"], commands.Select(command => Encoding.UTF8.GetString(command.Value!)));
    }

    [Fact]
    public async Task Heartbeats_begin_tell_what_is_wrong_and_end()
    {
        await using var mqtt = await EmbeddedMqttBroker.StartAsync(s_anyPort, NullLogger.Instance);
        await using var rig = EgressRig.Start();
        rig.Live = new LiveConfiguration(rig.Configuration, _files.Sources([]));
        await rig.ConfigAsync("egress", """{"min_qos":2}""");
        await using var app = await StartAsync(rig, mqtt.Server);
        Assert.Equal(2, rig.Live.Current.Egress.MinQos);
        await rig.ConfigAsync("egress", """{"min_qos":3}""");
        await EgressRig.UntilAsync(() => rig.Instances.Records.Select(EgressRig.Heartbeat).Any(beat => beat!.ConfigProblem is not null));
        await rig.StopEgressAsync();
        await EgressRig.UntilAsync(() => rig.Instances.Records.Any(record => record.Value is null));

        var records = rig.Instances.Records;
        Assert.Single(records.Select(Key).Distinct(), key => key.StartsWith("egress/", StringComparison.Ordinal));
        var beats = records.Select(EgressRig.Heartbeat).OfType<InstanceRecord>().ToList();
        Assert.Equal("start", beats[0].Kind);
        Assert.Equal("stop", beats[^1].Kind);
        Assert.All(beats.Skip(1).SkipLast(1), beat => Assert.Equal("heartbeat", beat.Kind));
        Assert.Equal(1, beats[^2].ConfigOffset);
        Assert.Contains("egress.min_qos", beats[^2].ConfigProblem, StringComparison.Ordinal);
        Assert.Null(records[^1].Value);
    }

    // Registrations and the subscription that follows from them take their time.
    private static async Task UntilTakenAsync(EgressRig rig, MqttEars app, string topic)
    {
        using var patience = new CancellationTokenSource(EgressRig.Patience);
        while (!rig.Commands.Records.Any(command => EgressRig.Header(command, CommandHeaders.MqttTopic) == topic))
        {
            await app.SendAsync(topic, Read);
            await Task.Delay(20, patience.Token);
        }

        Assert.All(rig.Commands.Records.Where(command => EgressRig.Header(command, CommandHeaders.MqttTopic) == topic), command => Assert.Equal("dev-1", Key(command)));
    }

    private static async Task<MqttEars> StartAsync(EgressRig rig, string server)
    {
        await rig.StartEgressAsync(server);
        await rig.ReadyAsync();
        return await MqttEars.OpenAsync(server);
    }

    private static string Key(LogRecord record) => Encoding.UTF8.GetString(record.Key);
}
