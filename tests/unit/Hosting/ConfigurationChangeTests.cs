using System.Text.Json.Nodes;
using Contracts.Configuration;
using Hosting;
using Hosting.Configuration;

namespace Pipeline.Tests.Hosting;

public sealed class ConfigurationChangeTests : IDisposable
{
    readonly string _file = Path.GetTempFileName();

    [Fact]
    public void What_equals_the_file_is_left_out()
    {
        var change = Try("""{"lifetime_max":"24h","lifetime_min":"1s","translators":{"notify":{"topic":"n","qos":2}}}""",
            """lifetime_max = 1d, lifetime_min = 1s, translators { notify { topic = n } }""");
        Assert.Empty(change.Problems);
        Assert.Empty(change.NeedRestart);
        Assert.False(change.ChangesNothing);
        Assert.Equal("""{"translators":{"notify":{"qos":2}}}""", change.Difference.ToJsonString());
        Assert.Equal(2, change.Configuration.Lwm2m.Translators.Notify.Qos);
    }

    [Fact]
    public void What_is_shown_can_be_sent_back()
    {
        const string File = """
            lifetime_min = 2s, auto_observe = ["/3/0", "/3303/0"], idle_timeout = 1m, mountpoint = "x/${endpoint_namea}/"
            listeners.udp.one { bind = "127.0.0.1:1", max_connections = infinity, max_conn_rate = "10/s", access_rules = ["allow all"] }
            authentication { url = "http://x/", headers { secret = "s" } }
            """;
        var shown = ConfigurationJson.Of(Try("{}", File).Configuration.Lwm2m);
        Assert.Equal("infinity", (string?)shown["listeners"]!["udp"]!["one"]!["max_connections"]);
        Assert.Equal(ConfigurationJson.Covered, (string?)shown["authentication"]!["headers"]!["secret"] ?? ConfigurationJson.Covered);
        Assert.DoesNotContain("\"s\"", shown.ToJsonString(), StringComparison.Ordinal);
        shown.Remove("authentication"); // its secrets are covered
        var change = Try(shown.ToJsonString(), File);
        Assert.Empty(change.Problems);
        Assert.True(change.ChangesNothing, change.Difference.ToJsonString());
        Assert.Empty(change.Difference);
    }

    [Theory]
    [InlineData("""{"lifetime_max":"soon"}""", "gateway.lwm2m.lifetime_max")]
    [InlineData("""{"lifetime_maxx":"1d"}""", "did you mean 'lifetime_max'?")]
    [InlineData("""{"listeners":{"udp":{"a":{"binds":"1"}}}}""", "gateway.lwm2m.listeners.udp.a.binds is not known")]
    [InlineData("""{"auto_observe":"/x"}""", "gateway.lwm2m.auto_observe")]
    [InlineData("""{"translators":"none"}""", "gateway.lwm2m.translators")]
    [InlineData("""{"translators":{"command":{"topic":"a/#/b"}}}""", "gateway.lwm2m.translators.command")]
    public void Each_problem_names_its_key(string wanted, string part) =>
        Assert.Contains(part, string.Join("; ", Try(wanted).Problems), StringComparison.Ordinal);

    [Fact]
    public void Keys_that_need_a_restart_are_named_and_no_others()
    {
        var change = Try("""{"idle_timeout":"10s","lifetime_max":"1h","mountpoint":"lwm2m/${endpoint_name}/"}""");
        Assert.Empty(change.Problems);
        Assert.Equal(["gateway.lwm2m.idle_timeout"], change.NeedRestart);
    }

    [Fact]
    public void A_change_is_held_against_what_is_laid_over_the_file_now()
    {
        var live = Live("lifetime_max = 2d");
        var now = Parse("""{"lifetime_max":"3d"}""");
        Assert.True(ConfigurationChange.Try(live, now, Parse("""{"lifetime_max":"72h"}""")).ChangesNothing);
        var back = ConfigurationChange.Try(live, now, Parse("""{"lifetime_max":"2d"}"""));
        Assert.False(back.ChangesNothing);
        Assert.Empty(back.Difference);
    }

    public void Dispose() => File.Delete(_file);

    ConfigurationChange Try(string wanted, string file = "") => ConfigurationChange.Try(Live(file), null, Parse(wanted));

    LiveConfiguration Live(string block)
    {
        File.WriteAllText(_file, $"gateway.lwm2m {{ {block} }}");
        var sources = new ConfigurationSources([_file], new Dictionary<string, string>(), [], Environment.CurrentDirectory);
        return new LiveConfiguration(sources.Read().Configuration, sources);
    }

    static JsonObject Parse(string json) => JsonNode.Parse(json)!.AsObject();
}
