using System.Text;
using System.Text.Json;
using Pipeline.IntegrationTests.Devices;
using Pipeline.IntegrationTests.Gateways;
using Pipeline.IntegrationTests.Scenarios;

namespace Pipeline.IntegrationTests.Conformance;

/// <summary>LightweightM2M-1.1-int-306, 307 and 311: what a device Sends, and that it is told to be silent. All bytes are written by hand.</summary>
[Collection(InStandalone.Name)]
public sealed class SendConformance(StandaloneFixture gateway) : GatewayScenarios(gateway)
{
    const uint SenmlJson = 110;
    const uint SenmlCbor = 112;
    const uint Lwm2mCbor = 11544;
    const string Objects = "</1/0>;ver=1.1,</3/0>;ver=1.1";

    // /3/0 with a text, a resource of two instances, an integer, a time and an object link.
    const string Content =
        """[{"path":"/3/0/0","value":"EMQ"},{"path":"/3/0/6/0","value":1},{"path":"/3/0/6/1","value":5},{"path":"/3/0/9","value":95},"""
        + """{"path":"/3/0/13","value":1700000000},{"path":"/3/0/22/0","value":"66:1"}]""";

    static readonly byte[] InTlv = Convert.FromHexString("c300454d51" + "8606410001410105" + "c1095f" + "c40d6553f100" + "8616440000420001");

    static readonly byte[] InJson = Encoding.UTF8.GetBytes(
        """{"bn":"/3/0/","e":[{"n":"0","sv":"EMQ"},{"n":"6/0","v":1},{"n":"6/1","v":5},{"n":"9","v":95},{"n":"13","v":1700000000},{"n":"22/0","ov":"66:1"}]}""");

    static readonly byte[] InSenmlJson = Encoding.UTF8.GetBytes(
        """[{"bn":"/3/0/","n":"0","vs":"EMQ"},{"n":"6/0","v":1},{"n":"6/1","v":5},{"n":"9","v":95},{"n":"13","v":1700000000},{"n":"22/0","vlo":"66:1"}]""");

    static readonly byte[] InSenmlCbor = Convert.FromHexString(
        "86" + "a321652f332f302f00613003" + "63454d51" + "a20063362f300201" + "a20063362f310205" + "a200613902185f" + "a200623133021a6553f100"
        + "a20064" + "32322f30" + "63766c6f" + "6436363a31");

    static readonly byte[] InLwm2mCbor = Convert.FromHexString(
        "a103a100a5" + "0063454d51" + "06a200010105" + "09185f" + "0d1a6553f100" + "16a1006436363a31");

    [Fact]
    public Task Int_306_Send_in_SenML_JSON() => Sends(SenmlJson, InSenmlJson);

    [Fact]
    public Task Int_311_Send_in_SenML_CBOR() => Sends(SenmlCbor, InSenmlCbor);

    [Fact]
    public Task Send_in_LwM2M_CBOR() => Sends(Lwm2mCbor, InLwm2mCbor, "1.2");

    [Fact]
    public async Task Int_307_Mute_Send()
    {
        using var story = await BeginAsync("1.1");
        await WriteMuteAsync(story, mute: false);
        await SendAsync(story, SenmlJson, InSenmlJson, "ACK 2.04");
        await story.HearAsync("up/send");
        await WriteMuteAsync(story, mute: true);
    }

    [Fact]
    public async Task History_of_a_Send_has_its_times()
    {
        using var story = await BeginAsync("1.1");
        await SendAsync(story, SenmlJson, """[{"bn":"/3/0/9","bt":1700000000,"v":95},{"t":60,"v":94},{"t":120.5,"v":93}]"""u8.ToArray(), "ACK 2.04");
        await story.HearAsync(
            "up/send",
            """{"data":{"content":[{"path":"/3/0/9","ts":1700000000000,"value":95},{"path":"/3/0/9","ts":1700000060000,"value":94},{"path":"/3/0/9","ts":1700000120500,"value":93}]},"msgType":"send"}""");
    }

    [Theory]
    [InlineData("1.1", SenmlJson, "[{\"n\":\"/3/0/9\",\"v\":95},{\"n\":\"/3/0/9\",\"v\":96}]", "4.00", "bad_request", "value 2, /3/0/9: the path came before in the same payload")]
    [InlineData("1.1", SenmlJson, "[{\"n\":\"/3303/0/5700\",\"v\":21.5}]", "4.04", "not_found", "object 3303 is not registered")]
    [InlineData("1.1", 50u, "{}", "4.15", "unsupported_content_format", "Send takes SenML JSON, SenML CBOR and LwM2M CBOR")]
    [InlineData("1.0", SenmlJson, "[{\"n\":\"/3/0/9\",\"v\":95}]", "4.04", "not_found", "Send begins with LwM2M 1.1, and the registration is of 1.0")]
    public async Task Refused_Send_is_told_to_both_sides(string version, uint format, string payload, string code, string name, string reason)
    {
        using var story = await BeginAsync(version);
        await SendAsync(story, format, Encoding.UTF8.GetBytes(payload), $"ACK {code} | {Convert.ToHexStringLower(Encoding.UTF8.GetBytes(reason))}");
        await story.HearAsync("up/send", $$"""{"data":{"code":"{{code}}","codeMsg":"{{name}}","reason":"{{reason}}"},"msgType":"send"}""");
    }

    [Fact]
    public async Task Send_of_a_stranger_is_not_found()
    {
        using var story = Begin();
        var answer = await story.Device.RequestAsync(Send(story.Device, SenmlJson, InSenmlJson));
        Assert.Equal("4.04", answer.Dotted);
    }

    [Fact]
    public async Task Same_values_give_the_same_event_in_every_format()
    {
        using var story = await BeginAsync("1.2");
        await story.CommandAsync("""{"msgType":"observe","data":{"path":"/3/0"}}""");
        var observe = await story.Device.ExpectAsync();
        Assert.StartsWith("CON GET 6=0 11=3 11=0", observe.Said, StringComparison.Ordinal);
        await story.Device.AnswerAsync(observe, Datagram.Content, InTlv, BareDevice.Tlv, 1);
        Assert.Equal(Content, ContentOf(await story.HearAsync("up/resp")));

        var number = 1u;
        foreach (var (format, payload) in new[]
            { (BareDevice.Tlv, InTlv), (BareDevice.Json, InJson), (SenmlJson, InSenmlJson), (SenmlCbor, InSenmlCbor), (Lwm2mCbor, InLwm2mCbor) })
        {
            var notification = story.Device.Notification(observe.Token, payload, format, ++number);
            await story.Device.SendAsync(notification);
            await story.Device.ExpectAcknowledgementAsync(notification);
            Assert.Equal((format, Content), (format, ContentOf(await story.HearAsync("up/notify"))));
        }
    }

    async Task Sends(uint format, byte[] payload, string version = "1.1")
    {
        using var story = await BeginAsync(version);
        await SendAsync(story, format, payload, "ACK 2.04");
        await story.HearAsync("up/send", $$"""{"data":{"content":{{Content}}},"msgType":"send"}""");

        // The same in a message that nobody acknowledges: it is answered in kind.
        var answer = await story.Device.RequestAsync(Send(story.Device, format, payload) with { Type = MessageType.NonConfirmable });
        Assert.Equal("NON 2.04", answer.Said);
        await story.HearAsync("up/send", $$"""{"data":{"content":{{Content}}},"msgType":"send"}""");
    }

    async Task<Story> BeginAsync(string version)
    {
        var story = Begin();
        await story.Device.RegisterAsync(Objects, 300, version);
        await story.HearAsync("up/register");
        return story;
    }

    static async Task SendAsync(Story story, uint format, byte[] payload, string answer) =>
        Assert.Equal(answer, (await story.Device.RequestAsync(Send(story.Device, format, payload))).Said);

    static async Task WriteMuteAsync(Story story, bool mute)
    {
        var command = """{"msgType":"write","data":{"path":"/1/0/23","value":""" + (mute ? "true}}" : "false}}");
        await story.CommandAsync(command, $"CON PUT 11=1 11=0 11=23 12=11542 | c117{(mute ? "01" : "00")}", Datagram.Changed, []);
        await story.HearAsync("up/resp", """{"data":{"code":"2.04","codeMsg":"changed","reqPath":"/1/0/23"},"msgType":"write"}""");
    }

    static Datagram Send(BareDevice device, uint format, byte[] payload) => new()
    {
        Code = Datagram.Post,
        Id = device.NextId(),
        Token = device.NextToken(),
        Options = [Datagram.Option(Datagram.UriPath, "dp"), Datagram.Option(Datagram.ContentFormat, format)],
        Payload = payload,
    };

    static string ContentOf(string json)
    {
        using var document = JsonDocument.Parse(json);
        return document.RootElement.GetProperty("data").GetProperty("content").GetRawText();
    }
}
