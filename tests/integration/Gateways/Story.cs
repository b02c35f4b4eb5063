using System.Net;
using MQTTnet;
using Pipeline.IntegrationTests.Devices;

namespace Pipeline.IntegrationTests.Gateways;

/// <summary>One device and those who watch it on MQTT.</summary>
sealed class Story(Applications applications, BareDevice device, string prefix) : IDisposable
{
    public BareDevice Device => device;

    public string Endpoint => device.Endpoint;

    public static Story Begin(GatewayFixture gateway, IPEndPoint? door = null, string? endpoint = null)
    {
        var device = new BareDevice(door ?? gateway.Coap, endpoint);
        return new Story(gateway.Applications, device, $"lwm2m/{device.Endpoint}/");
    }

    /// <summary>A device that has registered, and whose event has been read.</summary>
    public static async Task<Story> BeginRegisteredAsync(
        GatewayFixture gateway, string objects = BareDevice.Objects, IPEndPoint? door = null)
    {
        var story = Begin(gateway, door);
        await story.Device.RegisterAsync(objects);
        await story.HearAsync("up/register");
        return story;
    }

    /// <summary>The JSON that comes next on that topic below the mountpoint.</summary>
    public async Task<string> HearAsync(string topic) => (await applications.ExpectAsync(prefix + topic)).ConvertPayloadToString();

    public Task HearAsync(string topic, string json) => applications.ExpectAsync(prefix + topic, json);

    public Task HearNothingAsync(string topic) => applications.ExpectSilenceAsync(prefix + topic);

    public bool HasUnheard(string topic) => applications.HasUnread(prefix + topic);

    public Task CommandAsync(string json, string topic = "dn/cmd") => applications.SendAsync(prefix + topic, json);

    /// <summary>A command of which the device hears that, and which it answers so.</summary>
    public async Task<Datagram> CommandAsync(string json, string said, byte code, byte[] payload, uint? format = null)
    {
        await CommandAsync(json);
        var request = await device.ExpectRequestAsync(said);
        await device.AnswerAsync(request, code, payload, format);
        return request;
    }

    /// <summary>The device is observed at /3/0/10 by that command, notifies once and de-registers; all that is heard.</summary>
    public async Task ReportAndLeaveAsync(string observe)
    {
        await CommandAsync(observe);
        var token = await device.BeginObservationAsync("CON GET 6=0 11=3 11=0 11=10", "2048", 2);
        await HearAsync("up/resp");
        var notification = device.Notification(token, "4096", 3);
        await device.SendAsync(notification);
        await device.ExpectAcknowledgementAsync(notification);
        await HearAsync("up/notify");
        await device.DeregisterAsync();
        await HearAsync("up/lifecycle");
    }

    /// <summary>Commands are carried out in order, so that one whose answer comes next shows that nothing else came before.</summary>
    public async Task HearNothingBeforeNextAnswerAsync()
    {
        await CommandAsync("""{"msgType":"read","data":{"path":"/3/0/0"},"fence":1}""", "CON GET 11=3 11=0 11=0", Datagram.Content, "last"u8.ToArray(), 0);
        await HearAsync(
            "up/resp", """{"data":{"code":"2.05","codeMsg":"content","content":[{"path":"/3/0/0","value":"last"}],"reqPath":"/3/0/0"},"fence":1,"msgType":"read"}""");
    }

    public void Dispose() => device.Dispose();
}
