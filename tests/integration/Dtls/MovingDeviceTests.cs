using System.Text;
using MQTTnet;
using Pipeline.IntegrationTests.Devices;
using Pipeline.IntegrationTests.Gateways;

namespace Pipeline.IntegrationTests.Dtls;

/// <summary>A device on a cellular network: its records bear a connection id, and each of its sockets may be its last.</summary>
public sealed class MovingDeviceTests(DtlsFixture gateway) : IClassFixture<DtlsFixture>
{
    const string Prefix = "lwm2m/rover/";

    [Fact]
    public async Task Observation_goes_on_while_the_device_changes_its_address_with_nothing_lost()
    {
        using var device = new SecureDevice("rover", Encoding.UTF8.GetBytes(DtlsFixture.Key), offersId: true);
        using var words = new BareDevice(gateway.Coap, "rover");
        device.Carry(gateway.Secure);
        await device.ConnectAsync();
        words.Registered(device.Ask(words.RegisterRequest()));
        await gateway.Applications.ExpectAsync(Prefix + "up/register");
        await gateway.Applications.SendAsync(Prefix + "dn/cmd", """{"msgType":"observe","data":{"path":"/3/0/0"}}""");
        var observe = device.Answer("CON GET 6=0 11=3 11=0 11=0", "0", observe: 1);
        await gateway.Applications.ExpectAsync(Prefix + "up/resp");

        for (uint i = 1; i <= 9; i++)
        {
            if (i % 2 == 0)
                device.Carry(gateway.Secure);
            var notification = words.Notification(observe.Token, $"value {i}", i + 1);
            var answer = device.Ask(notification);
            Assert.Equal((MessageType.Acknowledgement, Datagram.Empty, notification.Id), (answer.Type, answer.Code, answer.Id));
            var message = await gateway.Applications.ExpectAsync(Prefix + "up/notify");
            Assert.Contains($"\"value {i}\"", message.ConvertPayloadToString(), StringComparison.Ordinal);
        }

        // And what is asked comes to where it is now.
        await gateway.Applications.SendAsync(Prefix + "dn/cmd", """{"msgType":"read","data":{"path":"/3/0/0"}}""");
        device.Answer("CON GET 11=3 11=0 11=0", "here");
        await gateway.Applications.ExpectAsync(
            Prefix + "up/resp", """{"data":{"code":"2.05","codeMsg":"content","content":[{"path":"/3/0/0","value":"here"}],"reqPath":"/3/0/0"},"msgType":"read"}""");
        Assert.Equal("ACK 2.02", device.Ask(words.DeregisterRequest()).Said);
    }
}
