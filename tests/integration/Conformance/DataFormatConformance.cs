using Pipeline.IntegrationTests.Devices;
using Pipeline.IntegrationTests.Gateways;
using Pipeline.IntegrationTests.Scenarios;

namespace Pipeline.IntegrationTests.Conformance;

/// <summary>Values in every content format, at every level.</summary>
[Collection(InStandalone.Name)]
public sealed class DataFormatConformance(StandaloneFixture gateway) : ConformanceScenarios(gateway)
{
    const string Manufacturer = """{"path":"/3/0/0","value":"EMQ"}""";

    [Theory]
    [InlineData("text", 0u, "454d51")]
    [InlineData("cbor", 60u, "63454d51")]
    public async Task Read_of_a_single_value(string format, uint accept, string payload)
    {
        using var story = await BeginAsync(formats: "0 60");
        await TellAsync(story, "read", $$"""{"path":"/3/0/0","format":"{{format}}"}""", $"CON GET 11=3 11=0 11=0 17={accept}",
            Datagram.Content, Convert.FromHexString(payload), Content(Manufacturer, "/3/0/0"), accept);
    }

    [Theory]
    [InlineData("tlv", 11542u, "c300454d51c10964")]
    [InlineData("json", 11543u, "7b22626e223a222f332f302f222c2265223a5b7b226e223a2230222c227376223a22454d51227d2c7b226e223a2239222c2276223a3130307d5d7d")]
    [InlineData("senml_json", 110u, "5b7b22626e223a222f332f302f222c226e223a2230222c227673223a22454d51227d2c7b226e223a2239222c2276223a3130307d5d")]
    [InlineData("senml_cbor", 112u, "82a321652f332f302f0061300363454d51a2006139021864")]
    [InlineData("lwm2m_cbor", 11544u, "a103a100a20063454d51091864")]
    public async Task Read_of_an_instance(string format, uint accept, string payload)
    {
        using var story = await BeginAsync("1.2", "110 112 11542 11543 11544");
        await TellAsync(story, "read", $$"""{"path":"/3/0","format":"{{format}}"}""", $"CON GET 11=3 11=0 17={accept}",
            Datagram.Content, Convert.FromHexString(payload), Content(Manufacturer + """,{"path":"/3/0/9","value":100}""", "/3/0"), accept);
    }

    [Theory]
    [InlineData("text", 0u, "333030", "333030")]
    [InlineData("cbor", 60u, "19012c", "19012c")]
    [InlineData("tlv", 11542u, "c201012c", "c201012c")]
    [InlineData("json", 11543u, "7b22626e223a222f312f302f31222c2265223a5b7b2276223a3330307d5d7d", "7b22626e223a222f312f302f31222c2265223a5b7b2276223a3330307d5d7d")]
    [InlineData("senml_json", 110u, "5b7b22626e223a222f312f302f31222c2276223a3330307d5d", "5b7b226e223a222f312f302f31222c2276223a3330307d5d")]
    [InlineData("senml_cbor", 112u, "81a221662f312f302f310219012c", "81a200662f312f302f310219012c")]
    [InlineData("lwm2m_cbor", 11544u, "a101a100a10119012c", "a101a100a10119012c")]
    public async Task Value_is_written_and_read_back(string format, uint number, string written, string read)
    {
        using var story = await BeginAsync("1.2", "0 60 110 112 11542 11543 11544");
        await TellAsync(story, "write", $$"""{"path":"/1/0/1","value":300,"format":"{{format}}"}""", $"CON PUT 11=1 11=0 11=1 12={number} | {written}",
            Datagram.Changed, "", Changed("/1/0/1"));
        await TellAsync(story, "read", $$"""{"path":"/1/0/1","format":"{{format}}"}""", $"CON GET 11=1 11=0 11=1 17={number}",
            Datagram.Content, Convert.FromHexString(read), Content("""{"path":"/1/0/1","value":300}""", "/1/0/1"), number);
    }

    [Theory]
    [InlineData("110 112 11542", "17=112", 112u, "81a200662f332f302f300363454d51")]
    [InlineData("110", "17=110", 110u, "5b7b226e223a222f332f302f30222c227673223a22454d51227d5d")]
    [InlineData("11542", "17=11542", 11542u, "c300454d51")]
    public async Task Device_is_asked_in_the_best_format_that_it_announces(string announced, string accept, uint format, string payload)
    {
        using var story = await BeginAsync(formats: announced);
        await TellAsync(story, "read", """{"path":"/3/0/0"}""", "CON GET 11=3 11=0 11=0 " + accept,
            Datagram.Content, Convert.FromHexString(payload), Content(Manufacturer, "/3/0/0"), format);
    }

    [Theory]
    [InlineData(0u, "454d51")]
    [InlineData(60u, "63454d51")]
    [InlineData(112u, "81a200662f332f302f300363454d51")]
    [InlineData(11542u, "c300454d51")]
    public async Task Read_without_Accept_leaves_the_format_to_the_device(uint format, string payload)
    {
        using var story = await BeginAsync(formats: "");
        await TellAsync(story, "read", """{"path":"/3/0/0"}""", "CON GET 11=3 11=0 11=0",
            Datagram.Content, Convert.FromHexString(payload), Content(Manufacturer, "/3/0/0"), format);
    }

    [Theory]
    [InlineData("/3", "11=3", """[{"bn":"/3/0/","n":"0","vs":"EMQ"},{"n":"7/0","v":3800}]""", Manufacturer + """,{"path":"/3/0/7/0","value":3800}""")]
    [InlineData("/3/0", "11=3 11=0", """[{"bn":"/3/0/","n":"0","vs":"EMQ"},{"n":"7/0","v":3800}]""", Manufacturer + """,{"path":"/3/0/7/0","value":3800}""")]
    [InlineData("/3/0/0", "11=3 11=0 11=0", """[{"bn":"/3/0/0","vs":"EMQ"}]""", Manufacturer)]
    [InlineData("/3/0/7/0", "11=3 11=0 11=7 11=0", """[{"bn":"/3/0/7/0","v":3800}]""", """{"path":"/3/0/7/0","value":3800}""")]
    public async Task Read_at_each_level(string path, string said, string payload, string items)
    {
        using var story = await BeginAsync();
        await TellAsync(story, "read", $$"""{"path":"{{path}}"}""", $"CON GET {said} 17=110", Datagram.Content, payload, Content(items, path));
    }

    [Theory]
    [InlineData("""{"basePath":"/1/0","content":[{"path":"2","value":5},{"path":"3","value":60}]}""", "POST 11=1 11=0", """[{"bn":"/1/0/","n":"2","v":5},{"n":"3","v":60}]""", "/1/0")]
    [InlineData("""{"basePath":"/1/0","mode":"replace","content":[{"path":"2","value":5}]}""", "PUT 11=1 11=0", """[{"bn":"/1/0/","n":"2","v":5}]""", "/1/0")]
    [InlineData("""{"path":"/1/0/2","value":5}""", "PUT 11=1 11=0 11=2", """[{"bn":"/1/0/2","v":5}]""", "/1/0/2")]
    [InlineData("""{"path":"/16/0/0/2","type":"String","value":"x"}""", "PUT 11=16 11=0 11=0 11=2", """[{"bn":"/16/0/0/2","vs":"x"}]""", "/16/0/0/2")]
    [InlineData("""{"basePath":"/16/0/0","mode":"update","content":[{"path":"1","type":"String","value":"x"},{"path":"2","type":"String","value":"y"}]}""",
        "POST 11=16 11=0 11=0", """[{"bn":"/16/0/0/","n":"1","vs":"x"},{"n":"2","vs":"y"}]""", "/16/0/0")]
    public async Task Write_in_part_and_in_whole_at_each_level(string data, string said, string payload, string path)
    {
        using var story = await BeginAsync();
        await TellAsync(story, "write", data, $"CON {said} 12=110 | {Hex(payload)}", Datagram.Changed, "", Changed(path));
    }

    [Fact]
    public async Task Read_of_the_Security_object_is_refused_by_the_device_and_told()
    {
        using var story = await BeginAsync();
        await TellAsync(story, "read", """{"path":"/0/0"}""", "CON GET 11=0 11=0 17=110", Datagram.Unauthorized, "", """{"code":"4.01","codeMsg":"unauthorized","reqPath":"/0/0"}""");
        await TellAsync(story, "write", """{"path":"/0/0/0","value":"coap://x"}""", $"CON PUT 11=0 11=0 11=0 12=110 | {Hex("""[{"bn":"/0/0/0","vs":"coap://x"}]""")}",
            Datagram.Unauthorized, "", """{"code":"4.01","codeMsg":"unauthorized","reqPath":"/0/0/0"}""");
        await TellAsync(story, "delete", """{"path":"/0/0"}""", "CON DELETE 11=0 11=0", Datagram.Unauthorized, "", """{"code":"4.01","codeMsg":"unauthorized","reqPath":"/0/0"}""");
    }
}
