using Translator.Uplink;

namespace Pipeline.Tests.Translator;

public sealed class DiscoveredAttributesTests
{
    [Theory]
    [InlineData(
        "</3>;ver=1.1;pmin=10,</3/0>;pmax=60,</3/0/9>;pmin=5;gt=80.5,</3/0/10>;dim=2",
        """[{"inForce":{"pmin":10},"own":{"pmin":10},"path":"/3"},{"inForce":{"pmax":60,"pmin":10},"own":{"pmax":60},"path":"/3/0"},"""
        + """{"inForce":{"gt":80.5,"pmax":60,"pmin":5},"own":{"gt":80.5,"pmin":5},"path":"/3/0/9"},{"inForce":{"pmax":60,"pmin":10},"path":"/3/0/10"}]""")]
    [InlineData("</3/0>;pmin=10,</3/1>,</3/1/9>,</4/0>", """[{"inForce":{"pmin":10},"own":{"pmin":10},"path":"/3/0"}]""")]
    [InlineData("</lwm2m/3/0/9>;pmin=5", """[{"inForce":{"pmin":5},"own":{"pmin":5},"path":"/3/0/9"}]""")]
    [InlineData("</3>;ver=1.1,</3/0>,</3/0/7>;dim=2", null)]
    [InlineData("</3/0/9>;pmin=soon", null)]
    public void A_discover_shows_the_attributes_of_each_link_and_those_in_force(string links, string? attributes)
    {
        var answer = Given.Answer("""{"msgType":"discover","data":{"path":"/3"}}""", 0x45, 40, set: uplink =>
        {
            uplink.AlternatePath = "/lwm2m";
            uplink.Payload = Google.Protobuf.ByteString.CopyFromUtf8(links);
        });
        var content = "[" + string.Join(',', links.Split(',').Select(link => $"\"{link}\"")) + "]";
        Assert.Equal(
            "{\"data\":{" + (attributes is null ? "" : $"\"attributes\":{attributes},") + "\"code\":\"2.05\",\"codeMsg\":\"content\",\"content\":" + content
            + ",\"reqPath\":\"/3\"},\"msgType\":\"discover\"}",
            Given.Text(Assert.Single(UplinkPipeline.Translate(answer, Given.Rules)).Json));
    }
}
