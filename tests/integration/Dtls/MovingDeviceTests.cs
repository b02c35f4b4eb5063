using System.Net;
using System.Net.Sockets;
using System.Text;
using MQTTnet;
using Pipeline.IntegrationTests.Devices;
using Pipeline.IntegrationTests.Gateways;
using Pipeline.Tests.Dtls;

namespace Pipeline.IntegrationTests.Dtls;

/// <summary>A device on a cellular network: its records bear a connection id, and each of its sockets may be its last.</summary>
public sealed class MovingDeviceTests(DtlsFixture gateway) : IClassFixture<DtlsFixture>
{
    const string Prefix = "lwm2m/rover/";

    [Fact]
    public async Task Observation_goes_on_while_the_device_changes_its_address_with_nothing_lost()
    {
        var device = new DtlsClient(_ => { }, "rover", Encoding.UTF8.GetBytes(DtlsFixture.Key)) { OffersId = true };
        List<UdpClient> sockets = [];
        using var words = new BareDevice(gateway.Coap, "rover");
        try
        {
            Carry(device, sockets);
            await device.ConnectAsync();
            words.Registered(Answer(device, words.RegisterRequest()));
            await gateway.Applications.ExpectAsync(Prefix + "up/register");
            await gateway.Applications.SendAsync(Prefix + "dn/cmd", """{"msgType":"observe","data":{"path":"/3/0/0"}}""");
            var observe = Request(device, "CON GET 6=0 11=3 11=0 11=0", "0", observe: 1);
            await gateway.Applications.ExpectAsync(Prefix + "up/resp");

            for (uint i = 1; i <= 9; i++)
            {
                if (i % 2 == 0)
                    Carry(device, sockets);
                var notification = words.Notification(observe.Token, $"value {i}", i + 1);
                var answer = Answer(device, notification);
                Assert.Equal((MessageType.Acknowledgement, Datagram.Empty, notification.Id), (answer.Type, answer.Code, answer.Id));
                var message = await gateway.Applications.ExpectAsync(Prefix + "up/notify");
                Assert.Contains($"\"value {i}\"", message.ConvertPayloadToString(), StringComparison.Ordinal);
            }

            // And what is asked comes to where it is now.
            await gateway.Applications.SendAsync(Prefix + "dn/cmd", """{"msgType":"read","data":{"path":"/3/0/0"}}""");
            Request(device, "CON GET 11=3 11=0 11=0", "here");
            await gateway.Applications.ExpectAsync(
                Prefix + "up/resp", """{"data":{"code":"2.05","codeMsg":"content","content":[{"path":"/3/0/0","value":"here"}],"reqPath":"/3/0/0"},"msgType":"read"}""");
            Assert.Equal("ACK 2.02", Answer(device, words.DeregisterRequest()).Said);
        }
        finally
        {
            sockets.ForEach(s => s.Dispose());
        }
    }

    // Another socket: the old one hears nothing any more.
    void Carry(DtlsClient device, List<UdpClient> sockets)
    {
        sockets.LastOrDefault()?.Dispose();
        var socket = new UdpClient(new IPEndPoint(IPAddress.Loopback, 0));
        sockets.Add(socket);
        socket.Connect(gateway.Secure);
        device.Network = datagram => socket.Send(datagram);
        _ = Task.Run(async () =>
        {
            while (true)
                device.Deliver((await socket.ReceiveAsync()).Buffer);
        });
    }

    static Datagram Answer(DtlsClient device, Datagram message)
    {
        device.Say(message.ToBytes());
        return Hear(device);
    }

    // The gateway asks for that, and gets this.
    static Datagram Request(DtlsClient device, string said, string text, uint? observe = null)
    {
        var request = Hear(device);
        Assert.Equal(said, request.Said);
        device.Say(new Datagram
        {
            Type = MessageType.Acknowledgement,
            Code = Datagram.Content,
            Id = request.Id,
            Token = request.Token,
            Options = observe is { } sequence ? [Datagram.Option(Datagram.Observe, sequence)] : [],
            Payload = Encoding.UTF8.GetBytes(text),
        }.ToBytes());
        return request;
    }

    static Datagram Hear(DtlsClient device)
    {
        var bytes = device.HearBytes();
        Assert.NotEmpty(bytes);
        return Datagram.Parse(bytes);
    }
}
