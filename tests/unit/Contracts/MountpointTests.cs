using Contracts;

namespace Pipeline.Tests.Contracts;

public sealed class MountpointTests
{
    private static readonly ClientIdentity Client = new() { Clientid = "c1", Username = "u1", Peerhost = "::1", Zone = "default", ClientAttrs = { ["site"] = "oslo" } };

    [Theory]
    [InlineData("lwm2m/${endpoint_name}/", "lwm2m/ep1/")]
    [InlineData("lwm2m/${username}", "lwm2m/u1")]
    [InlineData("${zone}/${clientid}/${peerhost}/", "default/c1/::1/")]
    [InlineData("${client_attrs.site}/x", "oslo/x")]
    [InlineData("${client_attrs.none}/x", "${client_attrs.none}/x")]
    [InlineData("${endpoint_namea}/x", "${endpoint_namea}/x")]
    [InlineData("", "")]
    public void Render_replaces_what_is_known_and_leaves_the_rest(string template, string rendered) =>
        Assert.Equal(rendered, new Mountpoint(template).Render("ep1", Client));

    [Theory]
    [InlineData("lwm2m/${endpoint_name}/", "dn/#", "lwm2m/+/dn/#")]
    [InlineData("lwm2m/${username}", "/dn/#", "lwm2m/+/dn/#")]
    [InlineData("lwm2m/${username}", "dn/#", "lwm2m/+/#")]
    [InlineData("a-${zone}/${clientid}/", "+/dn", "+/+/+/dn")]
    public void Filter_catches_every_device(string template, string topic, string filter) =>
        Assert.Equal(filter, new Mountpoint(template).Filter(topic));

    [Theory]
    [InlineData("lwm2m/${endpoint_name}/", "dn/#", "lwm2m/ep1/dn/a/b", "lwm2m/ep1/", "ep1")]
    [InlineData("lwm2m/${endpoint_name}/", "dn/#", "lwm2m/ep1/dn", "lwm2m/ep1/", "ep1")]
    [InlineData("lwm2m/${username}", "/dn/#", "lwm2m/u.1/dn/x", "lwm2m/u.1", "u.1")]
    [InlineData("${zone}/${clientid}/", "+/dn", "z/c/any/dn", "z/c/", "z")]
    public void Matcher_finds_the_prefix_again(string template, string topic, string name, string prefix, string key)
    {
        Assert.True(new Mountpoint(template).Matcher(topic).TryMatch(name, out var found, out var guess));
        Assert.Equal((prefix, key), (found, guess));
    }

    [Theory]
    [InlineData("lwm2m/${endpoint_name}/", "dn/#", "lwm2m/ep1/up/resp")]
    [InlineData("lwm2m/${endpoint_name}/", "dn/#", "lwm2m/a/b/dn/x")]
    [InlineData("lwm2m/${endpoint_name}/", "dn/+", "lwm2m/a/dn/x/y")]
    public void Matcher_refuses_other_topics(string template, string topic, string name) =>
        Assert.False(new Mountpoint(template).Matcher(topic).TryMatch(name, out _, out _));

    [Theory]
    [InlineData("urn:imei:1", true)]
    [InlineData("a+b", false)]
    [InlineData("a#", false)]
    [InlineData("a/b", false)]
    [InlineData("a\0b", false)]
    [InlineData("", false)]
    public void IsSafe_refuses_what_would_break_out_of_a_topic_level(string value, bool safe) => Assert.Equal(safe, Mountpoint.IsSafe(value));
}
