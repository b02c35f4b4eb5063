using Contracts;
using Google.Protobuf;
using Pipeline.Tests.Lwm2m;
using Protocol.Lwm2m;
using Protocol.Lwm2m.Formats;
using Protocol.Lwm2m.Values;
using Translator;
using Translator.Uplink;

namespace Pipeline.Tests.Translator;

/// <summary>Sends, and what formats with times and types of their own bring into events.</summary>
public sealed class SendEventTests
{
    private static readonly TranslationRules Rules = new(Given.Configuration, Probe.Definitions);

    // One value of each type, in the order of the resource ids.
    private static readonly TimedValue[] EachType =
    [
        Of(Lwm2mValue.String("Grüße, \"x\"")), Of(Lwm2mValue.Integer(-9223372036854775808)), Of(Lwm2mValue.UnsignedInteger(18446744073709551615)),
        Of(Lwm2mValue.Float(10.75)), Of(Lwm2mValue.Boolean(true)), Of(Lwm2mValue.Opaque([0, 255, 128])), Of(Lwm2mValue.Time(1_700_000_000)),
        Of(Lwm2mValue.ObjectLink(66, 65535)), Of(Lwm2mValue.CoreLink("</3/0>;ver=1.1")),
    ];

    private const string EachTypeJson =
        """[{"path":"/4711/0/1","value":"Grüße, \"x\""},{"path":"/4711/0/2","value":-9223372036854775808},{"path":"/4711/0/3","value":18446744073709551615},"""
        + """{"path":"/4711/0/4","value":10.75},{"path":"/4711/0/5","value":true},{"path":"/4711/0/6","value":"AP+A"},{"path":"/4711/0/7","value":1700000000},"""
        + """{"path":"/4711/0/8","value":"66:65535"},{"path":"/4711/0/9","value":"</3/0>;ver=1.1"}]""";

    [Theory]
    [InlineData(ContentFormats.SenmlJson)]
    [InlineData(ContentFormats.SenmlCbor)]
    [InlineData(ContentFormats.Lwm2mCbor)]
    public void Each_type_that_is_sent_is_in_the_event(ushort format)
    {
        Assert.True(ContentEncoder.TryEncodeReadings(format, default, EachType, out var payload, out var reason), reason);
        Assert.Equal($$"""{"data":{"content":{{EachTypeJson}}},"msgType":"send"}""", Sent(format, payload));
    }

    [Theory]
    [InlineData(ContentFormats.Tlv)]
    [InlineData(ContentFormats.Json)]
    [InlineData(ContentFormats.SenmlJson)]
    [InlineData(ContentFormats.SenmlCbor)]
    [InlineData(ContentFormats.Lwm2mCbor)]
    public void Each_format_gives_the_same_notification(ushort format)
    {
        var values = EachType.Select(value => new ResourceValue(new Lwm2mPath(value.Path.ResourceId), value.Value)).ToArray();
        Assert.True(ContentEncoder.TryEncode(format, new Lwm2mPath(Probe.Id, 0), values, Probe.Definitions.For(null), out var payload, out var reason), reason);
        Assert.Equal(
            $$"""{"data":{"code":"2.05","codeMsg":"content","content":{{EachTypeJson}},"reqPath":"/4711/0"},"msgType":"notify"}""",
            Notified(format, "/4711/0", payload));
    }

    // RFC 8428 section 4.5.3: 2^28 and beyond is since 1970, below is relative to now, which is when the datagram came.
    [Theory]
    [InlineData("""[{"bn":"/4711/0/","bt":1600000000,"n":"2","v":1,"t":0},{"n":"2","v":2,"t":60},{"n":"2","v":3,"t":30.5}]""", "1600000000000 1600000060000 1600000030500")]
    [InlineData("""[{"bn":"/4711/0/2","t":-60,"v":1},{"t":-30,"v":2},{"t":0,"v":3}]""", "1699999940000 1699999970000 1700000000000")]
    [InlineData("""[{"bn":"/4711/0/2","bt":-120,"v":1},{"t":20,"v":2},{"bt":1600000000,"t":-1,"v":3}]""", "1699999880000 1699999900000 1599999999000")]
    [InlineData("""[{"n":"/4711/0/2","t":1600000000.125,"v":1},{"n":"/4711/0/2","v":2},{"n":"/4711/0/2","t":268435455,"v":3}]""", "1600000000125 - 1968435455000")]
    public void History_comes_with_its_times_in_the_order_of_the_payload(string json, string times)
    {
        var values = times.Split(' ').Select((time, i) => $$"""{"path":"/4711/0/2",{{(time == "-" ? "" : $"\"ts\":{time},")}}"value":{{i + 1}}}""");
        var content = $"[{string.Join(',', values)}]";
        Assert.Equal($$"""{"data":{"content":{{content}}},"msgType":"send"}""", Sent(ContentFormats.SenmlJson, Given.Bytes(json)));
        Assert.Equal(
            $$"""{"data":{"code":"2.05","codeMsg":"content","content":{{content}},"reqPath":"/4711/0/2"},"msgType":"notify"}""",
            Notified(ContentFormats.SenmlJson, "/4711/0/2", Given.Bytes(json)));
    }

    [Fact]
    public void What_the_definition_doubts_has_a_note_and_the_rest_is_delivered()
    {
        const string Json = """[{"bn":"/4711/0/","n":"3","v":-1},{"n":"2","v":1.5},{"n":"2","t":-1,"v":1e20},{"n":"5","vs":"on"},{"n":"8","vlo":"66:70000"},{"n":"0","v":1},{"n":"99","vb":true},{"n":"7","v":1}]""";
        var content = Sent(ContentFormats.SenmlJson, Given.Bytes(Json));
        (string Note, string Path)[] expected =
        [
            ("not an Unsigned Integer of 64 bits", "/4711/0/3"), ("not an Integer of 64 bits", "/4711/0/2"), ("not an Integer of 64 bits", "/4711/0/2"),
            ("a text, where the definition says Boolean", "/4711/0/5"), ("not an object link (object:instance)", "/4711/0/8"),
            ("the definition gives this resource no value", "/4711/0/0"),
        ];
        foreach (var (note, path) in expected)
            Assert.Contains($$"""{"note":"{{note}}","path":"{{path}}",""", content, StringComparison.Ordinal);
        // What has no definition says itself what it is.
        Assert.Contains("""{"path":"/4711/0/99","value":true}""", content, StringComparison.Ordinal);
        Assert.Contains("""{"path":"/4711/0/7","value":1}""", content, StringComparison.Ordinal);
        Assert.Equal(new ContentFaults(false, expected.Length), FaultsOf(Json));
    }

    [Fact]
    public void Refusal_says_why_and_has_no_values()
    {
        var json = EventOf(Given.Uplink(EventKind.Sent, uplink =>
        {
            (uplink.ContentFormat, uplink.Code, uplink.Reason) = (ContentFormats.SenmlJson, 0x84, "object 9 is not registered");
            uplink.Payload = ByteString.CopyFromUtf8("""[{"n":"/9/0/1","v":1}]""");
        }));
        Assert.Equal("""{"data":{"code":"4.04","codeMsg":"not_found","reason":"object 9 is not registered"},"msgType":"send"}""", json);
    }

    [Fact]
    public void What_no_definition_knows_at_all_is_an_error_or_raw()
    {
        const string Json = """[{"n":"/4712/0/1","v":1}]""";
        Assert.Equal("""{"data":{"content":[{"path":"/4712/0/1","value":1}]},"msgType":"send"}""", Sent(ContentFormats.SenmlJson, Given.Bytes(Json)));
        Assert.Equal(new ContentFaults(true, 0), FaultsOf("[{\"n\":\"/4711/0/3\",\"v\":-1}]"));
        Assert.Equal(new ContentFaults(true, 0), FaultsOf("["));
    }

    private static TimedValue Of(Lwm2mValue value) => new(new Lwm2mPath(Probe.Id, 0, (ushort)value.Type), value);

    private static string Sent(ushort format, byte[] payload) => EventOf(SentEvent(format, payload));

    private static UplinkEvent SentEvent(ushort format, byte[] payload) => Given.Uplink(EventKind.Sent, uplink =>
    {
        uplink.ContentFormat = format;
        uplink.Payload = ByteString.CopyFrom(payload);
    });

    private static string Notified(ushort format, string path, byte[] payload) => EventOf(Given.Uplink(EventKind.Notified, uplink =>
    {
        (uplink.Path, uplink.Code, uplink.ContentFormat) = (path, 0x45, format);
        uplink.Command = Given.Context("{\"msgType\":\"observe\",\"data\":{\"path\":\"" + path + "\"}}");
        uplink.Payload = ByteString.CopyFrom(payload);
    }));

    private static ContentFaults FaultsOf(string json) => Interpreter.Interpret(SentEvent(ContentFormats.SenmlJson, Given.Bytes(json)), Rules).Faults;

    private static string EventOf(UplinkEvent uplink) => Given.Text(UplinkPipeline.Translate(uplink, Rules).Single().Json);
}
