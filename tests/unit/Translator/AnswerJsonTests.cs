using Contracts;
using Contracts.Configuration;
using Translator.Uplink;

namespace Pipeline.Tests.Translator;

/// <summary>From an answer of the device to EMQX's JSON.</summary>
public sealed class AnswerJsonTests
{
    private const string Read = """{"reqID":1,"msgType":"read","data":{"path":"PATH"}}""";

    [Theory]
    // Text (content format 0, also where the device sent none).
    [InlineData("/3/0/0", 0, "454d51", """[{"path":"/3/0/0","value":"EMQ"}]""")]
    [InlineData("/3/0/0", -1, "454d51", """[{"path":"/3/0/0","value":"EMQ"}]""")]
    [InlineData("/3/0/9", 0, "3935", """[{"path":"/3/0/9","value":95}]""")]
    [InlineData("/3303/0/5700", 0, "32332e35", """[{"path":"/3303/0/5700","value":23.5}]""")]
    [InlineData("/3303/0/5700", 0, "3132", """[{"path":"/3303/0/5700","value":12.0}]""")]
    [InlineData("/3306/0/5850", 0, "31", """[{"path":"/3306/0/5850","value":true}]""")]
    // Opaque.
    [InlineData("/3/0/0", 42, "0102", """[{"path":"/3/0/0","value":"AQI="}]""")]
    // TLV, one resource.
    [InlineData("/3/0/0", 11542, "c300454d51", """[{"path":"/3/0/0","value":"EMQ"}]""")]
    [InlineData("/3/0/9", 11542, "c1095f", """[{"path":"/3/0/9","value":95}]""")]
    [InlineData("/3/0/9", 11542, "c10980", """[{"path":"/3/0/9","value":-128}]""")]
    [InlineData("/3303/0/5700", 11542, "e4164441ac0000", """[{"path":"/3303/0/5700","value":21.5}]""")]
    [InlineData("/3303/0/5700", 11542, "e41644412b3333", """[{"path":"/3303/0/5700","value":10.699999809265137}]""")]
    [InlineData("/3/0/13", 11542, "c40d6553f100", """[{"path":"/3/0/13","value":1700000000}]""")]
    [InlineData("/3306/0/5850", 11542, "e116da01", """[{"path":"/3306/0/5850","value":true}]""")]
    // Several resources, multiple resources, instances.
    [InlineData("/3/0", 11542, "c300454d51c1095f", """[{"path":"/3/0/0","value":"EMQ"},{"path":"/3/0/9","value":95}]""")]
    [InlineData("/3/0/6", 11542, "8606410001410105", """[{"path":"/3/0/6/0","value":1},{"path":"/3/0/6/1","value":5}]""")]
    [InlineData("/3", 11542, "0500c300454d51", """[{"path":"/3/0/0","value":"EMQ"}]""")]
    [InlineData("/3303", 11542, "0700e41644412b33330701e4164441ac0000", """[{"path":"/3303/0/5700","value":10.699999809265137},{"path":"/3303/1/5700","value":21.5}]""")]
    public void Values_are_typed_by_their_definitions(string path, int format, string payload, string content)
    {
        var read = Given.Answer(Read.Replace("PATH", path, StringComparison.Ordinal), 0x45, format < 0 ? null : format, payload);
        Assert.Equal(
            "{\"data\":{\"code\":\"2.05\",\"codeMsg\":\"content\",\"content\":" + content + ",\"reqPath\":\"" + path + "\"},\"msgType\":\"read\",\"reqID\":1}",
            Json(read));
    }

    [Fact]
    public void Lwm2m_json_is_read_in_its_order()
    {
        var payload = Convert.ToHexString(Given.Bytes("""{"bn":"/3/0/","e":[{"n":"0","sv":"EMQ"},{"n":"9","v":95}]}"""));
        Assert.Contains(
            """[{"path":"/3/0/0","value":"EMQ"},{"path":"/3/0/9","value":95}]""",
            Json(Given.Answer("""{"msgType":"read","data":{"path":"/3/0"}}""", 0x45, 11543, payload)),
            StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("/999/0/1", 11542, "c10105", "object 999 has no definition")]
    [InlineData("/999/0/1", 0, "35", "object 999 has no definition")]
    [InlineData("/3/0/99", 11542, "c16305", "/3/0/99: ")]
    [InlineData("/3/0/9", 11542, "c909", "TLV")]
    [InlineData("/3/0/9", 11542, "", "empty TLV")]
    [InlineData("/3/0/9", 0, "78", "/3/0/9: not a number")]
    [InlineData("/3/0", 0, "35", "text/plain")]
    [InlineData("/3/0/9", 50, "35", "content format 50")]
    [InlineData("/3/0/9", 11543, "7b", "JSON")]
    public void What_cannot_be_typed_is_a_bad_request_with_a_reason(string path, int format, string payload, string reason)
    {
        var json = Json(Given.Answer(Read.Replace("PATH", path, StringComparison.Ordinal), 0x45, format, payload));
        Assert.StartsWith("""{"data":{"code":"4.00","codeMsg":"bad_request","reason":""", json, StringComparison.Ordinal);
        Assert.Contains(reason, json, StringComparison.OrdinalIgnoreCase);
        Assert.EndsWith("\"reqPath\":\"" + path + "\"},\"msgType\":\"read\",\"reqID\":1}", json, StringComparison.Ordinal);
    }

    [Fact]
    public void One_value_that_cannot_be_typed_does_not_take_the_others_down()
    {
        var json = Json(Given.Answer("""{"msgType":"read","data":{"path":"/3/0"}}""", 0x45, 11542, "c300454d51c16305"));
        Assert.StartsWith("""{"data":{"code":"2.05","codeMsg":"content","content":[{"path":"/3/0/0","value":"EMQ"},{"note":""", json, StringComparison.Ordinal);
        Assert.Contains(""","path":"/3/0/99","value":"BQ=="}]""", json, StringComparison.Ordinal);
    }

    [Fact]
    public void Raw_gives_unknown_values_as_base64_with_a_note()
    {
        var raw = Given.With(options: new TranslatorOptions { UnknownDefinitions = UnknownDefinitions.Raw });
        Assert.Equal(
            """{"data":{"code":"2.05","codeMsg":"content","content":[{"note":"no definition of the object","path":"/999/0/1","value":"BQ=="}],"reqPath":"/999/0/1"},"msgType":"read"}""",
            Json(Given.Answer("""{"msgType":"read","data":{"path":"/999/0/1"}}""", 0x45, 11542, "c10105"), raw));
    }

    [Theory]
    // What each command does with each success; an unexpected one is reported as it is.
    [InlineData("write", 0x44, "2.04", "changed")]
    [InlineData("write", 0x45, "2.05", "content")]
    [InlineData("write", 0x41, "2.01", "created")]
    [InlineData("write-attr", 0x44, "2.04", "changed")]
    [InlineData("write-attr", 0x45, "2.05", "content")]
    [InlineData("execute", 0x44, "2.04", "changed")]
    [InlineData("execute", 0x45, "2.05", "content")]
    [InlineData("create", 0x41, "2.01", "created")]
    [InlineData("delete", 0x42, "2.02", "deleted")]
    [InlineData("discover", 0x44, "2.04", "changed")]
    [InlineData("observe", 0x44, "2.04", "changed")]
    [InlineData("cancel-observe", 0x43, "2.03", "valid")]
    [InlineData("read", 0x5f, "2.31", "continue")]
    // Errors: the code alone, whatever stands in the payload.
    [InlineData("read", 0x80, "4.00", "bad_request")]
    [InlineData("read", 0x81, "4.01", "unauthorized")]
    [InlineData("read", 0x82, "4.02", "bad_option")]
    [InlineData("read", 0x83, "4.03", "forbidden")]
    [InlineData("read", 0x84, "4.04", "not_found")]
    [InlineData("write", 0x85, "4.05", "method_not_allowed")]
    [InlineData("read", 0x86, "4.06", "not_acceptable")]
    [InlineData("read", 0x88, "4.08", "request_entity_incomplete")]
    [InlineData("read", 0x89, "4.09", "conflict")]
    [InlineData("read", 0x8c, "4.12", "precondition_failed")]
    [InlineData("read", 0x8d, "4.13", "request_entity_too_large")]
    [InlineData("read", 0x8f, "4.15", "unsupported_content_format")]
    [InlineData("read", 0x96, "4.22", "unprocessable_entity")]
    [InlineData("read", 0x9d, "4.29", "too_many_requests")]
    [InlineData("read", 0x9e, "4.30", "client_error")]
    [InlineData("read", 0xa0, "5.00", "internal_server_error")]
    [InlineData("read", 0xa1, "5.01", "not_implemented")]
    [InlineData("read", 0xa2, "5.02", "bad_gateway")]
    [InlineData("read", 0xa3, "5.03", "service_unavailable")]
    [InlineData("read", 0xa4, "5.04", "gateway_timeout")]
    [InlineData("read", 0xa5, "5.05", "proxying_not_supported")]
    [InlineData("read", 0xa6, "5.06", "server_error")]
    public void Codes_are_reported_with_their_names(string msgType, byte code, string text, string name)
    {
        var payload = code >= 0x80 ? "6e6f" : "";
        Assert.Equal(
            $$$"""{"data":{"code":"{{{text}}}","codeMsg":"{{{name}}}","reqPath":"/3/0/0"},"msgType":"{{{msgType}}}","reqID":"x"}""",
            Json(Given.Answer($$$"""{"reqID":"x","msgType":"{{{msgType}}}","data":{"path":"/3/0/0?a=1"}}""", code, payload: payload)));
    }

    [Fact]
    public void Discover_lists_links_as_they_were_sent()
    {
        var payload = Convert.ToHexString(Given.Bytes("""</3/0>;title="a,b" ,</3/0/1>;obs,</3/0/4>"""));
        Assert.Equal(
            """{"data":{"code":"2.05","codeMsg":"content","content":["</3/0>;title=\"a,b\"","</3/0/1>;obs","</3/0/4>"],"reqPath":"/3/0"},"msgType":"discover"}""",
            Json(Given.Answer("""{"msgType":"discover","data":{"path":"/3/0"}}""", 0x45, 40, payload)));
    }

    [Theory]
    [InlineData(12, ",\"seqNum\":12}")]
    [InlineData(0, "\"msgType\":\"observe\"}")]
    [InlineData(-1, "\"msgType\":\"observe\"}")]
    public void An_observe_answer_shows_the_observe_option(int observe, string end)
    {
        var answer = Given.Answer("""{"msgType":"observe","data":{"path":"/3/0/9"}}""", 0x45, 0, "35", uplink =>
        {
            if (observe >= 0)
            {
                uplink.Observe = (uint)observe;
            }
        });
        Assert.EndsWith(end, Json(answer), StringComparison.Ordinal);
    }

    [Fact]
    public void A_created_instance_is_named_where_the_device_chose_it() =>
        Assert.Equal(
            """{"data":{"code":"2.01","codeMsg":"created","location":"/3303/2","reqPath":"/3303"},"msgType":"create"}""",
            Json(Given.Answer("""{"msgType":"create","data":{"basePath":"/3303","content":[]}}""", 0x41, set: uplink => uplink.Location = "/3303/2")));

    [Fact]
    public void Every_key_of_the_command_comes_back_in_byte_order() =>
        Assert.Equal(
            """{"A":1.50,"cacheID":9007199254740993,"data":{"code":"2.04","codeMsg":"changed","reqPath":"/3/0/4"},"encoding":"plain","imsi":"a/\u0001b","mheaders":{"a":[1,null,{"x":true}],"ttl":0},"msgType":"execute","zürich":"ß€😀\"\\"}""",
            Json(Given.Answer(
                """
                {"zürich": "ß\u20ac\ud83d\ude00\"\\", "msgType": "execute", "mheaders": {"ttl": 0, "a": [1, null, {"x": true}]}, "imsi": "a\/\u0001b",
                 "encoding": "plain", "cacheID": 9007199254740993, "A": 1.50, "data": {"path": "/3/0/4"}}
                """, 0x44)));

    [Theory]
    [InlineData("""{"path":"/3/0/","basePath":"/4"}""", "\"/3/0/\"")]
    [InlineData("""{"basePath":"/3/0?a=1"}""", "\"/3/0\"")]
    [InlineData("""{"reqPath":"/3"}""", "\"/3\"")]
    [InlineData("{}", "null")]
    public void The_request_path_is_shown_as_the_command_wrote_it(string data, string shown) =>
        Assert.Equal(
            $$$"""{"data":{"code":"2.04","codeMsg":"changed","reqPath":{{{shown}}}},"msgType":"write"}""",
            Json(Given.Answer("{\"msgType\":\"write\",\"data\":" + data + "}", 0x44)));

    private static string Json(UplinkEvent uplink, global::Translator.TranslationRules? rules = null) =>
        Given.Text(Assert.Single(UplinkPipeline.Translate(uplink, rules ?? Given.Rules)).Json);
}
