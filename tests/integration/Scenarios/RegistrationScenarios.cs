using System.Text;
using System.Text.Json;
using Pipeline.IntegrationTests.Devices;
using Pipeline.IntegrationTests.Gateways;

namespace Pipeline.IntegrationTests.Scenarios;

/// <summary>Devices come, stay and go.</summary>
public abstract class RegistrationScenarios(GatewayFixture gateway) : GatewayScenarios(gateway)
{
    [Fact]
    public async Task Device_registers_updates_and_deregisters()
    {
        using var story = Begin();
        var device = story.Device;
        await device.RegisterAsync("</1/0>,</3/0>", 300, "1.0", "b=U", "password=hush", "custom=x");
        await story.HearAsync("up/register",
            $$"""{"data":{"alternatePath":"/","b":"U","custom":"x","ep":"{{story.Endpoint}}","lt":300,"lwm2m":"1.0","objectList":["/1/0","/3/0"]},"msgType":"register"}""");

        await device.UpdateAsync(null, "lt=600");
        await story.HearAsync("up/update",
            $$"""{"data":{"alternatePath":"/","b":"U","custom":"x","ep":"{{story.Endpoint}}","lt":600,"lwm2m":"1.0","objectList":["/1/0","/3/0"]},"msgType":"update"}""");
        await device.UpdateAsync("</1/0>,</3/0>,</3304/0>");
        await story.HearAsync("up/update",
            $$"""{"data":{"alternatePath":"/","b":"U","custom":"x","ep":"{{story.Endpoint}}","lt":600,"lwm2m":"1.0","objectList":["/1/0","/3/0","/3304/0"]},"msgType":"update"}""");

        await device.DeregisterAsync();
        var json = JsonDocument.Parse(await story.HearAsync("up/lifecycle")).RootElement;
        Assert.Equal("deregister", json.GetProperty("msgType").GetString());
        Assert.Equal((story.Endpoint, "/rd/" + device.RegistrationId), (Data(json, "ep"), Data(json, "location")));
        Assert.NotEmpty(Data(json, "reason"));

        Assert.Equal("4.04", (await device.RequestAsync(device.UpdateRequest())).Dotted);
        Assert.Equal("4.04", (await device.RequestAsync(device.DeregisterRequest())).Dotted);
        await device.ExpectNothingBeforePongAsync();
    }

    [Fact]
    public async Task Registration_that_is_not_refreshed_expires()
    {
        using var story = Begin();
        var device = story.Device;
        await device.RegisterAsync(lifetime: 1);
        await story.HearAsync("up/register");
        var json = JsonDocument.Parse(await story.HearAsync("up/lifecycle")).RootElement;
        Assert.Equal("expired", json.GetProperty("msgType").GetString());
        Assert.Equal((story.Endpoint, "/rd/" + device.RegistrationId), (Data(json, "ep"), Data(json, "location")));
        await device.ExpectNothingBeforePongAsync();
        Assert.Equal("4.04", (await device.RequestAsync(device.UpdateRequest())).Dotted);
        await story.HearNothingAsync("up/lifecycle");
    }

    [Theory]
    [InlineData("""</>;rt="oma.lwm2m";ct=11543,</1/0>,</3/0>""", "/", "/1/0,/3/0")]
    [InlineData("""</lwm2m>;rt="oma.lwm2m";ct=11543,</lwm2m/1/0>,</lwm2m/3/0>""", "/lwm2m", "/1/0,/3/0")]
    [InlineData("""</1/0>;title="a,b;c",</3/0>;obs,</3304>;ver="1.1",</3304/0>;ver=1.1;pmin""", "/", "/1/0,/3/0,/3304,/3304/0")]
    [InlineData(" </1/0> , </3/0>", "/", "/1/0,/3/0")]
    public async Task Object_list_is_read_as_link_format(string links, string alternatePath, string objects)
    {
        using var story = Begin();
        await story.Device.RegisterAsync(links);
        var data = JsonDocument.Parse(await story.HearAsync("up/register")).RootElement.GetProperty("data");
        Assert.Equal(alternatePath, data.GetProperty("alternatePath").GetString());
        Assert.Equal(objects, string.Join(',', data.GetProperty("objectList").EnumerateArray().Select(o => o.GetString())));
    }

    [Fact]
    public async Task Requests_go_below_the_alternate_path()
    {
        using var story = await BeginRegisteredAsync("""</lwm2m>;rt="oma.lwm2m",</lwm2m/3/0>""");
        await story.CommandAsync("""{"msgType":"read","data":{"path":"/3/0/0"}}""", "CON GET 11=lwm2m 11=3 11=0 11=0", Datagram.Content, "EMQ"u8.ToArray(), 0);
        await story.HearAsync("up/resp", """{"data":{"code":"2.05","codeMsg":"content","content":[{"path":"/3/0/0","value":"EMQ"}],"reqPath":"/3/0/0"},"msgType":"read"}""");
    }

    [Theory]
    [InlineData(null, "2.01")]
    [InlineData("1", "2.01")]
    [InlineData("1.0", "2.01")]
    [InlineData("1.1", "2.01")]
    [InlineData("1.2", "2.01")]
    [InlineData("1.3", "4.12")]
    [InlineData("8.3", "4.12")]
    public async Task Versions_that_are_spoken_are_accepted(string? version, string code)
    {
        using var story = Begin();
        Assert.Equal(code, (await story.Device.RequestAsync(story.Device.RegisterRequest(version: version))).Dotted);
    }

    [Fact]
    public async Task Register_of_a_registered_device_is_a_register_again()
    {
        using var story = await BeginRegisteredAsync();
        var first = story.Device.RegistrationId;
        await story.Device.RegisterAsync("</1/0>,</3/0>,</3304/0>");
        Assert.NotEqual(first, story.Device.RegistrationId);
        var again = await story.HearAsync("up/register");
        Assert.Contains("""["/1/0","/3/0","/3304/0"]""", again, StringComparison.Ordinal);
        await story.Device.UpdateAsync();
        await story.HearNothingBeforeNextAnswerAsync();
    }

    [Fact]
    public async Task Repeated_messages_are_answered_from_memory()
    {
        using var story = Begin();
        var device = story.Device;
        var register = device.RegisterRequest();
        var created = await device.RequestAsync(register);
        device.Registered(created);
        for (var i = 0; i < 2; i++)
            Assert.Equal(created.Bytes, (await device.RequestAsync(register)).Bytes);
        await story.HearAsync("up/register");

        var update = device.UpdateRequest();
        var changed = await device.RequestAsync(update);
        Assert.Equal(changed.Bytes, (await device.RequestAsync(update)).Bytes);
        await story.HearAsync("up/update");

        var deregister = device.DeregisterRequest();
        var deleted = await device.RequestAsync(deregister);
        Assert.Equal("2.02", deleted.Dotted);
        Assert.Equal(deleted.Bytes, (await device.RequestAsync(deregister)).Bytes);
        await story.HearAsync("up/lifecycle");
        foreach (var topic in new[] { "up/register", "up/update", "up/lifecycle" })
            Assert.False(story.HasUnheard(topic), topic);
        await story.HearNothingAsync("up/register");
    }

    [Fact]
    public async Task Registration_without_confirmation_is_answered_without()
    {
        using var story = Begin();
        var answer = await story.Device.RequestAsync(story.Device.RegisterRequest() with { Type = MessageType.NonConfirmable });
        Assert.Equal("2.01", answer.Dotted);
        await story.HearAsync("up/register");
    }

    [Fact]
    public async Task Names_of_the_device_choose_the_topic()
    {
        using var story = Begin(Gateway.NamedCoap);
        var name = story.Endpoint;
        await story.Device.RegisterAsync("</3/0>", 300, "1.0", $"imei=imei-{name}", $"device_id=id-{name}");
        await Gateway.Applications.ExpectAsync($"named/imei-{name}/id-{name}/up/register");
        await Gateway.Applications.SendAsync($"named/imei-{name}/id-{name}/dn/x", """{"msgType":"read","data":{"path":"/3/0/0"}}""");
        await story.Device.AnswerAsync(await story.Device.ExpectRequestAsync("CON GET 11=3 11=0 11=0"), Datagram.NotFound);
        await Gateway.Applications.ExpectAsync(
            $"named/imei-{name}/id-{name}/up/resp", """{"data":{"code":"4.04","codeMsg":"not_found","reqPath":"/3/0/0"},"msgType":"read"}""");
    }

    [Fact]
    public async Task Devices_speak_IPv6()
    {
        Assert.SkipUnless(Gateway.Coap6 is not null, "this machine has no IPv6");
        using var story = await BeginRegisteredAsync(door: Gateway.Coap6);
        await story.HearNothingBeforeNextAnswerAsync();
        await story.Device.DeregisterAsync();
    }

    [Fact]
    public async Task Many_devices_play_at_the_same_time() =>
        await Task.WhenAll(Enumerable.Range(0, 30).Select(async number =>
        {
            using var story = await BeginRegisteredAsync();
            for (var i = 0; i < 3; i++)
            {
                await story.CommandAsync($$$"""{"reqID":{{{i}}},"msgType":"read","data":{"path":"/3/0/0"}}""");
                var request = await story.Device.ExpectRequestAsync("CON GET 11=3 11=0 11=0");
                await story.Device.AnswerAsync(request, Datagram.Content, Encoding.UTF8.GetBytes($"{number}"), 0);
                await story.HearAsync("up/resp",
                    $$$"""{"data":{"code":"2.05","codeMsg":"content","content":[{"path":"/3/0/0","value":"{{{number}}}"}],"reqPath":"/3/0/0"},"msgType":"read","reqID":{{{i}}}}""");
                await story.Device.UpdateAsync();
            }

            await story.Device.DeregisterAsync();
        }));

    static string Data(JsonElement json, string name) => json.GetProperty("data").GetProperty(name).GetString()!;
}
