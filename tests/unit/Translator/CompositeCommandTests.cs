using Contracts;
using Protocol.Lwm2m;
using Translator.Downlink;
using Translator.Uplink;

namespace Pipeline.Tests.Translator;

/// <summary>read-composite, write-composite, observe-composite, cancel-observe-composite: several paths in one command.</summary>
public sealed class CompositeCommandTests
{
    const string Paths = """{"paths":["/3/0/0","1/0/"]}""";

    [Theory]
    // SenML CBOR [{"n": "/1/0"}, {"n": "/3/0/0"}], where nothing is announced or named.
    [InlineData("read-composite", Paths, "", OperationKind.Read, null, 112, "82a100642f312f30a100662f332f302f30")]
    [InlineData("read-composite", Paths, "110", OperationKind.Read, 110, 110, "JSON")]
    [InlineData("read-composite", Paths, "110 112 11544", OperationKind.Read, 112, 112, "82a100642f312f30a100662f332f302f30")]
    [InlineData("read-composite", """{"paths":["/3/0/0","/1/0"],"format":"senml_json"}""", "", OperationKind.Read, 110, 110, "JSON")]
    [InlineData("read-composite", """{"paths":["/3/0/0","/1/0"],"format":"lwm2m_cbor"}""", "", OperationKind.Read, 11544, 112, "82a100642f312f30a100662f332f302f30")]
    [InlineData("observe-composite", Paths, "", OperationKind.Observe, null, 112, "82a100642f312f30a100662f332f302f30")]
    [InlineData("cancel-observe-composite", Paths, "", OperationKind.CancelObservation, null, 112, "82a100642f312f30a100662f332f302f30")]
    public void Paths_are_asked_for_at_once(string msgType, string data, string announced, OperationKind kind, int? accept, int format, string payload)
    {
        var operation = Accepted(msgType, data, announced: announced);
        Assert.Equal((kind, "[/1/0,/3/0/0]"), (operation.Kind, operation.Path));
        Assert.Equal((accept, format), (operation.HasAccept ? (int)operation.Accept : null, (int)operation.ContentFormat));
        Assert.Equal(payload, payload == "JSON" && operation.Payload.ToStringUtf8() == """[{"n":"/1/0"},{"n":"/3/0/0"}]""" ? "JSON" : Convert.ToHexStringLower(operation.Payload.Span));
        Assert.Equal(data == Paths ? ["/3/0/0", "1/0/"] : ["/3/0/0", "/1/0"], operation.Command.ReqPaths);
    }

    [Fact]
    public void The_root_is_a_path_too() => Assert.Equal("[/]", Accepted("read-composite", """{"paths":["/"]}""").Path);

    [Theory]
    [InlineData("1.1", "senml_json", 110, """[{"n":"/3/0/14","vs":"+01"},{"n":"/3303/0/5700","v":21.5}]""")]
    [InlineData("1.2", "senml_json", 110, """[{"n":"/3/0/14","vs":"+01"},{"n":"/3303/0/5700","v":21.5}]""")]
    public void Values_are_written_at_once(string version, string format, int number, string payload)
    {
        var operation = Accepted(
            "write-composite",
            """{"format":"FORMAT","content":[{"path":"/3/0/14","value":"+01"},{"path":"3303/0/5700","type":"Float","value":21.5}]}""".Replace("FORMAT", format, StringComparison.Ordinal),
            version);
        Assert.Equal((OperationKind.WriteComposite, "[/3/0/14,/3303/0/5700]", (uint)number), (operation.Kind, operation.Path, operation.ContentFormat));
        Assert.Equal(payload, operation.Payload.ToStringUtf8());
        Assert.Equal(["/3/0/14", "3303/0/5700"], operation.Command.ReqPaths);
    }

    [Fact]
    public void Null_takes_an_instance_of_a_resource_away_in_the_format_that_can_say_so()
    {
        const string Data = """{"format":"senml_json","content":[{"path":"/3/0/14","value":"+01"},{"path":"/3/0/7/1","value":null}]}""";
        var operation = Accepted("write-composite", Data, "1.2");
        Assert.Equal((320u, """[{"n":"/3/0/14","vs":"+01"},{"n":"/3/0/7/1","v":null}]"""), (operation.ContentFormat, operation.Payload.ToStringUtf8()));
        Assert.Contains("needs LwM2M 1.2", Refusal("write-composite", Data), StringComparison.Ordinal);
        Assert.Contains("is for resource instances", Refusal("write-composite", """{"content":[{"path":"/3/0/14","value":null}]}""", "1.2"), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("read-composite", "{}", "paths is missing")]
    [InlineData("read-composite", """{"paths":"/3"}""", "paths is missing")]
    [InlineData("read-composite", """{"paths":[]}""", "there are no paths")]
    [InlineData("read-composite", """{"paths":["/3/0/0","3/0/0"]}""", "the path /3/0/0 is given twice")]
    [InlineData("read-composite", """{"paths":["/3/0/0",7]}""", "7 is no path")]
    [InlineData("read-composite", """{"paths":["/3/0/0?a=1"]}""", "/3/0/0?a=1 is no path")]
    [InlineData("read-composite", """{"paths":["/3/0/0/0/0"]}""", "is no path")]
    [InlineData("read-composite", """{"paths":["/3/0/70000"]}""", "is no path")]
    [InlineData("read-composite", """{"paths":["/3"],"format":"tlv"}""", "cannot carry a composite operation")]
    [InlineData("observe-composite", """{"paths":["/3"],"format":"xml"}""", "format \"xml\" is not known")]
    [InlineData("observe-composite", """{"paths":["/3"],"pmin":5}""", "an observe with attributes needs LwM2M 1.2")]
    [InlineData("cancel-observe-composite", """{"paths":[null]}""", "null is no path")]
    [InlineData("write-composite", "{}", "content is missing")]
    [InlineData("write-composite", """{"content":[]}""", "there are no values")]
    [InlineData("write-composite", """{"content":[7]}""", "content item 0")]
    [InlineData("write-composite", """{"content":[{"value":1}]}""", "content item 0")]
    [InlineData("write-composite", """{"content":[{"path":"/3/0/14"}]}""", "value is missing")]
    [InlineData("write-composite", """{"content":[{"path":"/3/0","type":"String","value":"x"}]}""", "does not name a value")]
    [InlineData("write-composite", """{"content":[{"path":"/31024/0/1","value":"x"}]}""", "no definition supplies it")]
    [InlineData("write-composite", """{"content":[{"path":"/3/0/13","value":"x"}]}""", "content item 0")]
    [InlineData("write-composite", """{"content":[{"path":"/3/0/14","value":"x"},{"path":"3/0/14","value":"y"}]}""", "the path /3/0/14 is given twice")]
    [InlineData("write-composite", """{"content":[{"path":"/3/0/14","value":"x"}],"format":"tlv"}""", "cannot carry a composite operation")]
    public void What_cannot_be_asked_is_refused_with_a_reason(string msgType, string data, string reason) =>
        Assert.Contains(reason, Refusal(msgType, data), StringComparison.Ordinal);

    [Fact]
    public void The_number_of_paths_is_bounded_and_so_is_what_a_refusal_repeats()
    {
        var paths = string.Join(',', Enumerable.Range(0, PathList.MaxPaths + 1).Select(i => $"\"/3303/{i}/5700\""));
        var verdict = Verdict("read-composite", "{\"paths\":[" + paths + "]}", "1.1");
        Assert.Equal("more than 256 paths", verdict.Refusal!.Reason);
        Assert.Equal(PathList.MaxPaths, verdict.Refusal.Command.ReqPaths.Count);
        Assert.True(Verdict("read-composite", "{\"paths\":[" + paths[..paths.LastIndexOf(',')] + "]}", "1.1").Operation is not null);
        Assert.Equal([], Verdict("read-composite", "{\"paths\":[\"" + new string('1', 600) + "\"]}", "1.1").Refusal!.Command.ReqPaths);
    }

    [Theory]
    [InlineData("read-composite")]
    [InlineData("write-composite")]
    [InlineData("observe-composite")]
    [InlineData("cancel-observe-composite")]
    public void LwM2M_1_0_has_no_composite_operations(string msgType) =>
        Assert.Equal($"{msgType} needs LwM2M 1.1, the device has 1.0", Refusal(msgType, Paths, "1.0"));

    [Fact]
    public void Of_a_device_that_is_not_registered_only_that_is_said()
    {
        var incoming = Given.Incoming("{\"msgType\":\"read-composite\",\"data\":" + Paths + "}");
        Assert.Equal(Outcome.NotRegistered, CommandTranslator.Translate(incoming, null, Given.Rules, Given.Now).Refusal!.Outcome);
        Assert.Equal(Outcome.NotRegistered, CommandTranslator.Translate(incoming, Given.Registration(state: "gone"), Given.Rules, Given.Now).Refusal!.Outcome);
    }

    [Fact]
    public void Attributes_ride_in_the_query_of_a_composite_observation()
    {
        Assert.Equal(["pmax=60", "pmin=5"], Accepted("observe-composite", """{"paths":["/3/0/9"],"pmin":5,"pmax":"60"}""", "1.2").Queries);
        Assert.Contains("gt is for resources", Refusal("observe-composite", """{"paths":["/3/0/9"],"gt":5}""", "1.2"), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("read-composite")]
    [InlineData("observe-composite")]
    [InlineData("cancel-observe-composite")]
    public void The_answer_repeats_the_paths_as_they_were_written(string msgType) => Assert.Equal(
        """{"data":{"code":"2.05","codeMsg":"content","content":[{"path":"/1/0/1","value":300},{"path":"/3/0/0","value":"A"}],"reqPaths":["/3/0/0","1/0/"]},"msgType":"MSG"}""".Replace("MSG", msgType, StringComparison.Ordinal),
        Told(msgType, Paths, """[{"n":"/1/0/1","v":300},{"n":"/3/0/0","vs":"A"}]"""));

    [Fact]
    public void A_notification_repeats_them_too()
    {
        var notified = Given.Uplink(EventKind.Notified, uplink =>
        {
            uplink.Command = Given.Context("{\"reqID\":1,\"msgType\":\"observe-composite\",\"data\":" + Paths + "}");
            uplink.Path = "[/1/0,/3/0/0]";
            (uplink.Code, uplink.ContentFormat, uplink.Observe) = (0x45, 110, 7);
            uplink.Payload = Google.Protobuf.ByteString.CopyFromUtf8("""[{"n":"/3/0/0","vs":"A"}]""");
        });
        var told = Assert.Single(UplinkPipeline.Translate(notified, Given.Rules));
        Assert.Equal("lwm2m/e1/up/notify", told.Topic);
        Assert.Equal(
            """{"data":{"code":"2.05","codeMsg":"content","content":[{"path":"/3/0/0","value":"A"}],"reqPaths":["/3/0/0","1/0/"]},"msgType":"notify","reqID":1,"seqNum":7}""",
            Given.Text(told.Json));
    }

    [Theory]
    [InlineData("""[{"n":"/3/0/0","vs":"A"},{"n":"/4/0/0","v":1}]""", "the path /4/0/0 lies outside of what was asked for")]
    [InlineData("""[{"n":"/3/0/0","vs":"A"},{"n":"/3/0/0","vs":"B"}]""", "the path came before")]
    [InlineData("""[{"n":"/3/0/0","vs":"A"},{"n":"/1/0/1","vs":"soon"}]""", "\"note\"")]
    public void What_a_device_gets_wrong_is_noted_beside_what_it_gets_right(string payload, string note)
    {
        var told = Told("read-composite", Paths, payload);
        Assert.Contains("{\"path\":\"/3/0/0\",\"value\":\"A\"}", told, StringComparison.Ordinal);
        Assert.Contains(note, told, StringComparison.Ordinal);
        Assert.Contains("\"code\":\"2.05\"", told, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""[{"n":"/3/0/0","vs":"A"}""")]
    [InlineData("""[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[""")]
    [InlineData("""[{"n":"/4/0/0","v":1}]""")]
    [InlineData("")]
    public void An_answer_that_says_nothing_that_was_asked_for_is_an_error_with_a_reason(string payload)
    {
        var told = Told("read-composite", Paths, payload);
        Assert.StartsWith("""{"data":{"code":"4.00","codeMsg":"bad_request","reason":""", told, StringComparison.Ordinal);
        Assert.EndsWith("\",\"reqPaths\":[\"/3/0/0\",\"1/0/\"]},\"msgType\":\"read-composite\"}", told, StringComparison.Ordinal);
    }

    [Fact]
    public void A_refusal_repeats_what_paths_there_were()
    {
        var refusal = Verdict("read-composite", """{"paths":["/3/0/0","x",5]}""", "1.1").Refusal!;
        Assert.Equal(
            """{"data":{"code":"4.00","codeMsg":"bad_request","reason":"x is no path of up to four numbers","reqPaths":["/3/0/0","x"]},"msgType":"read-composite"}""",
            Given.Text(Assert.Single(UplinkPipeline.Translate(refusal, Given.Rules)).Json));
    }

    private static string Told(string msgType, string data, string payload)
    {
        var answer = Given.Answer("{\"msgType\":\"" + msgType + "\",\"data\":" + data + "}", 0x45, 110, set: uplink =>
        {
            uplink.Path = "[/1/0,/3/0/0]";
            uplink.Payload = Google.Protobuf.ByteString.CopyFromUtf8(payload);
        });
        return Given.Text(Assert.Single(UplinkPipeline.Translate(answer, Given.Rules)).Json);
    }

    private static string Refusal(string msgType, string data, string version = "1.1")
    {
        var verdict = Verdict(msgType, data, version);
        Assert.Equal(Outcome.Invalid, verdict.Refusal?.Outcome);
        return verdict.Refusal!.Reason;
    }

    private static DownlinkOperation Accepted(string msgType, string data, string version = "1.1", string announced = "")
    {
        var verdict = Verdict(msgType, data, version, announced);
        Assert.True(verdict.Operation is not null, verdict.Refusal?.Reason);
        return verdict.Operation!;
    }

    private static CommandVerdict Verdict(string msgType, string data, string version, string announced = "") => CommandTranslator.Translate(
        Given.Incoming("{\"msgType\":\"" + msgType + "\",\"data\":" + data + "}"), Given.Registration(version, announced), Given.Rules, Given.Now);
}
