using Contracts;
using Translator.Downlink;

namespace Pipeline.Tests.Translator;

/// <summary>"format" in the data of a command: the content format that values are written in, or asked for.</summary>
public sealed class CommandFormatTests
{
    [Theory]
    [InlineData("read", "text", 0)]
    [InlineData("read", "opaque", 42)]
    [InlineData("read", "tlv", 11542)]
    [InlineData("read", "json", 11543)]
    [InlineData("read", "cbor", 60)]
    [InlineData("read", "senml_json", 110)]
    [InlineData("read", "senml_cbor", 112)]
    [InlineData("observe", "lwm2m_cbor", 11544)]
    [InlineData("observe", "json", 11543)]
    [InlineData("cancel-observe", "json", 11543)]
    public void What_asks_for_values_asks_for_their_format(string msgType, string format, int accept)
    {
        var operation = Accepted(msgType, """{"path":"/3/0/9","format":"FORMAT"}""".Replace("FORMAT", format, StringComparison.Ordinal));
        Assert.Equal((true, (uint)accept, false), (operation.HasAccept, operation.Accept, operation.HasContentFormat));
    }

    [Theory]
    [InlineData("""{"path":"/3/0/9"}""")]
    [InlineData("""{"path":"/3/0/9","format":null}""")]
    public void Without_a_format_the_device_chooses(string data) => Assert.False(Accepted("read", data).HasAccept);

    [Theory]
    [InlineData("""{"path":"/5/0/0","format":"opaque","value":"AQIDBA=="}""", 42, "01020304")]
    [InlineData("""{"path":"/5/0/0","format":"opaque","type":"Opaque","value":"AQIDBA=="}""", 42, "01020304")]
    [InlineData("""{"path":"/31024/0/1","format":"opaque","value":"AQIDBA=="}""", 42, "01020304")] // no definition: bytes need none
    [InlineData("""{"path":"/3/0/14","format":"opaque","value":"+01"}""", 42, "2b3031")]
    [InlineData("""{"path":"/3/0/14","format":"text","value":"+01"}""", 0, "2b3031")]
    [InlineData("""{"path":"/3/0/13","format":"text","type":"Integer","value":200}""", 0, "323030")]
    [InlineData("""{"path":"/3/0/13","format":"text","value":1700000000}""", 0, "31373030303030303030")]
    [InlineData("""{"path":"/5/0/0","format":"text","value":"AQIDBA=="}""", 0, "4151494442413d3d")]
    [InlineData("""{"path":"/3306/0/5850","format":"text","value":true}""", 0, "31")]
    [InlineData("""{"path":"/3/0/13","format":"tlv","type":"Integer","value":200}""", 11542, "c20d00c8")]
    [InlineData("""{"path":"/3/0/6/1","format":"text","value":5}""", 0, "35")]
    [InlineData("""{"path":"/3/0/14","format":"cbor","value":"+01"}""", 60, "632b3031")]
    [InlineData("""{"path":"/3306/0/5850","format":"cbor","value":true}""", 60, "f5")]
    [InlineData("""{"path":"/3/0/14","format":"senml_cbor","value":"+01"}""", 112, "81a22167" + "2f332f302f3134" + "03632b3031")]
    [InlineData("""{"path":"/3/0/14","format":"lwm2m_cbor","value":"+01"}""", 11544, "a103a100a10e632b3031")]
    [InlineData("""{"basePath":"/3/0/13","format":"text","content":[{"type":"Integer","value":200}]}""", 0, "323030")]
    public void A_write_is_sent_in_its_format(string data, int format, string payload)
    {
        var operation = Accepted("write", data);
        Assert.Equal((OperationKind.WriteReplace, (uint)format), (operation.Kind, operation.ContentFormat));
        Assert.Equal(payload, Convert.ToHexStringLower(operation.Payload.Span));
    }

    [Theory]
    [InlineData("write", """{"path":"/3/0/13","format":"json","value":1700000000}""", """{"bn":"/3/0/13","e":[{"v":1700000000}]}""")]
    [InlineData("write", """{"basePath":"/3/0","format":"json","content":[{"path":"14","value":"+01"},{"path":"6/0","value":1}]}""", """{"bn":"/3/0/","e":[{"n":"14","sv":"+01"},{"n":"6/0","v":1}]}""")]
    [InlineData("write", """{"path":"/3/0/14","format":"senml_json","value":"+01"}""", """[{"bn":"/3/0/14","vs":"+01"}]""")]
    [InlineData("create", """{"basePath":"/3303","format":"json","content":[{"path":"0/5700","value":1.5}]}""", """{"bn":"/3303/","e":[{"n":"0/5700","v":1.5}]}""")]
    public void Json_names_its_values(string msgType, string data, string payload)
    {
        var operation = Accepted(msgType, data);
        Assert.Equal((data.Contains("senml", StringComparison.Ordinal) ? 110u : 11543u, payload), (operation.ContentFormat, operation.Payload.ToStringUtf8()));
    }

    [Fact]
    public void Hexadecimal_text_is_text_in_every_format() =>
        Assert.Equal("AB", Accepted("""{"msgType":"write","encoding":"hex","data":{"path":"/3/0/14","format":"text","value":"4142"}}""").Payload.ToStringUtf8());

    [Theory]
    [InlineData("write", """{"basePath":"/3/0","format":"cbor","content":[{"path":"14","value":"x"}]}""", "exactly one value")]
    [InlineData("read", """{"path":"/3/0/13","format":"xml"}""", "format \"xml\" is not known")]
    [InlineData("create", """{"basePath":"/3","format":42,"content":[]}""", "format 42 is not known")]
    [InlineData("write", """{"path":"/3/0/13","format":"opaque","type":"Integer","value":1}""", "only Opaque and String")]
    [InlineData("write", """{"basePath":"/3/0","format":"text","content":[{"path":"14","value":"x"}]}""", "exactly one value")]
    [InlineData("write", """{"path":"/31024/0/1","format":"text","value":"x"}""", "type is missing")]
    public void A_format_that_cannot_be_used_is_refused_with_a_reason(string msgType, string data, string reason)
    {
        var verdict = Verdict(Given.Incoming("{\"msgType\":\"" + msgType + "\",\"data\":" + data + "}"));
        Assert.Equal(Outcome.Invalid, verdict.Refusal?.Outcome);
        Assert.Contains(reason, verdict.Refusal!.Reason, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(300_000)]
    [InlineData(4_000_000)]
    public void A_firmware_image_passes_as_the_bytes_that_it_is_and_its_echo_stays_small(int size)
    {
        var image = new byte[size];
        new Random(7959).NextBytes(image);
        var operation = Accepted("{\"reqID\":1,\"msgType\":\"write\",\"data\":{\"path\":\"/5/0/0\",\"format\":\"opaque\",\"value\":\"" + Convert.ToBase64String(image) + "\"}}");
        Assert.True(operation.Payload.Span.SequenceEqual(image));
        Assert.True(operation.Command.Truncated);
        var data = ("{\"format\":\"opaque\",\"path\":\"/5/0/0\",\"value\":\"\"}".Length + (size + 2) / 3 * 4).ToString(System.Globalization.CultureInfo.InvariantCulture);
        Assert.Equal("{\"data\":{\"truncated\":" + data + "},\"msgType\":\"write\",\"reqID\":1}", operation.Command.Echo.ToStringUtf8());
        Assert.InRange(operation.CalculateSize(), size, size + CommandEcho.MaxSize + 512);
    }

    private static DownlinkOperation Accepted(string msgType, string data) => Accepted("{\"msgType\":\"" + msgType + "\",\"data\":" + data + "}");

    private static DownlinkOperation Accepted(string json)
    {
        var verdict = Verdict(Given.Incoming(json));
        Assert.True(verdict.Operation is not null, verdict.Refusal?.Reason);
        return verdict.Operation!;
    }

    private static CommandVerdict Verdict(IncomingCommand incoming) => CommandTranslator.Translate(incoming, Given.Registration(), Given.Rules, Given.Now);
}
