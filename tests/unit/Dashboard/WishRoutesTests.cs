using System.Text.Json.Nodes;

namespace Pipeline.Tests.Dashboard;

/// <summary>The wish to record datagrams, or to log every step: asked for over HTTP, written to the config topic, and over when its time is.</summary>
public sealed class WishRoutesTests
{
    const string Path = "/api/v5/gateways/lwm2m/capture";

    [Theory]
    [InlineData("capture", "ingress:capture")]
    [InlineData("watch", "log:watch")]
    public async Task A_wish_is_written_with_its_end_shown_until_then_and_can_be_taken_back(string kind, string configured)
    {
        var path = "/api/v5/gateways/lwm2m/" + kind;
        await using var rig = await DashboardRig.StartAsync($"--{configured}=meter-7");
        Assert.Equal((200, """{"configured":["meter-7"],"endpoints":[]}"""), await rig.SendAsync("GET", path));

        var (status, shown) = await rig.SendAsync("PUT", path, """{"endpoints":["dev-*","x"],"seconds":600}""");
        Assert.Equal(200, status);
        var (_, key, value) = await rig.ChangeAsync(0);
        Assert.Equal(kind + "/wish", key);
        Assert.Equal(rig.Time.GetUtcNow().AddMinutes(10).ToUnixTimeMilliseconds(), (long)value!["until_ms"]!);
        Assert.Equal("""["dev-*","x"]""", value["endpoints"]!.ToJsonString());
        Assert.Equal((200, shown), await rig.SendAsync("GET", path));
        Assert.Equal("""["dev-*","x"]""", JsonNode.Parse(shown)!["endpoints"]!.ToJsonString());

        Assert.Equal(204, (await rig.SendAsync("DELETE", path)).Status);
        Assert.Null((await rig.ChangeAsync(1)).Value);
        Assert.Equal((200, """{"configured":["meter-7"],"endpoints":[]}"""), await rig.SendAsync("GET", path));

        Assert.Equal(200, (await rig.SendAsync("PUT", path, """{"endpoints":["all"],"seconds":60}""")).Status);
        rig.Time.Advance(TimeSpan.FromSeconds(60));
        Assert.Equal((200, """{"configured":["meter-7"],"endpoints":[]}"""), await rig.SendAsync("GET", path));
    }

    [Theory]
    [InlineData("""{"seconds":600}""", "endpoints")]
    [InlineData("""{"endpoints":[],"seconds":600}""", "endpoints")]
    [InlineData("""{"endpoints":[1],"seconds":600}""", "endpoints")]
    [InlineData("""{"endpoints":[null],"seconds":600}""", "endpoints")]
    [InlineData("""{"endpoints":["off"],"seconds":600}""", "endpoints")]
    [InlineData("""{"endpoints":"all","seconds":600}""", "endpoints")]
    [InlineData("""{"endpoints":["all"]}""", "seconds")]
    [InlineData("""{"endpoints":["all"],"seconds":0}""", "seconds")]
    [InlineData("""{"endpoints":["all"],"seconds":86401}""", "seconds")]
    [InlineData("""{"endpoints":["all"],"seconds":"1"}""", "seconds")]
    public async Task What_is_no_wish_is_refused(string body, string part)
    {
        await using var rig = await DashboardRig.StartAsync();
        var (status, text) = await rig.SendAsync("PUT", Path, body);
        Assert.Equal(400, status);
        Assert.Contains(part, (string)JsonNode.Parse(text)!["message"]!, StringComparison.Ordinal);
        Assert.Empty(rig.Config);
    }
}
