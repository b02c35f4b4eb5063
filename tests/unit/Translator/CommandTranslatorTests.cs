using Contracts;
using Contracts.Configuration;
using Translator.Downlink;

namespace Pipeline.Tests.Translator;

public sealed class CommandTranslatorTests
{
    private const int Tlv = 11542;

    [Theory]
    [InlineData("read", """{"path":"/3/0/0"}""", OperationKind.Read, "/3/0/0", "", null, null, "")]
    [InlineData("read", """{"path":"3/0/"}""", OperationKind.Read, "/3/0", "", null, null, "")]
    [InlineData("read", """{"path":"/"}""", OperationKind.Read, "/", "", null, null, "")]
    [InlineData("read", """{"path":"/4/0/1/0"}""", OperationKind.Read, "/4/0/1/0", "", null, null, "")]
    [InlineData("read", """{"path":"/6/0/0?foo=bar&baz=1"}""", OperationKind.Read, "/6/0/0", "foo=bar&baz=1", null, null, "")]
    [InlineData("discover", """{"path":"/3/0/7"}""", OperationKind.Discover, "/3/0/7", "", 40, null, "")]
    [InlineData("write", """{"path":"/3/0/13","type":"Integer","value":"12345"}""", OperationKind.WriteReplace, "/3/0/13", "", null, Tlv, "c20d3039")]
    [InlineData("write", """{"basePath":"/","path":"/3/0/13","type":"Integer","value":12345}""", OperationKind.WriteReplace, "/3/0/13", "", null, Tlv, "c20d3039")]
    [InlineData("write", """{"path":"/3/0/13","type":"Integer","value":1,"mode":"update"}""", OperationKind.WriteUpdate, "/3/0/13", "", null, Tlv, "c10d01")]
    [InlineData("write", """{"path":"/4/0/1/0","type":"String","value":"a"}""", OperationKind.WriteReplace, "/4/0/1/0", "", null, Tlv, "410061")]
    [InlineData("write", """{"basePath":"/3/0/","content":[{"path":"13","type":"Integer","value":"12345"},{"path":"14","type":"String","value":"87x"},{"path":"6/0","type":"Integer","value":"1"}]}""",
        OperationKind.WriteUpdate, "/3/0", "", null, Tlv, "c20d3039c30e3837788306410001")]
    [InlineData("write", """{"basePath":"/3/0/22","content":[{"path":"0","type":"Objlnk","value":"1:2"},{"path":"1","type":"Objlnk","value":"1:3"},{"path":"1","type":"Objlnk","value":"1:4"}]}""",
        OperationKind.WriteReplace, "/3/0/22", "", null, Tlv, "88160c440000010002440100010004")]
    [InlineData("write", """{"basePath":"/3/0/13","content":[{"path":"/0","type":"Integer","value":1}]}""", OperationKind.WriteReplace, "/3/0/13", "", null, Tlv, "c10d01")]
    [InlineData("write", """{"basePath":"/3/0","mode":"replace","content":[{"path":"/14","type":"String","value":"x"}]}""", OperationKind.WriteReplace, "/3/0", "", null, Tlv, "c10e78")]
    [InlineData("write-attr", """{"path":"/3/0/9","pmin":"1","pmax":"5","lt":"5"}""", OperationKind.WriteAttributes, "/3/0/9", "lt=5&pmax=5&pmin=1", null, null, "")]
    [InlineData("write-attr", """{"path":"/3/0/9?x=1","pmin":1,"pmax":null,"st":0.5,"gt":"-1.5","other":"a"}""", OperationKind.WriteAttributes, "/3/0/9", "gt=-1.5&pmin=1&st=0.5", null, null, "")]
    [InlineData("write-attr", """{"path":"/3/0","pmin":""}""", OperationKind.WriteAttributes, "/3/0", "pmin", null, null, "")]
    [InlineData("execute", """{"path":"/3/0/4","args":"2,7"}""", OperationKind.Execute, "/3/0/4", "", null, 0, "322c37")]
    [InlineData("execute", """{"path":"/3/0/4"}""", OperationKind.Execute, "/3/0/4", "", null, 0, "")]
    [InlineData("execute", """{"path":"/3/0/4","args":"undefined"}""", OperationKind.Execute, "/3/0/4", "", null, 0, "")]
    [InlineData("create", """{"basePath":"/5","content":[]}""", OperationKind.Create, "/5", "", null, Tlv, "")]
    [InlineData("create", """{"basePath":"/6","content":[{"path":"0/0","type":"Float","value":1.5},{"path":"0/1","type":"Integer","value":5}]}""",
        OperationKind.Create, "/6", "", null, Tlv, "08000ec800083ff8000000000000c10105")]
    [InlineData("create", """{"basePath":"/3303","content":[{"path":"5750","type":"String","value":"x"}]}""", OperationKind.Create, "/3303", "", null, Tlv, "e1167678")]
    [InlineData("delete", """{"path":"/5/0"}""", OperationKind.Delete, "/5/0", "", null, null, "")]
    [InlineData("observe", """{"path":"/3/0/10"}""", OperationKind.Observe, "/3/0/10", "", null, null, "")]
    [InlineData("cancel-observe", """{"path":"/3/0/10"}""", OperationKind.CancelObservation, "/3/0/10", "", null, null, "")]
    [InlineData("kick", "{}", OperationKind.Kick, "", "", null, null, "")]
    [InlineData("cancel", """{"command_id":"c7"}""", OperationKind.Cancel, "", "", null, null, "")]
    public void Each_command_becomes_its_operation(
        string msgType, string data, OperationKind kind, string path, string query, int? accept, int? format, string payload)
    {
        var operation = Accepted("{\"msgType\":\"" + msgType + "\",\"data\":" + data + "}");
        Assert.Equal((kind, path, query), (operation.Kind, operation.Path, string.Join('&', operation.Queries)));
        Assert.Equal(accept, operation.HasAccept ? (int)operation.Accept : null);
        Assert.Equal(format, operation.HasContentFormat ? (int)operation.ContentFormat : null);
        Assert.Equal(payload, Convert.ToHexStringLower(operation.Payload.Span));
        Assert.Equal(kind == OperationKind.Cancel ? "c7" : "", operation.TargetCommandId);
        Assert.Equal(("e1", "c1", msgType), (operation.Endpoint, operation.Command.CommandId, operation.Command.MsgType));
    }

    [Theory]
    // As the specification wants it: 1, 2, 4 or 8 bytes with a sign, floats always floats.
    [InlineData("Integer", "0", "c10d00")]
    [InlineData("Integer", "127", "c10d7f")]
    [InlineData("Integer", "128", "c20d0080")]
    [InlineData("Integer", "32768", "c40d00008000")]
    [InlineData("Integer", "4294967296", "c80d080000000100000000")]
    [InlineData("Integer", "-1", "c10dff")]
    [InlineData("Integer", "-129", "c20dff7f")]
    [InlineData("Integer", "\"-32769\"", "c40dffff7fff")]
    [InlineData("Float", "1.5", "c80d083ff8000000000000")]
    [InlineData("Float", "5", "c80d084014000000000000")]
    [InlineData("Float", "\"1e3\"", "c80d08408f400000000000")]
    [InlineData("Time", "1700000000", "c40d6553f100")]
    [InlineData("String", "\"87x\"", "c30d383778")]
    [InlineData("Boolean", "true", "c10d01")]
    [InlineData("Boolean", "\"false\"", "c10d00")]
    [InlineData("Opaque", "\"AQI=\"", "c20d0102")]
    [InlineData("Objlnk", "\"1:3\"", "c40d00010003")]
    [InlineData("Unsigned Integer", "200", "c10dc8")]
    [InlineData("Corelnk", "\"</3/0>\"", "c60d3c2f332f303e")]
    [InlineData(null, "1700000000", "c40d6553f100")] // /3/0/13 is a Time by its definition
    public void Values_are_encoded_by_their_type(string? type, string value, string payload)
    {
        var named = type is null ? "" : "\"type\":\"" + type + "\",";
        var operation = Accepted("{\"msgType\":\"write\",\"data\":{\"path\":\"/3/0/13\"," + named + "\"value\":" + value + "}}");
        Assert.Equal(payload, Convert.ToHexStringLower(operation.Payload.Span));
    }

    [Theory]
    [InlineData("""{"path":"/3/0/14","type":"String","value":"4142"}""", "c20e4142")]
    [InlineData("""{"path":"/3/0/14","type":"String","value":"142"}""", "c20e0142")]
    [InlineData("""{"path":"/5/0/0","type":"Opaque","value":"ABCD"}""", "c200abcd")]
    [InlineData("""{"basePath":"/3/0","content":[{"path":"14","type":"String","value":"41"}]}""", "c10e41")]
    public void Hex_values_are_the_bytes(string data, string payload) =>
        Assert.Equal(payload, Convert.ToHexStringLower(Accepted("{\"msgType\":\"write\",\"encoding\":\"hex\",\"data\":" + data + "}").Payload.Span));

    [Theory]
    [InlineData("", "not JSON")]
    [InlineData("{", "not JSON")]
    [InlineData("[]", "not a JSON object")]
    [InlineData("7", "not a JSON object")]
    [InlineData("""{"data":{"path":"/3"}}""", "msgType is missing")]
    [InlineData("""{"msgType":7,"data":{"path":"/3"}}""", "msgType is missing")]
    [InlineData("""{"msgType":"read"}""", "data is missing")]
    [InlineData("""{"msgType":"read","data":[]}""", "data is missing")]
    [InlineData("""{"msgType":"fly","data":{"path":"/3"}}""", "msgType fly is not known")]
    [InlineData("""{"msgType":"notify","data":{"path":"/3"}}""", "msgType notify is not known")]
    [InlineData("""{"msgType":"read","data":{}}""", "path is missing")]
    [InlineData("""{"msgType":"read","data":{"path":3}}""", "path is missing")]
    [InlineData("""{"msgType":"read","data":{"path":"/1/2/3/4/5"}}""", "no path")]
    [InlineData("""{"msgType":"read","data":{"path":"/a"}}""", "no path")]
    [InlineData("""{"msgType":"delete","data":{"path":"/"}}""", "at least 1")]
    [InlineData("""{"msgType":"write","data":{"path":"/3/0","type":"Integer","value":1}}""", "path must name a resource")]
    [InlineData("""{"msgType":"write","data":{"path":"/3/0/13","type":"Integer"}}""", "value is missing")]
    [InlineData("""{"msgType":"write","data":{"path":"/3/0/13","type":"Duration","value":1}}""", "is not known")]
    [InlineData("""{"msgType":"write","data":{"path":"/3/0/13","type":"Integer","value":"x"}}""", "64-bit Integer")]
    [InlineData("""{"msgType":"write","data":{"path":"/3/0/13","type":"Integer","value":1.5}}""", "64-bit Integer")]
    [InlineData("""{"msgType":"write","data":{"path":"/3/0/13","type":"Boolean","value":"yes"}}""", "Boolean")]
    [InlineData("""{"msgType":"write","data":{"path":"/3/0/13","type":"Opaque","value":"*"}}""", "base64")]
    [InlineData("""{"msgType":"write","data":{"path":"/3/0/13","type":"Objlnk","value":"70000:1"}}""", "object link")]
    [InlineData("""{"msgType":"write","data":{"path":"/999/0/1","value":1}}""", "type is missing")]
    [InlineData("""{"msgType":"write","data":{"path":"/3/0/13","type":"Integer","value":1,"mode":"x"}}""", "mode")]
    [InlineData("""{"msgType":"write","encoding":"hex","data":{"path":"/3/0/14","type":"String","value":"xyz"}}""", "hexadecimal")]
    [InlineData("""{"msgType":"write","encoding":"hex","data":{"path":"/3/0/14","type":"String","value":41}}""", "hexadecimal")]
    [InlineData("""{"msgType":"write","data":{"basePath":"/3","content":[]}}""", "basePath must name")]
    [InlineData("""{"msgType":"write","data":{"basePath":"/3/0/1/0","content":[]}}""", "basePath must name")]
    [InlineData("""{"msgType":"write","data":{"basePath":"/3/0"}}""", "content is missing")]
    [InlineData("""{"msgType":"write","data":{"basePath":"/3/0","content":[7]}}""", "content item 0")]
    [InlineData("""{"msgType":"write","data":{"basePath":"/3/0","content":[{"path":"1/2/3","type":"Integer","value":1}]}}""", "does not fit")]
    [InlineData("""{"msgType":"write-attr","data":{"path":"/3/0/9"}}""", "no attribute")]
    [InlineData("""{"msgType":"write-attr","data":{"path":"/3/0/9","pmin":"soon"}}""", "pmin")]
    [InlineData("""{"msgType":"write-attr","data":{"path":"/3/0/9","pmin":true}}""", "pmin")]
    [InlineData("""{"msgType":"execute","data":{"path":"/3/0"}}""", "only a resource")]
    [InlineData("""{"msgType":"execute","data":{"path":"/3/0/4","args":7}}""", "args must be a string")]
    [InlineData("""{"msgType":"create","data":{"content":[]}}""", "basePath is missing")]
    [InlineData("""{"msgType":"create","data":{"basePath":"/6"}}""", "content is missing")]
    [InlineData("""{"msgType":"create","data":{"basePath":"/6/0","content":[]}}""", "basePath must name an object")]
    [InlineData("""{"msgType":"cancel","data":{}}""", "command_id is missing")]
    [InlineData("""{"msgType":"read","data":{"path":"\ud800"}}""", "not Unicode")]
    public void A_command_that_cannot_be_meant_is_refused_with_a_reason(string json, string reason)
    {
        var refusal = Refused(Given.Incoming(json));
        Assert.Equal(Outcome.Invalid, refusal.Outcome);
        Assert.Contains(reason, refusal.Reason, StringComparison.Ordinal);
        Assert.Equal(EventId.OfOutcome("c1"), new EventId(refusal.IdHigh, refusal.IdLow));
        Assert.Equal("e1", refusal.Client.Clientid);
    }

    [Fact]
    public void A_payload_that_is_not_UTF8_or_nests_without_end_is_refused()
    {
        Assert.Contains("UTF-8", Refused(Given.Incoming("") with { Json = new byte[] { 0x7b, 0xff } }).Reason, StringComparison.Ordinal);
        Assert.Contains("not JSON", Refused(Given.Incoming(new string('[', 100_000))).Reason, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("kick")]
    [InlineData("cancel")]
    public void Kick_and_cancel_are_not_taken_from_MQTT(string msgType) =>
        Assert.Contains("MQTT", Refused(
            Given.Incoming("{\"msgType\":\"" + msgType + "\",\"data\":{\"command_id\":\"c\"}}") with { MqttTopic = "lwm2m/e1/dn/x" }).Reason, StringComparison.Ordinal);

    [Fact]
    public void Headers_decide_on_priority_deadline_and_answer()
    {
        var operation = Accepted(Given.Incoming("""{"msgType":"read","mheaders":{"ttl":0},"data":{"path":"/3"}}""") with
        {
            Priority = 7,
            ExpiresMs = Given.Now + 1,
            ResponseTopic = "answers",
            Correlation = [1, 2],
        });
        Assert.Equal((7, Given.Now + 1, true), (operation.Priority, operation.DeadlineMs, operation.Immediate));
        Assert.Equal("answers", operation.Command.ResponseTopic);
        Assert.Equal([1, 2], operation.Command.CorrelationData.ToByteArray());
    }

    [Theory]
    [InlineData("""{"msgType":"read","data":{"path":"/3"}}""", false)]
    [InlineData("""{"msgType":"read","mheaders":{"ttl":5},"data":{"path":"/3"}}""", false)]
    [InlineData("""{"msgType":"read","mheaders":7,"data":{"path":"/3"}}""", false)]
    [InlineData("""{"msgType":"read","mheaders":{"ttl":0},"data":{"path":"/3"}}""", true)]
    public void Only_a_ttl_of_zero_means_at_once(string json, bool immediate) => Assert.Equal(immediate, Accepted(json).Immediate);

    [Fact]
    public void Without_expires_at_the_configured_time_counts_from_when_the_command_was_written() =>
        Assert.Equal(Given.Now - 5 + 7_200_000, Accepted(Given.Incoming("""{"msgType":"read","data":{"path":"/3"}}""") with { WrittenMs = Given.Now - 5 }).DeadlineMs);

    [Fact]
    public void A_command_that_is_late_already_is_never_sent() =>
        Assert.Equal(Outcome.NeverSent, Refused(Given.Incoming("""{"msgType":"read","data":{"path":"/3"}}""") with { ExpiresMs = Given.Now }).Outcome);

    [Fact]
    public void A_device_that_nobody_knows_is_told_at_the_prefix_of_the_command()
    {
        var incoming = Given.Incoming("""{"msgType":"read","data":{"path":"/3"}}""") with { MqttTopic = "lwm2m/ghost/dn/x" };
        var refusal = CommandTranslator.Translate(incoming, null, Given.Rules, Given.Now).Refusal!;
        Assert.Equal((Outcome.NotRegistered, "lwm2m/ghost/"), (refusal.Outcome, refusal.Mountpoint));
        Assert.Null(refusal.Client);
    }

    [Fact]
    public void A_device_that_has_gone_is_told_by_its_own_prefix()
    {
        var refusal = CommandTranslator.Translate(Given.Incoming("""{"msgType":"read","data":{"path":"/3"}}"""), Given.Registration(state: "gone"), Given.Rules, Given.Now).Refusal!;
        Assert.Equal((Outcome.NotRegistered, "e1", "r1"), (refusal.Outcome, refusal.Client.Clientid, refusal.RegistrationId));
    }

    [Theory]
    [InlineData("""{"path":"/3/0/14","type":"String","value":"+01"}""", null)]
    [InlineData("""{"path":"/3/0/14","type":"Integer","value":1}""", "not Integer")]
    [InlineData("""{"path":"/3/0/0","type":"String","value":"x"}""", "cannot be written")]
    [InlineData("""{"path":"/999/0/0","type":"String","value":"x"}""", "no definition")]
    [InlineData("""{"path":"/3/0/99","type":"String","value":"x"}""", "no definition")]
    public void Strict_writes_are_held_against_the_definition(string data, string? reason)
    {
        var rules = Given.With(options: new TranslatorOptions { StrictWrites = true });
        var verdict = CommandTranslator.Translate(Given.Incoming("{\"msgType\":\"write\",\"data\":" + data + "}"), Given.Registration(), rules, Given.Now);
        if (reason is null)
        {
            Assert.NotNull(verdict.Operation);
        }
        else
        {
            Assert.Contains(reason, verdict.Refusal!.Reason, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void A_long_command_keeps_all_but_its_data_for_the_answer()
    {
        var value = new string('a', 5000);
        var operation = Accepted("{\"reqID\":1,\"msgType\":\"write\",\"data\":{\"path\":\"/3/0/14\",\"type\":\"String\",\"value\":\"" + value + "\"}}");
        Assert.True(operation.Command.Truncated);
        Assert.Equal("/3/0/14", operation.Command.ReqPath);
        Assert.Equal("{\"data\":{\"truncated\":" + (5000 + 45) + "},\"msgType\":\"write\",\"reqID\":1}", operation.Command.Echo.ToStringUtf8());
        Assert.Equal(5003 + 1, operation.Payload.Length);
    }

    [Fact]
    public void A_command_that_is_long_beside_its_data_is_refused()
    {
        var refusal = Refused(Given.Incoming("{\"reqID\":1,\"zzz\":\"" + new string('a', 5000) + "\",\"msgType\":\"read\",\"data\":{\"path\":\"/3\"}}"));
        Assert.Contains("beside data", refusal.Reason, StringComparison.Ordinal);
        Assert.Equal("""{"data":{"truncated":13},"msgType":"read","reqID":1}""", refusal.Command.Echo.ToStringUtf8());
    }

    private static DownlinkOperation Accepted(string json) => Accepted(Given.Incoming(json));

    private static DownlinkOperation Accepted(IncomingCommand incoming)
    {
        var verdict = CommandTranslator.Translate(incoming, Given.Registration(), Given.Rules, Given.Now);
        Assert.True(verdict.Operation is not null, verdict.Refusal?.Reason);
        return verdict.Operation!;
    }

    private static UplinkEvent Refused(IncomingCommand incoming) =>
        CommandTranslator.Translate(incoming, Given.Registration(), Given.Rules, Given.Now).Refusal!;
}
