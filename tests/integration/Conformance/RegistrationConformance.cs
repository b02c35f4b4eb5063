using System.Text.Json;
using Pipeline.IntegrationTests.Devices;
using Pipeline.IntegrationTests.Gateways;
using Pipeline.IntegrationTests.Scenarios;

namespace Pipeline.IntegrationTests.Conformance;

/// <summary>A device of LwM2M 1.1 comes, stays and goes.</summary>
[Collection(InStandalone.Name)]
public sealed class RegistrationConformance(StandaloneFixture gateway) : ConformanceScenarios(gateway)
{
    const string Objects = """</>;rt="oma.lwm2m";ct="60 110 112 11542",</1/0>,</3>;ver=1.2,</3/0>""";

    [Fact]
    public async Task Initial_registration()
    {
        using var story = Begin();
        await story.Device.RegisterAsync(Objects, 300, "1.1", "b=U", "sms=491701234567");
        await story.HearAsync("up/register", Told(story, "register", 300, "\"/1/0\",\"/3\",\"/3/0\""));
    }

    [Fact]
    public async Task Update_of_lifetime_and_objects()
    {
        using var story = Begin();
        await story.Device.RegisterAsync(Objects, 300, "1.1", "b=U", "sms=491701234567");
        await story.HearAsync("up/register");
        await story.Device.UpdateAsync(null, "lt=600");
        await story.HearAsync("up/update", Told(story, "update", 600, "\"/1/0\",\"/3\",\"/3/0\""));
        await story.Device.UpdateAsync("</1/0>,</3/0>,</3304/0>");
        await story.HearAsync("up/update", Told(story, "update", 600, "\"/1/0\",\"/3/0\",\"/3304/0\""));
    }

    [Fact]
    public async Task Deregistration()
    {
        using var story = await BeginAsync();
        await story.Device.DeregisterAsync();
        Assert.Equal("deregister", JsonDocument.Parse(await story.HearAsync("up/lifecycle")).RootElement.GetProperty("msgType").GetString());
    }

    [Fact]
    public async Task Registration_update_trigger_brings_an_update()
    {
        using var story = await BeginAsync();
        await TellAsync(story, "execute", """{"path":"/1/0/8"}""", "CON POST 11=1 11=0 11=8 12=0", Datagram.Changed, "", Changed("/1/0/8"));
        await story.Device.UpdateAsync();
        await story.HearAsync("up/update");
    }

    [Fact]
    public async Task Update_of_a_registration_that_is_gone_is_not_found_and_the_device_registers_again()
    {
        using var story = await BeginAsync();
        await story.Device.DeregisterAsync();
        await story.HearAsync("up/lifecycle");
        Assert.Equal("4.04", (await story.Device.RequestAsync(story.Device.UpdateRequest())).Dotted);
        await story.Device.RegisterAsync(Objects, 300, "1.1");
        await story.HearAsync("up/register");
    }

    [Fact]
    public async Task Disabled_device_is_left_alone_until_it_is_heard_again()
    {
        using var story = await BeginAsync();
        await TellAsync(story, "execute", """{"path":"/1/0/4"}""", "CON POST 11=1 11=0 11=4 12=0", Datagram.Changed, "", Changed("/1/0/4"));
        await story.CommandAsync("""{"msgType":"read","data":{"path":"/3/0/0"}}""");
        await story.Device.ExpectSilenceAsync();
        await story.Device.RegisterAsync(Objects, 300, "1.1");
        await story.Device.AnswerAsync(await story.Device.ExpectRequestAsync("CON GET 11=3 11=0 11=0 17=110"), Datagram.Content, "EMQ", 0);
        await story.HearAsync("up/resp", $$"""{"data":{{Content("""{"path":"/3/0/0","value":"EMQ"}""", "/3/0/0")}},"msgType":"read"}""");
    }

    static string Told(Story story, string msgType, int lifetime, string objects) =>
        $$$"""{"data":{"alternatePath":"/","b":"U","ep":"{{{story.Endpoint}}}","lt":{{{lifetime}}},"lwm2m":"1.1","objectList":[{{{objects}}}],"sms":"491701234567"},"msgType":"{{{msgType}}}"}""";
}
