using System.Diagnostics;
using MQTTnet;
using Pipeline.IntegrationTests.Devices;
using Pipeline.IntegrationTests.Gateways;

namespace Pipeline.IntegrationTests.Scenarios;

/// <summary>Commands go down to the device, and each has one outcome.</summary>
public abstract class CommandScenarios(GatewayFixture gateway) : GatewayScenarios(gateway)
{
    const string ReadModel = """{"reqID":1,"msgType":"read","data":{"path":"/3/0/1"}}""";
    const string ModelRequest = "CON GET 11=3 11=0 11=1";

    [Theory]
    [InlineData("/3/0/0", 0u, "454d51", "EMQ", "\"EMQ\"")]
    [InlineData("/3/0/9", 11542u, "c1095f", "TLV integer", "95")]
    [InlineData("/3/0/16", 11542u, "c11055", "TLV string", "\"U\"")]
    [InlineData("/3304/0/5700", 11542u, "e4164441bc0000", "TLV float", "23.5")]
    [InlineData("/3/0/13", 0u, "31373030303030303030", "time as text", "1700000000")]
    public async Task Read_gives_typed_values(string path, uint format, string payload, string what, string value)
    {
        using var story = await BeginRegisteredAsync("</1/0>,</3/0>,</3304/0>");
        var said = "CON GET " + string.Join(' ', path.Trim('/').Split('/').Select(segment => "11=" + segment));
        await story.CommandAsync($$$"""{"msgType":"read","data":{"path":"{{{path}}}"}}""", said, Datagram.Content, Convert.FromHexString(payload), format);
        Assert.NotEmpty(what);
        await story.HearAsync("up/resp",
            $$$"""{"data":{"code":"2.05","codeMsg":"content","content":[{"path":"{{{path}}}","value":{{{value}}}}],"reqPath":"{{{path}}}"},"msgType":"read"}""");
    }

    [Fact]
    public async Task Read_of_an_instance_gives_all_its_resources()
    {
        using var story = await BeginRegisteredAsync();
        await story.CommandAsync("""{"msgType":"read","data":{"path":"/3/0"}}""", "CON GET 11=3 11=0", Datagram.Content,
            Convert.FromHexString("c300454d51" + "8606410001" + "410105" + "c10964"), BareDevice.Tlv);
        await story.HearAsync("up/resp",
            """{"data":{"code":"2.05","codeMsg":"content","content":[{"path":"/3/0/0","value":"EMQ"},{"path":"/3/0/6/0","value":1},{"path":"/3/0/6/1","value":5},{"path":"/3/0/9","value":100}],"reqPath":"/3/0"},"msgType":"read"}""");
    }

    [Fact]
    public async Task Read_understands_lwm2m_json()
    {
        using var story = await BeginRegisteredAsync();
        await story.CommandAsync("""{"msgType":"read","data":{"path":"/3/0"}}""", "CON GET 11=3 11=0", Datagram.Content,
            """{"bn":"/3/0/","e":[{"n":"0","sv":"EMQ"},{"n":"9","v":100}]}"""u8.ToArray(), BareDevice.Json);
        await story.HearAsync("up/resp",
            """{"data":{"code":"2.05","codeMsg":"content","content":[{"path":"/3/0/0","value":"EMQ"},{"path":"/3/0/9","value":100}],"reqPath":"/3/0"},"msgType":"read"}""");
    }

    /// <summary>Each frame is the one that EMQX sends, with a token of ours.</summary>
    [Theory]
    [InlineData("""{"msgType":"read","data":{"path":"/6/0/0?foo=bar&baz=1"}}""", "40011234b1360130013047666f6f3d6261720562617a3d31", "/6/0/0")]
    [InlineData("""{"msgType":"discover","data":{"path":"/3/0/7"}}""", "40011234b133013001376128", "/3/0/7")]
    [InlineData("""{"msgType":"write","data":{"path":"/3/0/13","type":"Integer","value":"12345"}}""", "40031234b1330130023133122d16ffc20d3039", "/3/0/13")]
    [InlineData("""{"msgType":"write","data":{"basePath":"/3/0/","content":[{"path":"13","type":"Integer","value":"12345"},{"path":"14","type":"String","value":"87x"},{"path":"6/0","type":"Integer","value":"1"}]}}""", "40021234b1330130122d16ffc20d3039c30e3837788306410001", "/3/0/")]
    [InlineData("""{"msgType":"write","data":{"basePath":"/3/0/22","content":[{"path":"0","type":"Objlnk","value":"1:2"},{"path":"1","type":"Objlnk","value":"1:4"}]}}""", "40031234b1330130023232122d16ff88160c440000010002440100010004", "/3/0/22")]
    [InlineData("""{"msgType":"write-attr","data":{"path":"/3/0/9","pmin":"1","pmax":"5","lt":"5"}}""", "40031234b13301300139446c743d3506706d61783d3506706d696e3d31", "/3/0/9")]
    [InlineData("""{"msgType":"execute","data":{"path":"/3/0/4","args":"2,7"}}""", "40021234b133013001341100ff322c37", "/3/0/4")]
    [InlineData("""{"msgType":"execute","data":{"path":"/3/0/4"}}""", "40021234b133013001341100", "/3/0/4")]
    [InlineData("""{"msgType":"create","data":{"basePath":"/5","content":[]}}""", "40021234b135122d16", "/5")]
    [InlineData("""{"msgType":"delete","data":{"path":"/5/0"}}""", "40041234b1350130", "/5/0")]
    [InlineData("""{"msgType":"cancel-observe","data":{"path":"/3/0/10"}}""", "40011234610151330130023130", "/3/0/10")]
    public async Task Device_is_asked_as_emqx_asks(string command, string frame, string reqPath)
    {
        using var story = await BeginRegisteredAsync();
        await story.CommandAsync(command);
        var request = await story.Device.ExpectRequestAsync(Datagram.Parse(Convert.FromHexString(frame)).Said);
        await story.Device.AnswerAsync(request, Datagram.NotFound);
        var msgType = System.Text.Json.JsonDocument.Parse(command).RootElement.GetProperty("msgType").GetString();
        await story.HearAsync("up/resp", $$$"""{"data":{"code":"4.04","codeMsg":"not_found","reqPath":"{{{reqPath}}}"},"msgType":"{{{msgType}}}"}""");
    }

    [Fact]
    public async Task Created_instances_hold_their_values()
    {
        using var story = await BeginRegisteredAsync();
        await story.CommandAsync("""
            {"msgType":"create","data":{"basePath":"/6","content":[{"path":"0/0","type":"Float","value":"1.5"},{"path":"0/4","type":"Opaque","value":"AQID"},{"path":"0/21","type":"Integer","value":-129},{"path":"1/0","type":"Float","value":2.5}]}}
            """);
        var request = await story.Device.ExpectRequestAsync(
            "CON POST 11=6 12=11542 | 080014c800083ff8000000000000c304010203c215ff7f08010bc800084004000000000000");
        await story.Device.AnswerAsync(request, Datagram.Created, location: ["6", "0"]);
        await story.HearAsync("up/resp", """{"data":{"code":"2.01","codeMsg":"created","location":"/6/0","reqPath":"/6"},"msgType":"create"}""");
    }

    [Theory]
    [InlineData("write", """{"path":"/3/0/13","type":"Integer","value":"12345"}""", Datagram.Changed, "2.04\",\"codeMsg\":\"changed", "/3/0/13")]
    [InlineData("write-attr", """{"path":"/3/0/9","pmin":1}""", Datagram.Changed, "2.04\",\"codeMsg\":\"changed", "/3/0/9")]
    [InlineData("execute", """{"path":"/3/0/4"}""", Datagram.Changed, "2.04\",\"codeMsg\":\"changed", "/3/0/4")]
    [InlineData("delete", """{"path":"/3304/0"}""", Datagram.Deleted, "2.02\",\"codeMsg\":\"deleted", "/3304/0")]
    [InlineData("read", """{"path":"/3/0/4"}""", 0x85, "4.05\",\"codeMsg\":\"method_not_allowed", "/3/0/4")]
    [InlineData("read", """{"path":"/3/0/0"}""", 0xA0, "5.00\",\"codeMsg\":\"internal_server_error", "/3/0/0")]
    public async Task Answer_is_told_by_code_and_echoes_the_command(string msgType, string data, byte answer, string code, string reqPath)
    {
        using var story = await BeginRegisteredAsync();
        await story.CommandAsync($$"""{"reqID":"a","zoo":[1,{"x":null}],"msgType":"{{msgType}}","cacheID":206,"mheaders":{"ttl":0},"data":{{data}}}""");
        await story.Device.AnswerAsync(await story.Device.ExpectAsync(), answer);
        await story.HearAsync("up/resp",
            $$$"""{"cacheID":206,"data":{"code":"{{{code}}}","reqPath":"{{{reqPath}}}"},"mheaders":{"ttl":0},"msgType":"{{{msgType}}}","reqID":"a","zoo":[1,{"x":null}]}""");
        await story.HearNothingBeforeNextAnswerAsync();
    }

    [Fact]
    public async Task Discover_gives_the_links()
    {
        using var story = await BeginRegisteredAsync();
        await story.CommandAsync("""{"reqID":7,"msgType":"discover","data":{"path":"/3/0/7"}}""", "CON GET 11=3 11=0 11=7 17=40",
            Datagram.Content, """</3/0/7>;dim=2;pmin=10,</3/0/8>;title="a,b" """.Trim().Select(c => (byte)c).ToArray(), 40);
        await story.HearAsync("up/resp",
            """{"data":{"attributes":[{"inForce":{"pmin":10},"own":{"pmin":10},"path":"/3/0/7"}],"code":"2.05","codeMsg":"content","content":["</3/0/7>;dim=2;pmin=10","</3/0/8>;title=\"a,b\""],"reqPath":"/3/0/7"},"msgType":"discover","reqID":7}""");
    }

    [Fact]
    public async Task Separate_response_is_announced_by_ack_and_acknowledged()
    {
        using var story = await BeginRegisteredAsync();
        await story.CommandAsync("""{"requestID":206,"cacheID":206,"msgType":"read","data":{"path":"/3/0/1"}}""");
        var request = await story.Device.ExpectRequestAsync(ModelRequest);
        await story.Device.AcknowledgeAsync(request);
        await story.HearAsync("up/resp", """{"cacheID":206,"data":{"path":"/3/0/1"},"msgType":"ack","requestID":206}""");

        var response = story.Device.Notification(request.Token, "model"u8.ToArray(), 0);
        await story.Device.SendAsync(response);
        await story.Device.ExpectAcknowledgementAsync(response);
        await story.HearAsync("up/resp",
            """{"cacheID":206,"data":{"code":"2.05","codeMsg":"content","content":[{"path":"/3/0/1","value":"model"}],"reqPath":"/3/0/1"},"msgType":"read","requestID":206}""");

        await story.Device.SendAsync(response);
        await story.Device.ExpectAcknowledgementAsync(response);
        await story.HearNothingBeforeNextAnswerAsync();
    }

    [Fact]
    public async Task Reset_is_an_outcome_and_harms_nobody()
    {
        using var story = await BeginRegisteredAsync();
        await story.CommandAsync(ReadModel);
        await story.Device.ResetAsync(await story.Device.ExpectRequestAsync(ModelRequest));
        await story.HearAsync("up/resp", """{"data":{"path":"/3/0/1"},"msgType":"coap_reset","reqID":1}""");
        await story.HearNothingBeforeNextAnswerAsync();
        await story.Device.UpdateAsync();
    }

    [Fact]
    public async Task Request_without_answer_is_sent_again_with_the_same_bytes()
    {
        using var story = await BeginRegisteredAsync();
        await story.CommandAsync(ReadModel);
        var request = await story.Device.ExpectRequestAsync(ModelRequest);
        var watch = Stopwatch.StartNew();
        var again = await story.Device.ExpectAsync();
        Assert.Equal(request.Bytes, again.Bytes);
        // ACK_TIMEOUT to ACK_TIMEOUT * ACK_RANDOM_FACTOR (RFC 7252 section 4.8), with some room for a busy machine.
        Assert.InRange(watch.Elapsed.TotalSeconds, 1.8, 4.5);
        await story.Device.AnswerAsync(again, Datagram.NotFound);
        await story.HearAsync("up/resp", """{"data":{"code":"4.04","codeMsg":"not_found","reqPath":"/3/0/1"},"msgType":"read","reqID":1}""");
    }

    [Fact]
    public async Task One_request_at_a_time_in_order()
    {
        using var story = await BeginRegisteredAsync();
        for (var i = 0; i < 5; i++)
            await story.CommandAsync($$$"""{"reqID":{{{i}}},"msgType":"read","data":{"path":"/3/0/{{{i}}}"}}""");
        var tokens = new HashSet<string>();
        for (var i = 0; i < 5; i++)
        {
            var request = await story.Device.ExpectRequestAsync("CON GET 11=3 11=0 11=" + i);
            Assert.True(tokens.Add(Convert.ToHexString(request.Token)));
            await story.Device.ExpectNothingBeforePongAsync();
            await story.Device.AnswerAsync(request, Datagram.NotFound);
            await story.HearAsync("up/resp", $$$"""{"data":{"code":"4.04","codeMsg":"not_found","reqPath":"/3/0/{{{i}}}"},"msgType":"read","reqID":{{{i}}}}""");
        }
    }

    [Fact]
    public async Task Command_right_after_the_answer_to_register_finds_the_device()
    {
        for (var i = 0; i < 10; i++)
        {
            using var story = Begin();
            await story.Device.RegisterAsync();
            await story.CommandAsync(ReadModel, ModelRequest, Datagram.NotFound, []);
            await story.HearAsync("up/resp", """{"data":{"code":"4.04","codeMsg":"not_found","reqPath":"/3/0/1"},"msgType":"read","reqID":1}""");
        }
    }

    [Fact]
    public async Task Command_to_nobody_is_answered_not_found()
    {
        using var story = Begin();
        await story.CommandAsync(ReadModel);
        Assert.StartsWith("""{"data":{"code":"4.04","codeMsg":"not_found","reason":"not registered""", await story.HearAsync("up/resp"), StringComparison.Ordinal);
        await story.HearNothingAsync("up/resp");
    }

    [Fact]
    public async Task Command_after_deregistration_is_answered_not_found()
    {
        using var story = await BeginRegisteredAsync();
        await story.Device.DeregisterAsync();
        await story.CommandAsync(ReadModel);
        Assert.StartsWith("""{"data":{"code":"4.04","codeMsg":"not_found","reason":"not registered""", await story.HearAsync("up/resp"), StringComparison.Ordinal);
        await story.Device.ExpectSilenceAsync();
    }

    [Theory]
    [InlineData("this is not JSON", "unknown", "null")]
    [InlineData("[1]", "unknown", "null")]
    [InlineData("""{"msgType":"dance","data":{"path":"/3/0/1"}}""", "dance", "\"/3/0/1\"")]
    [InlineData("""{"msgType":"read","data":{"path":"/x"}}""", "read", "\"/x\"")]
    [InlineData("""{"msgType":"read"}""", "read", "null")]
    [InlineData("""{"msgType":"write","data":{"path":"/3/0/13","type":"Integer","value":"many"}}""", "write", "\"/3/0/13\"")]
    [InlineData("""{"msgType":"write","encoding":"hex","data":{"path":"/3/0/14","type":"String","value":"zz"}}""", "write", "\"/3/0/14\"")]
    public async Task Command_that_makes_no_sense_is_refused_at_once(string command, string msgType, string reqPath)
    {
        using var story = await BeginRegisteredAsync();
        await story.CommandAsync(command);
        var json = System.Text.Json.JsonDocument.Parse(await story.HearAsync("up/resp")).RootElement;
        var data = json.GetProperty("data");
        Assert.Equal(("4.00", "bad_request"), (data.GetProperty("code").GetString(), data.GetProperty("codeMsg").GetString()));
        Assert.NotEmpty(data.GetProperty("reason").GetString()!);
        Assert.Equal((msgType, reqPath), (json.GetProperty("msgType").GetString(), data.GetProperty("reqPath").GetRawText()));
        await story.HearNothingBeforeNextAnswerAsync();
    }

    [Fact]
    public async Task Answer_without_definition_is_refused_with_a_reason()
    {
        using var story = await BeginRegisteredAsync("</3/0>,</31024/11>");
        await story.CommandAsync("""{"msgType":"read","data":{"path":"/31024/11/1"}}""", "CON GET 11=31024 11=11 11=1", Datagram.Content, [0xC1, 0x01, 0x2A], BareDevice.Tlv);
        Assert.StartsWith("""{"data":{"code":"4.00","codeMsg":"bad_request","reason":"object 31024 has no definition""", await story.HearAsync("up/resp"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Response_topic_and_correlation_of_mqtt_5_are_honoured()
    {
        using var story = await BeginRegisteredAsync();
        await Gateway.Applications.SendAsync($"lwm2m/{story.Endpoint}/dn/cmd", ReadModel, $"answers/{story.Endpoint}", "c-1");
        await story.Device.AnswerAsync(await story.Device.ExpectRequestAsync(ModelRequest), Datagram.NotFound);
        var answer = await Gateway.Applications.ExpectAsync($"answers/{story.Endpoint}");
        Assert.Equal("c-1"u8.ToArray(), answer.CorrelationData);
        Assert.Equal("""{"data":{"code":"4.04","codeMsg":"not_found","reqPath":"/3/0/1"},"msgType":"read","reqID":1}""", answer.ConvertPayloadToString());
    }
}
