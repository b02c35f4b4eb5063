using Translator.Uplink;

namespace Pipeline.Tests.Translator;

/// <summary>
/// EMQX's table of payload formats, row by row: what a device sends, and what the application reads. Where this gateway reads more than EMQX the
/// row says so; docs/emqx-migration.md gives the reasons.
/// </summary>
public sealed class DecodingTableTests
{
    [Theory]
    [InlineData("String", "/3/0/0", "454d51", "\"EMQ\"")]
    [InlineData("Integer", "/3/0/9", "2d37", "-7")]
    [InlineData("Integer with a fraction is the Float that it is", "/3/0/9", "312e35", "1.5")]
    [InlineData("Float", "/3303/0/5700", "32332e35", "23.5")]
    [InlineData("Float without a fraction stays a Float (EMQX: 12)", "/3303/0/5700", "3132", "12.0")]
    [InlineData("Time", "/3/0/13", "31373030303030303030", "1700000000")]
    [InlineData("Boolean true", "/3306/0/5850", "74727565", "true")]
    [InlineData("Boolean false", "/3306/0/5850", "66616c7365", "false")]
    [InlineData("Boolean 1 (EMQX: 4.00)", "/3306/0/5850", "31", "true")]
    [InlineData("Boolean 0 (EMQX: 4.00)", "/3306/0/5850", "30", "false")]
    [InlineData("Opaque is base64 (EMQX: base64 of base64)", "/5/0/0", "4151494442413d3d", "\"AQIDBA==\"")]
    [InlineData("Objlnk", "/3/0/22/0", "36363a31", "\"66:1\"")]
    [InlineData("a resource instance", "/3/0/6/1", "35", "5")]
    public void Text(string row, string path, string payload, string value) => Reads(row, path, 0, payload, One(path, value));

    [Theory]
    [InlineData("a path of two levels", "/3/0", "35")]
    [InlineData("a path of one level", "/3", "35")]
    [InlineData("not of its type", "/3306/0/5850", "796573")]
    [InlineData("no definition", "/31024/0/1", "35")]
    public void Text_is_refused(string row, string path, string payload) => Refuses(row, path, 0, payload);

    [Theory]
    [InlineData("octet-stream", 42, "/3/0/0")]
    [InlineData("octet-stream needs no definition", 42, "/31024/0/1")]
    public void Bytes(string row, int format, string path) => Reads(row, path, format, "0102", One(path, "\"AQI=\""));

    [Theory]
    [InlineData(61)]
    [InlineData(11545)]
    [InlineData(65535)]
    public void A_number_that_is_not_known_is_bytes_with_a_note(int format) =>
        Reads($"{format}", "/31024/0/1", format, "0102", $$"""[{"note":"content format {{format}} is not understood","path":"/31024/0/1","value":"AQI="}]""");

    [Theory]
    [InlineData("link-format", 40)]
    [InlineData("XML", 41)]
    [InlineData("EXI", 47)]
    [InlineData("JSON", 50)]
    public void Formats_of_others_are_refused(string row, int format) => Refuses(row, "/3/0/9", format, "35");

    [Theory]
    [InlineData("base name and names, in their order", "/3/0", """{"bn":"/3/0/","e":[{"n":"9","v":95},{"n":"0","sv":"EMQ"}]}""", """[{"path":"/3/0/9","value":95},{"path":"/3/0/0","value":"EMQ"}]""")]
    [InlineData("slashes on both sides of the seam", "/3/0", """{"bn":"/3/0/","e":[{"n":"/9","v":95}]}""", """[{"path":"/3/0/9","value":95}]""")]
    [InlineData("no base name (EMQX: /9)", "/3/0", """{"e":[{"n":"9","v":95}]}""", """[{"path":"/3/0/9","value":95}]""")]
    [InlineData("no name (EMQX: a slash at the end)", "/3/0/9", """{"bn":"/3/0/9","e":[{"v":95}]}""", """[{"path":"/3/0/9","value":95}]""")]
    [InlineData("a time beside the value (EMQX: the time instead of it)", "/3/0/9", """{"bn":"/3/0/9","e":[{"v":95,"t":1700000000}]}""", """[{"path":"/3/0/9","ts":1700000000000,"value":95}]""")]
    [InlineData("all kinds of value", "/31024/0", """{"bn":"/31024/0/","e":[{"n":"1","v":1.5},{"n":"2","bv":true},{"n":"3","ov":"3:0"},{"n":"4","sv":"x"}]}""",
        """[{"path":"/31024/0/1","value":1.5},{"path":"/31024/0/2","value":true},{"path":"/31024/0/3","value":"3:0"},{"path":"/31024/0/4","value":"x"}]""")]
    [InlineData("instances of a resource", "/3/0/6", """{"bn":"/3/0/6/","e":[{"n":"0","v":1},{"n":"1","v":5}]}""", """[{"path":"/3/0/6/0","value":1},{"path":"/3/0/6/1","value":5}]""")]
    public void Json(string row, string path, string payload, string content) => Reads(row, path, 11543, Convert.ToHexString(Given.Bytes(payload)), content);

    [Theory]
    [InlineData("one resource, asked by three levels", "/3/0/9", "c1095f", """[{"path":"/3/0/9","value":95}]""")]
    [InlineData("one resource, asked by two levels", "/3/0", "c1095f", """[{"path":"/3/0/9","value":95}]""")]
    [InlineData("one resource, asked by one level of a single object (EMQX: 4.00)", "/3", "c1095f", """[{"path":"/3/0/9","value":95}]""")]
    [InlineData("one resource, asked by four levels (EMQX: 4.00)", "/3/0/6/1", "c10605", """[{"path":"/3/0/6/1","value":5}]""")]
    [InlineData("several resources", "/3/0", "c300454d51c1095f", """[{"path":"/3/0/0","value":"EMQ"},{"path":"/3/0/9","value":95}]""")]
    [InlineData("a multiple resource", "/3/0/6", "8606410001410105", """[{"path":"/3/0/6/0","value":1},{"path":"/3/0/6/1","value":5}]""")]
    [InlineData("a multiple resource among others", "/3/0", "8606410001410105c1095f", """[{"path":"/3/0/6/0","value":1},{"path":"/3/0/6/1","value":5},{"path":"/3/0/9","value":95}]""")]
    [InlineData("one object instance", "/3", "0300c1095f", """[{"path":"/3/0/9","value":95}]""")]
    [InlineData("one object instance, asked by two levels, has its own number (EMQX: that of the request)", "/3303/0", "0701e4164441ac0000", """[{"path":"/3303/1/5700","value":21.5}]""")]
    [InlineData("several object instances, with leading slash (EMQX: without)", "/3303", "0700e4164441ac00000701e4164441bc0000", """[{"path":"/3303/0/5700","value":21.5},{"path":"/3303/1/5700","value":23.5}]""")]
    [InlineData("resource instances alone (EMQX: 4.00)", "/3/0/6", "410001410105", """[{"path":"/3/0/6/0","value":1},{"path":"/3/0/6/1","value":5}]""")]
    [InlineData("an empty instance (EMQX: 4.00)", "/3/0", "", "[]")]
    public void Tlv(string row, string path, string payload, string content) => Reads(row, path, 11542, payload, content);

    [Theory]
    [InlineData("Integer with its sign", "/3/0/9", "c109ff", "-1")]
    [InlineData("Integer of two bytes", "/3/0/10", "c20a00c8", "200")]
    [InlineData("Integer of three bytes", "/3/0/10", "c30a010000", "65536")]
    [InlineData("Integer of eight bytes", "/3/0/10", "c80a080000000100000000", "4294967296")]
    [InlineData("Integer of no bytes", "/3/0/9", "c009", "0")]
    [InlineData("Float of two bytes", "/3303/0/5700", "e216443c00", "1.0")]
    [InlineData("Float of four bytes", "/3303/0/5700", "e41644412b3333", "10.699999809265137")]
    [InlineData("Float of eight bytes", "/3303/0/5700", "e81644083ff8000000000000", "1.5")]
    [InlineData("Boolean", "/3306/0/5850", "e116da00", "false")]
    [InlineData("Opaque", "/5/0/0", "c3000102ff", "\"AQL/\"")]
    [InlineData("Time", "/3/0/13", "c40d6553f100", "1700000000")]
    [InlineData("Objlnk", "/3/0/22/0", "440000420001", "\"66:1\"")]
    public void Tlv_values(string row, string path, string payload, string value) => Reads(row, path, 11542, payload, One(path, value));

    [Theory]
    [InlineData("NaN", "/3303/0/5700", "e416447fc00000")]
    [InlineData("infinity", "/3303/0/5700", "e416447f800000")]
    [InlineData("Float of three bytes", "/3303/0/5700", "e31644000000")]
    [InlineData("Boolean 2", "/3306/0/5850", "e116da02")]
    [InlineData("Objlnk of three bytes", "/3/0/22/0", "4300004200")]
    [InlineData("a resource that is only executed", "/3/0/4", "c10401")]
    [InlineData("a resource that the definition does not have", "/3/0/99", "c16301")]
    [InlineData("an object without definition", "/31024/0/1", "c10101")]
    [InlineData("cut off", "/3/0/9", "c209")]
    [InlineData("no record at all for a resource", "/3/0/9", "")]
    public void Tlv_is_refused_where_nothing_can_be_typed(string row, string path, string payload) => Refuses(row, path, 11542, payload);

    [Theory]
    [InlineData("CBOR", 60, "185f")]
    [InlineData("SenML JSON", 110, "5b7b226e223a222f332f302f39222c2276223a39357d5d")]
    [InlineData("SenML CBOR", 112, "81a200662f332f302f3902185f")]
    [InlineData("LwM2M CBOR", 11544, "a103a100a109185f")]
    public void Formats_of_LwM2M_1_1_and_1_2(string row, int format, string payload) => Reads(row, "/3/0/9", format, payload, One("/3/0/9", "95"));

    [Fact]
    public void Values_of_other_times_have_them() => Reads(
        "history", "/3/0/9", 112, "82a300662f332f302f39061a6553f10002185fa300662f332f302f39061a6553f13c02185e",
        """[{"path":"/3/0/9","ts":1700000000000,"value":95},{"path":"/3/0/9","ts":1700000060000,"value":94}]""");

    private static void Reads(string row, string path, int format, string payload, string content) => Assert.Equal(
        (row, "{\"data\":{\"code\":\"2.05\",\"codeMsg\":\"content\",\"content\":" + content + ",\"reqPath\":\"" + path + "\"},\"msgType\":\"read\"}"),
        (row, EventOf(path, format, payload)));

    private static void Refuses(string row, string path, int format, string payload)
    {
        var json = EventOf(path, format, payload);
        Assert.True(json.StartsWith("""{"data":{"code":"4.00","codeMsg":"bad_request","reason":""", StringComparison.Ordinal), $"{row}: {json}");
        Assert.DoesNotContain("\"content\":[", json, StringComparison.Ordinal);
    }

    private static string EventOf(string path, int format, string payload) =>
        Given.Text(UplinkPipeline.Translate(Given.Answer("{\"msgType\":\"read\",\"data\":{\"path\":\"" + path + "\"}}", 0x45, format, payload), Given.Rules).Single().Json);

    private static string One(string path, string value) => $"[{{\"path\":\"{path}\",\"value\":{value}}}]";
}
