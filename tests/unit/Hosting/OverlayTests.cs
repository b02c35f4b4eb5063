using System.Text;
using Contracts.Configuration;
using CsCheck;
using Hosting;
using Microsoft.Extensions.Logging.Abstractions;

namespace Pipeline.Tests.Hosting;

public sealed class OverlayTests : IDisposable
{
    const string Gateway = "gateway.lwm2m";

    readonly TestConfiguration configuration = new();

    public void Dispose() => configuration.Dispose();

    [Fact]
    public void At_the_start_every_key_takes_effect_and_lies_over_file_and_environment()
    {
        var live = Start("gateway.lwm2m { mountpoint = file/, lifetime_min = 3s }", ("GATEWAY__LWM2M__LIFETIME_MAX", "1h"));

        Assert.Empty(Lay(live, (Gateway, """{"mountpoint":"api/${endpoint_name}/","lifetime_max":"2h","translators":{"notify":{"topic":"n"}}}"""), ("egress", """{"min_qos":2}""")));

        Assert.Equal("api/${endpoint_name}/", live.Current.Lwm2m.Mountpoint);
        Assert.Equal(TimeSpan.FromHours(2), live.Current.Lwm2m.LifetimeMax);
        Assert.Equal(TimeSpan.FromSeconds(3), live.Current.Lwm2m.LifetimeMin);
        Assert.Equal("n", live.Current.Lwm2m.Translators.Notify.Topic);
        Assert.Equal("up/resp", live.Current.Lwm2m.Translators.Response.Topic);
        Assert.Equal(2, live.Current.Egress.MinQos);
        Assert.Contains("egress.min_qos", live.Current.Given);
    }

    [Fact]
    public void While_running_live_keys_take_effect_and_the_others_wait()
    {
        var live = Start("");
        Lay(live);
        List<GatewayConfiguration> announced = [];
        live.Changed += announced.Add;

        Assert.Empty(Lay(live, (Gateway, """{"mountpoint":"x/","auto_observe":true,"translators":{"command":{"topic":"down/#","qos":1}}}""")));

        Assert.Equal(AutoObserve.All, live.Current.Lwm2m.AutoObserve);
        Assert.Equal(new TopicMapping { Topic = "down/#", Qos = 1 }, live.Current.Lwm2m.Translators.Command);
        Assert.Equal("lwm2m/${endpoint_name}/", live.Current.Lwm2m.Mountpoint);
        Assert.Same(live.Current, Assert.Single(announced));
    }

    [Fact]
    public void A_tombstone_takes_the_section_back_and_null_a_key()
    {
        var live = Start("gateway.lwm2m { lifetime_min = 3s, lifetime_max = 1h }");
        Lay(live, (Gateway, """{"lifetime_min":"9s","lifetime_max":null}"""));
        Assert.Equal(TimeSpan.FromSeconds(9), live.Current.Lwm2m.LifetimeMin);
        Assert.Equal(TimeSpan.FromSeconds(86400), live.Current.Lwm2m.LifetimeMax);

        Lay(live, (Gateway, null));
        Assert.Equal(TimeSpan.FromSeconds(3), live.Current.Lwm2m.LifetimeMin);
        Assert.Equal(TimeSpan.FromHours(1), live.Current.Lwm2m.LifetimeMax);
    }

    [Fact]
    public void A_listener_comes_and_goes_by_its_name()
    {
        var live = Start("gateway.lwm2m.listeners.udp { a { bind = 1 }, b { bind = 2 } }");

        Lay(live, (Gateway, """{"listeners":{"udp":{"a":null,"b":{"mountpoint":"b/"},"c":{"bind":3}}}}"""));

        Assert.Equal(["b", "c"], live.Current.Lwm2m.Listeners.Udp.Keys.Order());
        Assert.Equal((2, "b/"), (live.Current.Lwm2m.Listeners.Udp["b"].Bind.Port, live.Current.Lwm2m.Listeners.Udp["b"].Mountpoint));
    }

    [Theory]
    [InlineData(Gateway, """{"lifetime_min":"soon"}""", "must be a duration")]
    [InlineData(Gateway, """{"lifetime_min":""", "line 1")]
    [InlineData(Gateway, "7", "no JSON object")]
    [InlineData(Gateway, "", "no JSON object")]
    [InlineData(Gateway, "\0", "no JSON object")]
    [InlineData("gateway.lwm2", "{}", "there is no section")]
    [InlineData("kafka", """{"topic_prefix":"x"}""", "cannot be changed")]
    [InlineData("http", "{}", "cannot be changed")]
    public void A_broken_record_changes_nothing_and_is_told(string section, string json, string expected)
    {
        var live = Start("");
        Lay(live, (Gateway, """{"lifetime_min":"9s"}"""));
        var before = live.Current;

        var problems = Lay(live, (section, json));

        Assert.Same(before, live.Current);
        Assert.Contains(expected, problems[section], StringComparison.Ordinal);
        Assert.Empty(Lay(live, (section, null), (Gateway, """{"lifetime_min":"8s"}""")));
        Assert.Equal(TimeSpan.FromSeconds(8), live.Current.Lwm2m.LifetimeMin);
    }

    [Fact]
    public void Of_several_sections_the_good_ones_are_taken()
    {
        var live = Start("");

        var problems = Lay(live, ("translator", """{"command_ttl":"0s"}"""), ("egress", """{"min_qos":0}"""), (Gateway, """{"lifetime_min":"9s"}"""));

        Assert.Equal("translator", Assert.Single(problems.Keys));
        Assert.Equal((0, TimeSpan.FromSeconds(9)), (live.Current.Egress.MinQos, live.Current.Lwm2m.LifetimeMin));
    }

    [Fact]
    public void When_the_file_changes_what_was_changed_at_run_time_stays_on_top()
    {
        var live = Start("gateway.lwm2m { lifetime_min = 3s, qmode_time_window = 5s }");
        Lay(live, (Gateway, """{"lifetime_min":"9s"}"""));

        configuration.Write("a.conf", "gateway.lwm2m { lifetime_min = 4s, qmode_time_window = 6s }");
        Assert.True(live.Poll());
        Assert.Equal(TimeSpan.FromSeconds(9), live.Current.Lwm2m.LifetimeMin);
        Assert.Equal(TimeSpan.FromSeconds(6), live.Current.Lwm2m.QmodeTimeWindow);

        Lay(live, (Gateway, null));
        Assert.Equal(TimeSpan.FromSeconds(4), live.Current.Lwm2m.LifetimeMin);
    }

    [Fact]
    public void While_the_file_is_broken_changes_lie_over_the_last_good_one()
    {
        var live = Start("gateway.lwm2m { lifetime_min = 3s, qmode_time_window = 5s }");
        Lay(live);
        configuration.Write("a.conf", "gateway.lwm2m { qmode_time_window = soon");
        Assert.False(live.Poll());

        Assert.Empty(Lay(live, (Gateway, """{"lifetime_min":"9s"}""")));

        Assert.Equal(TimeSpan.FromSeconds(9), live.Current.Lwm2m.LifetimeMin);
        Assert.Equal(TimeSpan.FromSeconds(5), live.Current.Lwm2m.QmodeTimeWindow);
    }

    // The file names a listener; the change at run time only its mountpoint, which alone is not a listener.
    [Fact]
    public void A_section_that_no_longer_fits_the_file_is_left_out_until_it_does()
    {
        var live = Start("gateway.lwm2m { lifetime_min = 3s, listeners.udp.a.bind = 1 }");
        Lay(live, (Gateway, """{"lifetime_min":"9s","listeners":{"udp":{"a":{"mountpoint":"a/"}}}}"""));
        configuration.Write("a.conf", "gateway.lwm2m { lifetime_min = 4s, listeners.udp.b.bind = 1 }");
        Assert.True(live.Poll());
        Assert.Equal(TimeSpan.FromSeconds(4), live.Current.Lwm2m.LifetimeMin);
        Assert.Contains("listeners.udp.a.bind", Lay(live)[Gateway], StringComparison.Ordinal);

        configuration.Write("a.conf", "gateway.lwm2m { lifetime_min = 5s, listeners.udp { a.bind = 1, b.bind = 2 } }");
        Assert.True(live.Poll());
        Assert.Equal(TimeSpan.FromSeconds(9), live.Current.Lwm2m.LifetimeMin);
        Assert.Empty(Lay(live));
    }

    // Whatever stands on the topic: nothing throws, and what is told as taken is in force.
    [Fact]
    public void No_record_can_do_harm() =>
        Gen.Select(Gen.Int[0, 200], Gen.Int[0, 200], Gen.Byte).Sample((at, length, changed) =>
        {
            var json = Encoding.UTF8.GetBytes("""{"lifetime_min":"9s","auto_observe":["/3/0"],"listeners":{"udp":{"a":{"bind":"[::1]:7","access_rules":["deny all"]}}},"mountpoint":null}""");
            json[at % json.Length] = changed;
            var live = Start("");
            var before = live.Current;

            var problems = live.Lay([(Gateway, json[..Math.Min(json.Length, length)])]);

            Assert.True(problems.Count == 0 || ReferenceEquals(before, live.Current));
        }, iter: 500);

    [Fact]
    public void A_configuration_without_sources_says_that_it_never_changes()
    {
        var live = new LiveConfiguration(new GatewayConfiguration());

        Assert.Single(Lay(live, (Gateway, "{}")));
        Assert.Empty(Lay(live, (Gateway, null)));
    }

    LiveConfiguration Start(string text, params (string Name, string Value)[] environment)
    {
        var sources = configuration.Sources([configuration.Write("a.conf", text)], environment);
        var report = sources.Read();
        Assert.Empty(report.Problems);
        return new LiveConfiguration(report.Configuration, sources) { Logger = NullLogger.Instance };
    }

    static IReadOnlyDictionary<string, string> Lay(LiveConfiguration live, params (string Section, string? Json)[] records) =>
        live.Lay([.. records.Select(r => (r.Section, r.Json is null ? null : Encoding.UTF8.GetBytes(r.Json)))]);
}
