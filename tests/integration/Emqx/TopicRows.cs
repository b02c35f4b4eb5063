using MQTTnet;
using MQTTnet.Protocol;
using Pipeline.IntegrationTests.Devices;
using Pipeline.IntegrationTests.Gateways;
using Pipeline.IntegrationTests.Scenarios;

namespace Pipeline.IntegrationTests.Emqx;

/// <summary>Mountpoints of the gateway and of listeners, with every placeholder; topics, QoS, and what stands beside EMQX's events.</summary>
public sealed class TopicRows(VariedFixture gateway) : GatewayScenarios(gateway), IClassFixture<VariedFixture>
{
    const string Read = """{"reqID":1,"msgType":"read","data":{"path":"/3/0/0"}}""";
    const string Answer = """{"data":{"code":"4.04","codeMsg":"not_found","reqPath":"/3/0/0"},"msgType":"read","reqID":1}""";

    [Theory]
    [InlineData("default", "m/i-NAME/d-NAME/")]
    [InlineData("name", "n/NAME/")]
    [InlineData("peer", "p/127.0.0.1/NAME/")]
    [InlineData("zone", "z/default/NAME/")]
    [InlineData("attribute", "a/${client_attrs.tenant}/NAME/")]
    [InlineData("literal", "l/${endpoint_namea}/%e/NAME/")]
    [InlineData("seamless", "s/NAME-")]
    public async Task Device_is_found_again_by_the_mountpoint_of_its_listener(string listener, string mountpoint)
    {
        using var device = new BareDevice(gateway.Door("udp:" + listener));
        var prefix = mountpoint.Replace("NAME", device.Endpoint, StringComparison.Ordinal);
        await device.RegisterAsync(BareDevice.Objects, 300, "1.0", $"imei=i-{device.Endpoint}", $"device_id=d-{device.Endpoint}");
        await gateway.Applications.ExpectAsync(prefix + "up/register");
        await gateway.Applications.SendAsync(prefix + "down/any/cmd", Read);
        await device.AnswerAsync(await device.ExpectRequestAsync("CON GET 11=3 11=0 11=0"), Datagram.NotFound);
        await gateway.Applications.ExpectAsync(prefix + "up/resp", Answer);

        // Another topic is none of commands.
        await gateway.Applications.SendAsync(prefix + "down/cmd", Read);
        await device.DeregisterAsync();
        await gateway.Applications.ExpectAsync(prefix + "up/end");
        await device.ExpectNothingBeforePongAsync();
    }

    [Fact]
    public async Task Devices_that_share_a_prefix_are_each_commanded()
    {
        using var one = new BareDevice(gateway.Door("udp:shared"));
        using var other = new BareDevice(gateway.Door("udp:shared"));
        foreach (var device in new[] { one, other })
        {
            await device.RegisterAsync();
            await gateway.Applications.ExpectAsync("shared/up/register");
        }

        await gateway.Applications.SendAsync("shared/down/any/cmd", Read);
        foreach (var device in new[] { one, other })
        {
            await device.AnswerAsync(await device.ExpectRequestAsync("CON GET 11=3 11=0 11=0"), Datagram.NotFound);
            await gateway.Applications.ExpectAsync("shared/up/resp", Answer);
            await device.DeregisterAsync();
        }
    }

    [Fact]
    public async Task Quality_of_service_is_that_of_the_mapping_and_at_least_one()
    {
        using var device = new BareDevice(gateway.Door("udp:name"));
        await device.RegisterAsync();
        var prefix = $"n/{device.Endpoint}/";
        await QosIsAsync("up/register", MqttQualityOfServiceLevel.AtLeastOnce);
        await gateway.Applications.SendAsync(prefix + "down/any/cmd", """{"msgType":"observe","data":{"path":"/3/0/9"}}""");
        var token = await device.BeginObservationAsync("CON GET 6=0 11=3 11=0 11=9", "95", 2);
        await QosIsAsync("up/resp", MqttQualityOfServiceLevel.AtLeastOnce);
        await device.SendAsync(device.Notification(token, "96", 3));
        // The test subscribes at QoS 1, so that is what it can see of 2.
        await QosIsAsync("up/notify", MqttQualityOfServiceLevel.AtLeastOnce);

        async Task QosIsAsync(string topic, MqttQualityOfServiceLevel qos) =>
            Assert.Equal(qos, (await gateway.Applications.ExpectAsync(prefix + topic)).QualityOfServiceLevel);
    }

    [Fact]
    public async Task State_of_a_device_is_told_beside_its_events()
    {
        using var device = new BareDevice(gateway.Door("udp:name"));
        var topic = $"n/{device.Endpoint}/up/online";
        await device.RegisterAsync();
        await StateIsAsync("""{"endpoint":"NAME","online":true,"since":""");
        await device.RegisterAsync();
        await StateIsAsync("""{"endpoint":"NAME","online":false,"reason":"replaced","since":""");
        await StateIsAsync("""{"endpoint":"NAME","online":true,"since":""");
        await device.UpdateAsync();
        await device.DeregisterAsync();
        await StateIsAsync("""{"endpoint":"NAME","online":false,"reason":"deregister","since":""");
        await device.RegisterAsync(lifetime: 1);
        await StateIsAsync("""{"endpoint":"NAME","online":true,"since":""");
        await StateIsAsync("""{"endpoint":"NAME","online":false,"reason":"expired","since":""");

        // Who comes later hears the last state, and nothing of what was before.
        await using var latecomer = await gateway.Applications.LatecomerAsync();
        var kept = await latecomer.ExpectAsync(topic);
        Assert.True(kept.Retain);
        Assert.StartsWith($$"""{"endpoint":"{{device.Endpoint}}","online":false,"reason":"expired""", kept.ConvertPayloadToString(), StringComparison.Ordinal);
        await latecomer.ExpectSilenceAsync($"n/{device.Endpoint}/up/resp");

        async Task StateIsAsync(string start) => Assert.StartsWith(
            start.Replace("NAME", device.Endpoint, StringComparison.Ordinal),
            (await gateway.Applications.ExpectAsync(topic)).ConvertPayloadToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Update_is_answered_and_then_brings_the_command_that_waited()
    {
        using var device = new BareDevice(gateway.Door("udp:name"));
        await device.RegisterAsync(BareDevice.Objects, 300, "1.0", "b=UQ");
        await device.ExpectSilenceAsync(1100);
        await gateway.Applications.SendAsync($"n/{device.Endpoint}/down/any/cmd", Read);
        await device.ExpectSilenceAsync();
        await device.UpdateAsync();
        await device.AnswerAsync(await device.ExpectRequestAsync("CON GET 11=3 11=0 11=0"), Datagram.NotFound);
        await gateway.Applications.ExpectAsync($"n/{device.Endpoint}/up/resp", Answer);
    }

    [Fact]
    public async Task Command_that_expires_while_the_device_sleeps_is_never_sent()
    {
        using var device = new BareDevice(gateway.Door("udp:name"));
        var prefix = $"n/{device.Endpoint}/";
        await device.RegisterAsync(BareDevice.Objects, 300, "1.0", "b=UQ");
        await device.ExpectSilenceAsync(1100);
        await gateway.Applications.SendAsync(prefix + "down/any/cmd", Read, expiry: 1);
        Assert.StartsWith("""{"data":{"code":"5.04","codeMsg":"gateway_timeout","reason":"expired""",
            (await gateway.Applications.ExpectAsync(prefix + "up/resp")).ConvertPayloadToString(), StringComparison.Ordinal);
        await device.UpdateAsync();
        await device.ExpectNothingBeforePongAsync();
    }

    [Theory]
    [InlineData("binding UQ", "1.0", "b=UQ", true)]
    [InlineData("binding SQ", "1.0", "b=SQ", true)]
    [InlineData("binding UQS", "1.0", "b=UQS", true)]
    [InlineData("binding UQSQ (EMQX: not seen)", "1.0", "b=UQSQ", true)]
    [InlineData("the flag of LwM2M 1.1 (EMQX: not seen)", "1.1", "Q", true)]
    [InlineData("apn", "1.0", "apn=Ctnb", true)]
    [InlineData("apn", "1.0", "apn=psmA.eDRX0.ctnb", true)]
    [InlineData("apn", "1.0", "apn=psmC.eDRX0.ctnb", true)]
    [InlineData("apn", "1.0", "apn=psmF.eDRXC.ctnb", true)]
    [InlineData("another apn", "1.0", "apn=ctnb", false)]
    [InlineData("binding U", "1.0", "b=U", false)]
    public async Task Commands_wait_for_a_device_that_sleeps(string row, string version, string query, bool waits)
    {
        using var device = new BareDevice(gateway.Door("udp:name"));
        var prefix = $"n/{device.Endpoint}/";
        await device.RegisterAsync(BareDevice.Objects, 300, version, query);
        await device.ExpectSilenceAsync(1100);
        for (var i = 2; i <= 3; i++)
            await gateway.Applications.SendAsync(prefix + "down/any/cmd", $$$"""{"reqID":{{{i}}},"msgType":"read","data":{"path":"/3/0/0"}}""");
        if (waits)
        {
            await device.ExpectSilenceAsync();
            // At once, all the same.
            await gateway.Applications.SendAsync(prefix + "down/any/cmd", """{"reqID":4,"mheaders":{"ttl":0},"msgType":"read","data":{"path":"/3/0/1"}}""");
            var urgent = await device.ExpectRequestAsync("CON GET 11=3 11=0 11=1");
            await device.AnswerAsync(urgent, Datagram.NotFound);
            await gateway.Applications.ExpectAsync(prefix + "up/resp");
        }

        // One at a time, in their order: the answer to one is the sign of life for the next.
        for (var i = 2; i <= 3; i++)
            await AnsweredAsync(i);
        Assert.NotEmpty(row);

        async Task AnsweredAsync(int number)
        {
            await device.AnswerAsync(await device.ExpectRequestAsync("CON GET 11=3 11=0 11=0"), Datagram.NotFound);
            await gateway.Applications.ExpectAsync(
                prefix + "up/resp", $$$"""{"data":{"code":"4.04","codeMsg":"not_found","reqPath":"/3/0/0"},"msgType":"read","reqID":{{{number}}}}""");
        }
    }
}
