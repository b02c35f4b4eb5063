using System.Text;
using Pipeline.Tests.Lwm2m.Formats;
using Protocol.Lwm2m;
using Protocol.Lwm2m.Definitions;
using Protocol.Lwm2m.Formats;
using Protocol.Lwm2m.Values;
using static Pipeline.Tests.Lwm2m.Samples;

namespace Pipeline.Tests.Lwm2m.Senml;

public sealed class SenmlJsonTests
{
    const long Now = 1_600_000_000_000;

    [Fact]
    public void DeviceInstanceOfTheSpecification_IsTheSameAsInTlv()
    {
        var tlv = ContentDecoder.Decode(ContentFormats.Tlv, DeviceInstance, Reading("/3/0"));
        Assert.Equal(tlv.Items, Decode(DeviceSenml, "/3/0").Items);
    }

    [Fact]
    public void LinksOfTheSpecification() => Assert.Equal(
        "/65/0/0/0=66:0\n/65/0/0/1=66:1\n/65/0/1=8613800755500\n/66/0/0=myService1",
        Lines("""[{"bn":"/","n":"65/0/0/0","vlo":"66:0"},{"n":"65/0/0/1","vlo":"66:1"},{"n":"65/0/1","vs":"8613800755500"},{"n":"66/0/0","vs":"myService1"}]""", "/"));

    [Theory]
    [InlineData("/3/0/9", """[{"n":"/3/0/9","v":1}]""", "/3/0/9=1")]
    [InlineData("/3/0", """[{"bn":"/3/0/","n":"9","v":1},{"n":"10","v":2}]""", "/3/0/9=1 /3/0/10=2")]
    [InlineData("/3/0", """[{"bn":"/3/0/"},{"n":"9","v":1},{"bn":"/3/0/1","n":"0","v":2}]""", "/3/0/9=1 /3/0/10=2")]
    [InlineData("/3/0/9", """[{"bn":"/3/0/9","v":1}]""", "/3/0/9=1")]
    [InlineData("/3/0/9", """[{"bn":"/3/0/9","n":"","v":1}]""", "/3/0/9=1")]
    [InlineData("/3/0/6", """[{"bn":"/3/0/6/","n":"0","v":1},{"n":"1","v":5}]""", "/3/0/6/0=1 /3/0/6/1=5")]
    [InlineData("/", """[{"n":"/3/0/9","v":1},{"n":"/1/0/1","v":2}]""", "/3/0/9=1 /1/0/1=2")]
    // Not as it should be, and still clear.
    [InlineData("/3/0/9", """[{"v":1}]""", "/3/0/9=1")]
    [InlineData("/3/0", """[{"n":"9","v":1}]""", "/3/0/9=1")]
    [InlineData("/3", """[{"n":"3/0/9","v":1}]""", "/3/0/9=1")]
    [InlineData("/3/0/9", """[{"n":"3/0/9","v":1}]""", "/3/0/9=1")]
    [InlineData("/", """[{"n":"3/0/9","v":1}]""", "/3/0/9=1")]
    [InlineData("/3/0/6", """[{"n":"0","v":1}]""", "/3/0/6/0=1")]
    // Behind the alternate path, as LwM2M 1.2 has it.
    [InlineData("/3/0", """[{"bn":"/lwm2m/3/0/","n":"9","v":1}]""", "/3/0/9=1")]
    [InlineData("/3/0", """[{"bn":"/lwm2m","n":"/3/0/9","v":1}]""", "/3/0/9=1")]
    [InlineData("/3/0", """[{"n":"\/3\/0\/9","\u0076":1}]""", "/3/0/9=1")]
    [InlineData("/3/0", "[]", "")]
    [InlineData("/3/0", """[{"bn":"/3/0/","bver":10,"bu":"Cel"}]""", "")]
    public void Names_AreJoinedToPaths(string request, string payload, string items) => Assert.Equal(items, Lines(payload, request).Replace('\n', ' '));

    [Theory]
    [InlineData("""[{"bn":"/3/0/9","bt":1700000000,"v":1},{"v":2,"t":60},{"v":3,"t":-60.5}]""", "1 @1700000000000, 2 @1700000060000, 3 @1699999939500")]
    // Below 2^28 a time counts from now (RFC 8428 section 4.5.3).
    [InlineData("""[{"bn":"/3/0/9","t":-5,"v":1},{"t":0,"v":2},{"v":3}]""", "1 @1599999995000, 2 @1600000000000, 3")]
    [InlineData("""[{"bn":"/3/0/9","t":268435455,"v":1},{"t":268435456,"v":2}]""", "1 @1868435455000, 2 @268435456000")]
    [InlineData("""[{"bn":"/3/0/9","bt":-10,"t":-5,"v":1},{"v":2},{"bt":1.7e9,"v":3}]""", "1 @1599999985000, 2 @1599999990000, 3 @1700000000000")]
    // The order is that of the payload.
    [InlineData("""[{"bn":"/3/0/9","t":1700000002,"v":1},{"t":1700000001,"v":2},{"t":1700000003,"v":3}]""", "1 @1700000002000, 2 @1700000001000, 3 @1700000003000")]
    public void Times_GiveTimestamps(string payload, string values) =>
        Assert.Equal(values, Lines(payload, "/3/0/9").Replace("/3/0/9=", "", StringComparison.Ordinal).Replace("\n", ", ", StringComparison.Ordinal));

    [Theory]
    [InlineData("""[{"bn":"/3/0/","bv":100,"n":"9","v":-1},{"n":"10","v":23},{"n":"0","vs":"x"},{"bv":0,"n":"21","v":7}]""", "/3/0/9=99 /3/0/10=123 /3/0/0=x /3/0/21=7")]
    [InlineData("""[{"bn":"/3303/0/","bv":20,"n":"5700","v":0.5}]""", "/3303/0/5700=20.5")]
    // Exact where a double is not.
    [InlineData("""[{"bn":"/3/0/","bv":9007199254740992,"n":"10","v":1}]""", "/3/0/10=9007199254740993")]
    public void BaseValue_IsAdded(string payload, string items) => Assert.Equal(items, Lines(payload, "/").Replace('\n', ' '));

    [Theory]
    [InlineData("/3/0/9", """{"v":100.0}""", ResourceType.Integer, "100")]
    [InlineData("/3/0/9", """{"v":1e2}""", ResourceType.Integer, "100")]
    [InlineData("/3/0/13", """{"v":1700000000}""", ResourceType.Time, "1700000000")]
    [InlineData("/3/0/13", """{"v":1700000000.5}""", ResourceType.Float, "1700000000.5")]
    [InlineData("/3303/0/5700", """{"v":21}""", ResourceType.Float, "21")]
    [InlineData("/1/0/6", """{"vb":true}""", ResourceType.Boolean, "1")]
    [InlineData("/5/0/0", """{"vd":"-_8"}""", ResourceType.Opaque, "+/8=")]
    [InlineData("/5/0/0", """{"vd":"+/8="}""", ResourceType.Opaque, "+/8=")]
    [InlineData("/5/0/0", """{"vd":""}""", ResourceType.Opaque, "")]
    [InlineData("/3/0/22/0", """{"vlo":"66:1"}""", ResourceType.ObjectLink, "66:1")]
    [InlineData("/25/0/3", """{"vs":"</3/0>"}""", ResourceType.CoreLink, "</3/0>")]
    [InlineData("/1/0/13", """{"v":18446744073709551615}""", ResourceType.UnsignedInteger, "18446744073709551615")]
    [InlineData("/3/0/0", """{"vs":"\u00e4\ud83d\ude00"}""", ResourceType.String, "\u00e4\ud83d\ude00")]
    // Without a definition a value is what it says.
    [InlineData("/4711/0/1", """{"v":7}""", ResourceType.Integer, "7")]
    [InlineData("/4711/0/1", """{"v":7.5}""", ResourceType.Float, "7.5")]
    [InlineData("/4711/0/1", """{"v":18446744073709551615}""", ResourceType.UnsignedInteger, "18446744073709551615")]
    [InlineData("/4711/0/1", """{"vs":"x"}""", ResourceType.String, "x")]
    [InlineData("/4711/0/1", """{"vb":false}""", ResourceType.Boolean, "0")]
    [InlineData("/4711/0/1", """{"vd":"AQID"}""", ResourceType.Opaque, "AQID")]
    [InlineData("/4711/0/1", """{"vlo":"66:1"}""", ResourceType.ObjectLink, "66:1")]
    public void Value_IsOfItsType(string path, string record, ResourceType type, string value)
    {
        var item = Assert.Single(Decode($$"""[{"bn":"{{path}}"},{{record}}]""", path).Items);
        Assert.Equal((null, At(path), type, value), (item.Note, item.Path, item.Value.Type, item.Value.ToString()));
    }

    [Theory]
    [InlineData("9", "\"v\":1.5", "not an Integer of 64 bits")]
    [InlineData("9", "\"v\":9223372036854775808", "not an Integer of 64 bits")]
    [InlineData("9", "\"v\":1e300", "not an Integer of 64 bits")]
    [InlineData("9", "\"vs\":\"1\"", "a text, where the definition says Integer")]
    [InlineData("9", "\"vb\":true", "a boolean, where the definition says Integer")]
    [InlineData("13", "\"v\":1e300", "not a Time in seconds of 64 bits")]
    [InlineData("0", "\"v\":1", "a number, where the definition says String")]
    [InlineData("0", "\"vd\":\"AQID\"", "bytes, where the definition says String")]
    [InlineData("0", "\"vs\":\"\\ud800\"", "not UTF-8")]
    [InlineData("22/0", "\"vlo\":\"66\"", "not an object link (object:instance)")]
    [InlineData("22/0", "\"vlo\":\"66:65536\"", "not an object link (object:instance)")]
    [InlineData("22/0", "\"v\":1", "a number, where the definition says Objlnk")]
    [InlineData("4", "\"v\":1", "the definition gives this resource no value")]
    [InlineData("9", "\"u\":\"V\"", "there is no value")]
    [InlineData("9", "\"s\":3", "there is no value")]
    [InlineData("9", "\"v\":null", "there is no value")]
    [InlineData("9", "\"v\":\"1\"", "the value is not of the kind that its label says")]
    [InlineData("9", "\"v\":[1]", "the value is not of the kind that its label says")]
    [InlineData("0", "\"vs\":1", "the value is not of the kind that its label says")]
    [InlineData("9", "\"vb\":1", "the value is not of the kind that its label says")]
    [InlineData("9", "\"v\":1,\"vs\":\"x\"", "the record has more than one value")]
    [InlineData("9", "\"v\":1,\"v\":2", "a field of the record comes twice")]
    [InlineData("9", "\"t\":\"now\",\"v\":1", "the time is not a number")]
    [InlineData("9", "\"t\":1e12,\"v\":1", "the time is no date")]
    public void BadValue_IsNamedWithPathAndReason_AndTheOthersAreDelivered(string name, string fields, string reason)
    {
        var record = $$"""{"n":"{{name}}",{{fields}}}""";
        var items = Decode($$"""[{"bn":"/3/0/","n":"10","v":1},{{record}},{"n":"14","vs":"x"}]""", "/3/0").Items;
        Assert.Equal(["/3/0/10 1 ", $"/3/0/{name} {record} {reason}", "/3/0/14 x "], items.Select(item =>
            $"{item.Path} {(item.Note is null ? item.Value.ToString() : Encoding.UTF8.GetString(item.Value.Bytes))} {item.Note}"));
    }

    [Theory]
    [InlineData("/3/0", """{"n":"/3/1/9","v":1}""", "the path /3/1/9 lies outside of what was asked for")]
    [InlineData("/3/0/9", """{"n":"/3/0/10","v":1}""", "the path /3/0/10 lies outside of what was asked for")]
    [InlineData("/3/0", """{"bn":"/1/","n":"0/1","v":1}""", "the path /1/0/1 lies outside of what was asked for")]
    [InlineData("/3/0", """{"n":"a/b","v":1}""", "the name is not a path")]
    [InlineData("/3/0", """{"n":"/3/0/65536","v":1}""", "the name is not a path")]
    [InlineData("/3/0", """{"n":"/3/0/6/0/1","v":1}""", "the name is not a path")]
    [InlineData("/3/0", """{"n":"urn:dev:ow:10e2073a01080063","u":"Cel","v":23.1}""", "the name is not a path")]
    [InlineData("/3/0", """{"n":7,"v":1}""", "the name is not a text")]
    [InlineData("/3/0", """{"n":"/3/0","v":1}""", "the name does not name a resource")]
    [InlineData("/", """{"n":"/3/0","v":1}""", "the name does not name a resource")]
    [InlineData("/3/0", """{"v":1}""", "the name does not name a resource")]
    [InlineData("/", """{"v":1}""", "there is no name")]
    [InlineData("/3/0", "7", "not a SenML record")]
    [InlineData("/3/0", "[[1]]", "not a SenML record")]
    public void BadName_IsAReasonToo(string request, string record, string reason)
    {
        var content = Decode($$"""[{{record}},{"bn":"","n":"/3/0/9","v":1}]""", request);
        Assert.Equal((reason, record), (content.Items[0].Note, Encoding.UTF8.GetString(content.Items[0].Value.Bytes)));
        Assert.Equal(2, content.Items.Count);
    }

    [Fact]
    public void LongName_IsAReasonToo()
    {
        var long1 = new string('1', 300);
        Assert.Equal("the name is too long", Assert.Single(Decode($$"""[{"bn":"/{{long1}}","n":"{{long1}}","v":1}]""", "/3/0").Items).Note);
    }

    [Fact]
    public void RepeatedPath_KeepsItsValueAndGetsANote()
    {
        var items = Decode("""[{"bn":"/3/0/","n":"10","v":1},{"n":"9","v":2},{"n":"10","v":3},{"n":"10","v":4,"t":-1},{"n":"9","v":5,"t":-1},{"n":"9","v":6,"t":-1}]""", "/3/0").Items;
        Assert.Equal(["1", "2", "3 twice", "4", "5", "6 twice"], items.Select(item => item.Value + (item.Note is null ? "" : " twice")));
    }

    [Theory]
    [InlineData("/", "/3/0/9", true)]
    [InlineData("/3/0/9 /1", "/3/0/9", true)]
    [InlineData("/3/0/9 /1", "/1/0/1", true)]
    [InlineData("/3/0/9 /1", "/3/0/10", false)]
    public void Composite_TakesWhatWasAskedFor(string asked, string name, bool taken)
    {
        var context = Reading("/") with { RequestPaths = asked == "/" ? null : asked.Split(' ').Select(At).ToArray() };
        var item = Assert.Single(ContentDecoder.Decode(ContentFormats.SenmlJson, Utf8($$"""[{"n":"{{name}}","v":1}]"""), context).Items);
        Assert.Equal(taken, item.Note is null);
    }

    [Theory]
    [InlineData("")]
    [InlineData("7")]
    [InlineData("{}")]
    [InlineData("[")]
    [InlineData("[{")]
    [InlineData("[{}")]
    [InlineData("""[{"n":"/3/0/9","v":1}""")]
    [InlineData("""[{"n":"/3/0/9","v":1}] 1""")]
    [InlineData("""[{"n":"/3/0/9","v":01}]""")]
    [InlineData("""[{"n":"/3/0/9","v":[[[[[[[[[1]]]]]]]]]}]""")]
    // What must be understood, or says how to read the rest.
    [InlineData("""[{"n":"/3/0/9","v":1,"why_":2}]""")]
    [InlineData("""[{"n":"/3/0/9","v":1},{"bver":11,"n":"/3/0/10","v":1}]""")]
    [InlineData("""[{"bver":"10","n":"/3/0/9","v":1}]""")]
    [InlineData("""[{"bver":0,"n":"/3/0/9","v":1}]""")]
    [InlineData("""[{"bn":7,"n":"9","v":1}]""")]
    [InlineData("""[{"bt":"x","n":"9","v":1}]""")]
    [InlineData("""[{"bv":"x","n":"9","v":1}]""")]
    public void WhatCannotBeReadAsAWhole_IsAnError(string payload)
    {
        var content = Decode(payload, "/3/0");
        Assert.NotEmpty(content.Error!);
        Assert.Empty(content.Items);
    }

    [Theory]
    [InlineData("bver", "5")]
    [InlineData("bver", "10")]
    // Secondary units (RFC 9100): units do not matter.
    [InlineData("bver", "26")]
    [InlineData("u", "\"Cel\"")]
    [InlineData("bu", "\"A\"")]
    [InlineData("ut", "60")]
    [InlineData("bs", "1")]
    [InlineData("\\ud800", "1")]
    [InlineData("ct", "{\"a\":[1]}")]
    public void WhatDoesNotMatter_IsPassedOver(string field, string value) =>
        Assert.Equal("/3/0/9=1", Lines($$"""[{"{{field}}":{{value}},"n":"/3/0/9","v":1}]""", "/3/0"));

    [Fact]
    public void TooManyValues_AreRefused()
    {
        var many = "[" + string.Join(',', Enumerable.Repeat("{}", ContentDecoder.MaxItems + 1)) + "]";
        Assert.Equal("more than 65536 values", Decode(many, "/3/0").Error);
        var foreign = "[" + string.Join(',', Enumerable.Repeat("1", 5_000_000)) + "]";
        Assert.Equal("more than 65536 values", Decode(foreign, "/3/0").Error);
    }

    [Fact]
    public void EveryBeginning_IsRefused()
    {
        var payload = Utf8(DeviceSenml.Trim());
        for (var length = 0; length < payload.Length; length++)
            Assert.NotNull(ContentDecoder.Decode(ContentFormats.SenmlJson, payload.AsSpan(0, length), Reading("/3/0")).Error);
    }

    [Fact]
    public void Null_RemovesInAPatch()
    {
        var item = Assert.Single(ContentDecoder.Decode(ContentFormats.SenmlEtchJson, Utf8("""[{"n":"/3/0/6/1","v":null}]"""), Reading("/")).Items);
        Assert.Equal((null, Lwm2mValue.None), (item.Note, item.Value));
    }

    [Theory]
    [InlineData("/3/0", "0 String EMQ, 6/1 Integer 5, 22/0 Objlnk 1:2, 9 Boolean true, 10 Opaque +/8=, 13 Time 1700000000",
        """[{"bn":"/3/0/","n":"0","vs":"EMQ"},{"n":"6/1","v":5},{"n":"22/0","vlo":"1:2"},{"n":"9","vb":true},{"n":"10","vd":"-_8"},{"n":"13","v":1700000000}]""")]
    [InlineData("/3/0/9", "/ Float 5", """[{"bn":"/3/0/9","v":5.0}]""")]
    [InlineData("/3/0/9", "9 Integer 5", """[{"bn":"/3/0/9","v":5}]""")]
    [InlineData("/3/0/6", "1 Integer 5", """[{"bn":"/3/0/6/","n":"1","v":5}]""")]
    [InlineData("/3/0/6/1", "/ Integer 5", """[{"bn":"/3/0/6/1","v":5}]""")]
    [InlineData("/", "3/0/9 Integer 5, 1/0/1 Integer 6", """[{"n":"/3/0/9","v":5},{"n":"/1/0/1","v":6}]""")]
    [InlineData("/3303", "2/5700 Float 1.5", """[{"bn":"/3303/","n":"2/5700","v":1.5}]""")]
    [InlineData("/3/0", "13 Integer 1, 14 String x, 13 Integer 2", """[{"bn":"/3/0/","n":"14","vs":"x"},{"n":"13","v":2}]""")]
    [InlineData("/3/0", "", "[]")]
    [InlineData("/3303", "5700 Float 1.5", null)]
    [InlineData("/3/0", "6 Integer 1, 6/0 Integer 1", null)]
    [InlineData("/3/0", "/ Integer 1", null)]
    [InlineData("/3/0", "6/0/1 Integer 1", null)]
    public void Command_IsWritten(string basePath, string content, string? payload)
    {
        var written = ContentEncoder.TryEncode(
            ContentFormats.SenmlJson, At(basePath), ContentEncoderTests.Content(content), Repository.Shipped.For(null), out var bytes, out var reason);
        Assert.Equal(payload, written ? Encoding.UTF8.GetString(bytes) : null);
        Assert.Equal(written, reason is null);
    }

    [Fact]
    public void Readings_AreWrittenWithTheirTimes()
    {
        TimedValue[] values =
        [
            new(At("/3303/0/5700"), Lwm2mValue.Float(21.5), 1_700_000_000_500),
            new(At("/3303/0/5700"), Lwm2mValue.Float(22), 1_700_000_060_000),
        ];
        Assert.True(ContentEncoder.TryEncodeReadings(ContentFormats.SenmlJson, At("/3303/0/5700"), values, out var payload, out _));
        Assert.Equal("""[{"bn":"/3303/0/5700","t":1700000000.5,"v":21.5},{"t":1700000060,"v":22.0}]""", Encoding.UTF8.GetString(payload));
        Assert.True(ContentEncoder.TryEncodeReadings(ContentFormats.SenmlCbor, At("/3303/0/5700"), values, out payload, out _));
        Assert.Equal(
            "/3303/0/5700=21.5 @1700000000500\n/3303/0/5700=22 @1700000060000",
            ContentDecoderTests.Lines(ContentDecoder.Decode(ContentFormats.SenmlCbor, payload, Reading("/3303/0/5700"))));
        Assert.False(ContentEncoder.TryEncodeReadings(ContentFormats.Lwm2mCbor, At("/3303/0/5700"), values, out _, out _));
        Assert.False(ContentEncoder.TryEncodeReadings(ContentFormats.Tlv, At("/3303/0/5700"), values, out _, out _));
        Assert.False(ContentEncoder.TryEncodeReadings(ContentFormats.SenmlJson, At("/3303/0/5701"), values, out _, out _));
        Assert.False(ContentEncoder.TryEncodeReadings(ContentFormats.SenmlJson, default, [values[0] with { Timestamp = 1000 }], out _, out _));
    }

    static string Lines(string payload, string request) => ContentDecoderTests.Lines(Decode(payload, request));

    static DecodedContent Decode(string payload, string request) => ContentDecoder.Decode(
        ContentFormats.SenmlJson, Utf8(payload), new DecodeContext
        {
            RequestPath = At(request),
            Definitions = Repository.Shipped.For(new Dictionary<ushort, ObjectVersion> { [25] = new(2, 0) }, Lwm2mVersion.V12),
            AlternatePath = "/lwm2m",
            ReceivedAt = Now,
        });
}
