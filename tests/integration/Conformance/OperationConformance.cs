using System.Text.Json;
using Pipeline.IntegrationTests.Devices;
using Pipeline.IntegrationTests.Gateways;
using Pipeline.IntegrationTests.Scenarios;

namespace Pipeline.IntegrationTests.Conformance;

/// <summary>Execute, discover, attributes, create and delete.</summary>
[Collection(InStandalone.Name)]
public sealed class OperationConformance(StandaloneFixture gateway) : ConformanceScenarios(gateway)
{
    [Fact]
    public async Task Reboot_is_executed_and_the_device_registers_again()
    {
        using var story = await BeginAsync();
        await TellAsync(story, "execute", """{"path":"/3/0/4"}""", "CON POST 11=3 11=0 11=4 12=0", Datagram.Changed, "", Changed("/3/0/4"));
        await story.Device.RegisterAsync(version: "1.1");
        Assert.Equal("replaced", JsonDocument.Parse(await story.HearAsync("up/lifecycle")).RootElement.GetProperty("msgType").GetString());
        await story.HearAsync("up/register");
        await story.HearNothingBeforeNextAnswerAsync();
    }

    [Fact]
    public async Task Write_that_fails_is_told_by_the_code_of_the_device()
    {
        using var story = await BeginAsync();
        await TellAsync(story, "write", """{"path":"/3/0/9","value":50}""", $"CON PUT 11=3 11=0 11=9 12=110 | {Hex("""[{"bn":"/3/0/9","v":50}]""")}",
            Datagram.MethodNotAllowed, "", """{"code":"4.05","codeMsg":"method_not_allowed","reqPath":"/3/0/9"}""");
    }

    [Theory]
    [InlineData("/3", "11=3", "</3>;ver=1.2;pmin=10,</3/0>,</3/0/0>,</3/0/7>;dim=2;pmax=60",
        """{"inForce":{"pmin":10},"own":{"pmin":10},"path":"/3"},{"inForce":{"pmin":10},"path":"/3/0"},{"inForce":{"pmin":10},"path":"/3/0/0"},{"inForce":{"pmax":60,"pmin":10},"own":{"pmax":60},"path":"/3/0/7"}""")]
    [InlineData("/3/0", "11=3 11=0", "</3/0>;pmin=10,</3/0/7>;dim=2", """{"inForce":{"pmin":10},"own":{"pmin":10},"path":"/3/0"},{"inForce":{"pmin":10},"path":"/3/0/7"}""")]
    [InlineData("/3/0/7", "11=3 11=0 11=7", "</3/0/7>;dim=1;gt=3.5,</3/0/7/0>", """{"inForce":{"gt":3.5},"own":{"gt":3.5},"path":"/3/0/7"},{"inForce":{"gt":3.5},"path":"/3/0/7/0"}""")]
    public async Task Discover_at_each_level_shows_links_and_attributes(string path, string said, string links, string attributes)
    {
        using var story = await BeginAsync();
        await TellAsync(story, "discover", $$"""{"path":"{{path}}"}""", $"CON GET {said} 17=40", Datagram.Content, links,
            $$"""{"attributes":[{{attributes}}],"code":"2.05","codeMsg":"content","content":["{{links.Replace(",", "\",\"", StringComparison.Ordinal)}}"],"reqPath":"{{path}}"}""", 40);
    }

    [Fact]
    public async Task Discover_goes_as_deep_as_it_is_told()
    {
        using var story = await BeginAsync("1.2");
        await TellAsync(story, "discover", """{"path":"/3","depth":1}""", "CON GET 11=3 15=depth=1 17=40", Datagram.Content, "</3>,</3/0>",
            """{"code":"2.05","codeMsg":"content","content":["</3>","</3/0>"],"reqPath":"/3"}""", 40);
    }

    [Theory]
    [InlineData("/3/0/7", "11=3 11=0 11=7")]
    [InlineData("/3/0/7/1", "11=3 11=0 11=7 11=1")]
    public async Task Attributes_of_a_multiple_resource_are_written_and_taken_back(string path, string said)
    {
        using var story = await BeginAsync();
        await TellAsync(story, "write-attr", $$"""{"path":"{{path}}","pmin":10,"pmax":200,"gt":3.5}""", $"CON PUT {said} 15=gt=3.5 15=pmax=200 15=pmin=10", Datagram.Changed, "", Changed(path));
        await TellAsync(story, "write-attr", $$"""{"path":"{{path}}","pmax":""}""", $"CON PUT {said} 15=pmax", Datagram.Changed, "", Changed(path));
    }

    [Fact]
    public async Task Created_instance_is_named_by_the_command_or_by_the_device()
    {
        using var story = await BeginAsync();
        await TellAsync(story, "create", """{"basePath":"/3304","content":[{"path":"2/5701","value":"%RH"}]}""",
            $"CON POST 11=3304 12=110 | {Hex("""[{"bn":"/3304/","n":"2/5701","vs":"%RH"}]""")}", Datagram.Created, "", """{"code":"2.01","codeMsg":"created","reqPath":"/3304"}""");
        await story.CommandAsync("""{"msgType":"create","data":{"basePath":"/3304","content":[{"path":"5701","value":"%RH"}]}}""");
        var request = await story.Device.ExpectRequestAsync("CON POST 11=3304 12=11542 | e31645255248");
        await story.Device.AnswerAsync(request, Datagram.Created, location: ["3304", "3"]);
        await story.HearAsync("up/resp", """{"data":{"code":"2.01","codeMsg":"created","location":"/3304/3","reqPath":"/3304"},"msgType":"create"}""");
    }

    [Fact]
    public async Task Instances_of_objects_and_resources_are_deleted()
    {
        using var story = await BeginAsync("1.2");
        await TellAsync(story, "delete", """{"path":"/3304/2"}""", "CON DELETE 11=3304 11=2", Datagram.Deleted, "", """{"code":"2.02","codeMsg":"deleted","reqPath":"/3304/2"}""");
        await TellAsync(story, "delete", """{"path":"/16/0/0/2"}""", "CON DELETE 11=16 11=0 11=0 11=2", Datagram.Deleted, "", """{"code":"2.02","codeMsg":"deleted","reqPath":"/16/0/0/2"}""");
    }
}
