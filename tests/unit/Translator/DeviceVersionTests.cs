using Contracts;
using Contracts.Configuration;
using Translator.Downlink;
using Translator.Uplink;

namespace Pipeline.Tests.Translator;

/// <summary>What is asked of a device, and how, depends on its version of LwM2M and on the content formats that it announces.</summary>
public sealed class DeviceVersionTests
{
    [Theory]
    // LwM2M 1.0 knows TLV and chooses the format of its answers itself, whatever it announces.
    [InlineData("1.0", "", "read", """{"path":"/3/0"}""", null, null)]
    [InlineData("1.0", "110 112 11544", "read", """{"path":"/3/0"}""", null, null)]
    [InlineData("1.0", "110 112", "write", """{"path":"/3/0/14","value":"x"}""", null, 11542)]
    [InlineData("1.0", "110 112", "create", """{"basePath":"/3303","content":[{"path":"0/5701","value":"x"}]}""", null, 11542)]
    [InlineData("1.0", "", "write", """{"path":"/3/0/14","value":"x","format":"text"}""", null, 0)]
    // Later ones are asked in the best that they announce.
    [InlineData("1.1", "", "read", """{"path":"/3/0"}""", null, null)]
    [InlineData("1.1", "110 11542", "read", """{"path":"/3/0"}""", 110, null)]
    [InlineData("1.1", "60 110 112 11542", "observe", """{"path":"/3/0/9"}""", 112, null)]
    [InlineData("1.1", "60 110 112 11542", "cancel-observe", """{"path":"/3/0/9"}""", 112, null)]
    [InlineData("1.1", "112", "read", """{"path":"/3/0","format":"tlv"}""", 11542, null)]
    [InlineData("1.1", "", "write", """{"path":"/3/0/14","value":"x"}""", null, 11542)]
    [InlineData("1.1", "112", "write", """{"path":"/3/0/14","value":"x"}""", null, 112)]
    [InlineData("1.1", "112", "create", """{"basePath":"/3303","content":[{"path":"0/5701","value":"x"}]}""", null, 112)]
    [InlineData("1.1", "112", "create", """{"basePath":"/3303","content":[{"path":"5701","value":"x"}]}""", null, 11542)]
    [InlineData("1.2", "", "write", """{"path":"/3/0/14","value":"x"}""", null, 112)]
    [InlineData("1.2", "11544", "write", """{"path":"/3/0/14","value":"x"}""", null, 11544)]
    [InlineData("1.2", "11544", "read", """{"path":"/3/0"}""", 11544, null)]
    [InlineData("1.2", "11544", "discover", """{"path":"/3"}""", 40, null)]
    public void Content_formats_follow_command_announcement_and_version(string version, string announced, string msgType, string data, int? accept, int? format)
    {
        var operation = Accepted(version, announced, msgType, data);
        Assert.Equal((accept, format), (operation.HasAccept ? (int)operation.Accept : null, operation.HasContentFormat ? (int)operation.ContentFormat : null));
    }

    [Theory]
    [InlineData("1.2", "delete", """{"path":"/3/0/7/1"}""", "/3/0/7/1", "")]
    [InlineData("1.1", "delete", """{"path":"/3303/0"}""", "/3303/0", "")]
    [InlineData("1.2", "discover", """{"path":"/3","depth":0}""", "/3", "depth=0")]
    [InlineData("1.2", "discover", """{"path":"/3/0?x=1","depth":3}""", "/3/0", "x=1&depth=3")]
    [InlineData("1.0", "discover", """{"path":"/3","depth":null}""", "/3", "")]
    [InlineData("1.2", "observe", """{"path":"/3/0/9?x","pmin":1,"pmax":"10","gt":80,"con":1}""", "/3/0/9", "x&con=1&gt=80&pmax=10&pmin=1")]
    [InlineData("1.2", "observe", """{"path":"/3306/0/5850","edge":1,"hqmax":4}""", "/3306/0/5850", "edge=1&hqmax=4")]
    [InlineData("1.1", "write-attr", """{"path":"/3/0/6/1","epmin":1,"epmax":5}""", "/3/0/6/1", "epmax=5&epmin=1")]
    [InlineData("1.2", "write-attr", """{"path":"/3306/0/5850","edge":0,"con":1}""", "/3306/0/5850", "con=1&edge=0")]
    public void What_a_version_has_is_sent(string version, string msgType, string data, string path, string query)
    {
        var operation = Accepted(version, "", msgType, data);
        Assert.Equal((path, query), (operation.Path, string.Join('&', operation.Queries)));
    }

    [Theory]
    [InlineData("1.1", "delete", """{"path":"/3/0/7/1"}""", "delete of a resource instance needs LwM2M 1.2, the device has 1.1")]
    [InlineData("1.2", "delete", """{"path":"/"}""", "at least 1 number")]
    [InlineData("1.1", "discover", """{"path":"/3","depth":1}""", "discover with a depth needs LwM2M 1.2, the device has 1.1")]
    [InlineData("1.2", "discover", """{"path":"/3","depth":4}""", "depth is not a number from 0 to 3")]
    [InlineData("1.2", "discover", """{"path":"/3","depth":-1}""", "depth is not a number")]
    [InlineData("1.2", "discover", """{"path":"/3","depth":1.5}""", "depth is not a number")]
    [InlineData("1.2", "discover", """{"path":"/3","depth":"1"}""", "depth is not a number")]
    [InlineData("1.1", "observe", """{"path":"/3/0/9","pmin":1}""", "an observe with attributes needs LwM2M 1.2, the device has 1.1")]
    [InlineData("1.2", "observe", """{"path":"/3/0/9","pmin":-1}""", "pmin is not a number")]
    [InlineData("1.2", "observe", """{"path":"/3/0/9","edge":1}""", "edge is for booleans")]
    [InlineData("1.2", "observe", """{"path":"/3/0","gt":1}""", "gt is for resources")]
    [InlineData("1.0", "write-attr", """{"path":"/3/0/9","epmin":1}""", "epmin needs LwM2M 1.1")]
    [InlineData("1.0", "write-attr", """{"path":"/3/0/6/1","pmin":1}""", "resource instances")]
    [InlineData("1.1", "write-attr", """{"path":"/3/0/9","con":1}""", "con needs LwM2M 1.2, the device has 1.1")]
    [InlineData("1.1", "write-attr", """{"path":"/3/0/0","gt":1}""", "gt is for numbers")]
    [InlineData("1.1", "write-attr", """{"path":"/3/0/9","lt":10,"gt":15,"st":3}""", "must be less than gt")]
    [InlineData("1.1", "write-attr", """{"path":"/3/0/9","epmin":10,"epmax":5}""", "epmin must be less than epmax")]
    public void What_a_version_does_not_have_is_refused_with_a_reason(string version, string msgType, string data, string reason)
    {
        var refusal = Verdict(version, "", msgType, data).Refusal;
        Assert.Equal(Outcome.Invalid, refusal?.Outcome);
        Assert.Contains(reason, refusal!.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public void What_is_observed_by_itself_is_asked_for_in_what_the_device_announces()
    {
        var rules = Given.With(lwm2m => lwm2m with { AutoObserve = AutoObserve.All });
        Assert.Equal([(true, 112u)], Observed("1.1").Select(operation => (operation.HasAccept, operation.Accept)));
        Assert.Equal([(false, 0u)], Observed("1.0").Select(operation => (operation.HasAccept, operation.Accept)));

        IReadOnlyList<DownlinkOperation> Observed(string version) => AutoObservation.Of(
            Given.Uplink(EventKind.Registered, uplink =>
            {
                uplink.Lwm2MVersion = version;
                uplink.Registration = new RegistrationInfo { HasObjectList = true, ObjectList = { "/3/0" }, Formats = { 112, 11542 } };
            }),
            rules);
    }

    private static DownlinkOperation Accepted(string version, string announced, string msgType, string data)
    {
        var verdict = Verdict(version, announced, msgType, data);
        Assert.True(verdict.Operation is not null, verdict.Refusal?.Reason);
        return verdict.Operation!;
    }

    private static CommandVerdict Verdict(string version, string announced, string msgType, string data) => CommandTranslator.Translate(
        Given.Incoming("{\"msgType\":\"" + msgType + "\",\"data\":" + data + "}"), Given.Registration(version, announced), Given.Rules, Given.Now);
}
