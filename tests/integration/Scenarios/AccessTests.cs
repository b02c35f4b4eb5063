using System.Net.Sockets;
using System.Text;
using Pipeline.IntegrationTests.Devices;
using Pipeline.IntegrationTests.Gateways;

namespace Pipeline.IntegrationTests.Scenarios;

/// <summary>Who comes in, as whom, and what becomes of those who do not.</summary>
public sealed class AccessTests(AccessFixture gateway) : GatewayScenarios(gateway), IClassFixture<AccessFixture>
{
    [Fact]
    public async Task One_device_is_turned_away_and_another_comes_in_under_its_tenant()
    {
        using var stranger = new BareDevice(Gateway.Coap);
        var refused = await stranger.RequestAsync(stranger.RegisterRequest(queries: "password=wrong"));
        Assert.Equal(("4.03", "not authorized: the authenticator does not admit this device"), (refused.Dotted, refused.Text));

        using var device = new BareDevice(Gateway.Coap);
        device.Registered(await device.RequestAsync(device.RegisterRequest(queries: "password=right")));
        var prefix = $"lwm2m/blue/{device.Endpoint}/";
        await Gateway.Applications.ExpectAsync(prefix + "up/register",
            $$"""{"data":{"alternatePath":"/","ep":"{{device.Endpoint}}","lt":300,"lwm2m":"1.0","objectList":["/1/0","/3/0"]},"msgType":"register"}""");

        // Commands find the device by its mountpoint.
        await Gateway.Applications.SendAsync(prefix + "dn/cmd", """{"msgType":"read","data":{"path":"/3/0/0"}}""");
        await device.AnswerAsync(await device.ExpectRequestAsync("CON GET 11=3 11=0 11=0"), Datagram.NotFound);
        await Gateway.Applications.ExpectAsync(prefix + "up/resp", """{"data":{"code":"4.04","codeMsg":"not_found","reqPath":"/3/0/0"},"msgType":"read"}""");
        await stranger.ExpectNothingBeforePongAsync();
        Assert.DoesNotContain("wrong", Gateway.Log, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_is_denied_does_not_reach_MQTT_and_the_device_is_none_the_wiser()
    {
        using var device = new BareDevice(Gateway.Coap);
        device.Registered(await device.RequestAsync(device.RegisterRequest(queries: "password=right")));
        var prefix = $"lwm2m/blue/{device.Endpoint}/";
        await Gateway.Applications.ExpectAsync(prefix + "up/register");
        await device.UpdateAsync();
        await Gateway.Applications.SendAsync(prefix + "dn/cmd", """{"msgType":"read","data":{"path":"/3/0/0"}}""");
        await device.AnswerAsync(await device.ExpectRequestAsync("CON GET 11=3 11=0 11=0"), Datagram.NotFound);
        await Gateway.Applications.ExpectAsync(prefix + "up/resp");
        Assert.False(Gateway.Applications.HasUnread(prefix + "up/update"));
    }

    [Fact]
    public async Task A_listener_is_opened_and_closed_while_running()
    {
        await gateway.ChangeAsync(gateway.With("""listeners.udp.later { bind = "127.0.0.1:0", enable_authn = false, mountpoint = "later/${endpoint_name}/" }"""));
        await Eventually.TrueAsync(() => gateway.Log.Contains("udp:later is open", StringComparison.Ordinal), TimeSpan.FromSeconds(20), () => gateway.Log);
        using var device = new BareDevice(gateway.Door("udp:later"));
        await device.RegisterAsync();
        await Gateway.Applications.ExpectAsync($"later/{device.Endpoint}/up/register");
        await gateway.ChangeAsync(gateway.With(""));
        await Eventually.TrueAsync(() => gateway.Log.Contains("udp:later is closed", StringComparison.Ordinal), TimeSpan.FromSeconds(20), () => gateway.Log);
        using var other = new BareDevice(Gateway.Coap);
        Assert.Equal("4.03", (await other.RequestAsync(other.RegisterRequest())).Dotted);
    }

    [Fact]
    public async Task Health_check_is_answered_and_a_closed_door_is_silent()
    {
        using var balancer = new UdpClient();
        balancer.Connect(Gateway.Coap);
        await balancer.SendAsync("are you there?"u8.ToArray(), TestContext.Current.CancellationToken);
        var answer = await balancer.ReceiveAsync(TestContext.Current.CancellationToken).AsTask().WaitAsync(TimeSpan.FromSeconds(15), TestContext.Current.CancellationToken);
        Assert.Equal("yes", Encoding.UTF8.GetString(answer.Buffer));
        using var outside = new BareDevice(Gateway.NamedCoap);
        await outside.SendAsync(outside.RegisterRequest(queries: "password=right"));
        await outside.ExpectSilenceAsync();
    }
}
