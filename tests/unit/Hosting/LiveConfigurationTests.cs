using Contracts.Configuration;
using Hosting;
using Hosting.Configuration;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;

namespace Pipeline.Tests.Hosting;

public sealed class LiveConfigurationTests : IDisposable
{
    readonly TestConfiguration configuration = new();
    readonly Lines log = new();

    public void Dispose() => configuration.Dispose();

    [Fact]
    public void A_live_key_changes_as_a_whole_and_is_announced()
    {
        var live = Start("gateway.lwm2m.auto_observe = false");
        List<GatewayConfiguration> announced = [];
        live.Changed += announced.Add;

        Assert.False(live.Poll());
        configuration.Write("a.conf", "gateway.lwm2m { auto_observe = true, translators.notify { topic = n, qos = 2 } }");

        Assert.True(live.Poll());
        Assert.Equal(AutoObserve.All, live.Current.Lwm2m.AutoObserve);
        Assert.Equal(new TopicMapping { Topic = "n", Qos = 2 }, live.Current.Lwm2m.Translators.Notify);
        Assert.Same(live.Current, Assert.Single(announced));
        Assert.False(live.Poll());
    }

    [Theory]
    [InlineData("gateway.lwm2m { auto_observe = true", "not closed")]
    [InlineData("gateway.lwm2m.auto_observe = true\nkafka.partitions = 0\negress.min_qos = 5", "2 problem(s)")]
    public void A_broken_file_changes_nothing_and_every_problem_is_logged(string broken, string expected)
    {
        var live = Start("gateway.lwm2m.lifetime_min = 3s");
        var before = live.Current;
        configuration.Write("a.conf", broken);

        Assert.False(live.Poll());
        Assert.Same(before, live.Current);
        Assert.Contains(log.Text, l => l.Contains(expected, StringComparison.Ordinal));
        Assert.Contains(log.Text, l => l.Contains("last good one", StringComparison.Ordinal));

        configuration.Write("a.conf", "gateway.lwm2m.lifetime_min = 4s");
        Assert.True(live.Poll());
        Assert.Equal(TimeSpan.FromSeconds(4), live.Current.Lwm2m.LifetimeMin);
    }

    [Fact]
    public void A_file_that_vanishes_changes_nothing()
    {
        var live = Start("gateway.lwm2m.lifetime_min = 3s");
        File.Delete(Path.Combine(configuration.Folder, "a.conf"));

        Assert.False(live.Poll());
        Assert.Equal(TimeSpan.FromSeconds(3), live.Current.Lwm2m.LifetimeMin);
    }

    [Fact]
    public void A_key_that_is_not_live_waits_and_is_named_once()
    {
        var live = Start("kafka.topic_prefix = a");
        configuration.Write("a.conf", "kafka.topic_prefix = b\ngateway.lwm2m.lifetime_min = 4s");

        Assert.True(live.Poll());
        Assert.Equal("a", live.Current.Kafka.TopicPrefix);
        Assert.Single(log.Text, l => l.Contains("need a restart: kafka.topic_prefix", StringComparison.Ordinal));

        configuration.Write("a.conf", "kafka.topic_prefix = b\ngateway.lwm2m.lifetime_min = 5s");
        Assert.True(live.Poll());
        Assert.Single(log.Text, l => l.Contains("need a restart", StringComparison.Ordinal));
    }

    [Fact]
    public void Every_key_that_is_marked_live_is_swapped_and_no_other()
    {
        var other = new Dictionary<string, string>
        {
            ["gateway.lwm2m.lifetime_min"] = "7s", ["gateway.lwm2m.lifetime_max"] = "7h", ["gateway.lwm2m.qmode_time_window"] = "7s",
            ["gateway.lwm2m.enable"] = "false", ["enable"] = "false", ["enable_authn"] = "false", ["bind"] = "9", ["access_rules"] = "[\"deny all\"]",
            ["max_connections"] = "9", ["max_conn_rate"] = "9", ["recbuf"] = "9", ["sndbuf"] = "9",
            ["gateway.lwm2m.xml_dir"] = configuration.Folder, ["gateway.lwm2m.auto_observe"] = "true", ["gateway.lwm2m.update_msg_publish_condition"] = "contains_object_list",
            ["ingress.infinite_lifetime_max"] = "7d", ["ingress.legacy_location"] = "true", ["ingress.roaming"] = "true",
            ["handshake_timeout"] = "9s", ["honor_cipher_order"] = "false", ["dtls_options.handshake_timeout"] = "9s", ["dtls_options.honor_cipher_order"] = "false",
            ["verify"] = "verify_peer", ["fail_if_no_peer_cert"] = "true", ["depth"] = "9", ["reuse_sessions"] = "false",
            ["sample_ratio"] = "50%", ["follow_traceparent"] = "false",
        };
        foreach (var entry in ConfigurationHelp.AllKeys().Where(k => k.Key.Live))
        {
            var value = other.GetValueOrDefault(entry.Path) ?? other.GetValueOrDefault(entry.Key.Name) ?? (entry.Key.Name == "qos" ? "2" : "changed");
            var whole = new[] { ".lifecycle.qos", ".send.qos", ".online.qos" }.Any(optional => entry.Path.EndsWith(optional, StringComparison.Ordinal))
                ? $"\n{entry.Path.Replace(".qos", ".topic", StringComparison.Ordinal)} = x" : "";
            const string Basis = "gateway.lwm2m.listeners { udp.NAME { bind = 1, health_check { request = a, reply = b } }, dtls.NAME { bind = 2, health_check { request = a, reply = b } } }\n";
            var live = Start(Basis);
            var before = live.Current;
            configuration.Write("a.conf", $"{Basis}{entry.Path} = {value}{whole}\nkafka.topic_prefix = changed");
            Assert.True(live.Poll(), entry.Path);
            var changed = ConfigurationDifference.Between(before, live.Current);
            Assert.Contains(changed, c => c.Live && (c.Path == entry.Path || c.Path == entry.Path + ".0"));
            // xml_dir is resolved to a folder when it is read.
            Assert.All(changed.Where(c => c.Path != "gateway.lwm2m.xml_dir"), c => Assert.True(c.Live, c.Path));
        }
    }

    [Fact]
    public void Listeners_come_and_go_and_keep_what_waits_for_a_start()
    {
        var live = Start("gateway.lwm2m.listeners.udp { a { bind = 1, mountpoint = \"x/\" }, b { bind = 2 } }");
        configuration.Write("a.conf", "gateway.lwm2m.listeners.udp { a { bind = 3, mountpoint = \"y/\" }, c { bind = 4, mountpoint = \"z/\" } }");
        Assert.True(live.Poll());
        var listeners = live.Current.Lwm2m.Listeners.Udp;
        Assert.Equal(["a", "c"], listeners.Keys.Order());
        Assert.Equal((3, "x/", 4, "z/"), (listeners["a"].Bind.Port, listeners["a"].Mountpoint, listeners["c"].Bind.Port, listeners["c"].Mountpoint));
    }

    [Fact]
    public void A_folder_of_definitions_that_is_not_there_leaves_the_one_in_force()
    {
        var folder = Directory.CreateDirectory(Path.Combine(configuration.Folder, "xml")).FullName;
        var live = Start("gateway.lwm2m.xml_dir = xml");
        Assert.Equal(folder, live.Current.Lwm2m.XmlDir);

        configuration.Write("a.conf", "gateway.lwm2m.xml_dir = nowhere");
        Assert.False(live.Poll());
        Assert.Equal(folder, live.Current.Lwm2m.XmlDir);
        Assert.Single(log.Text, l => l.Contains("nowhere", StringComparison.Ordinal) && l.EndsWith("stay as they are: " + folder, StringComparison.Ordinal));
    }

    [Fact]
    public async Task The_watcher_looks_every_two_seconds()
    {
        var live = Start("");
        var changed = new TaskCompletionSource();
        live.Changed += _ => changed.TrySetResult();
        var time = new FakeTimeProvider();
        using var watcher = new ConfigurationWatcher(live, time);
        await watcher.StartAsync(CancellationToken.None);
        configuration.Write("a.conf", "gateway.lwm2m.lifetime_min = 4s");

        // The watcher starts on a thread of its own: time goes on until it has looked.
        for (var i = 0; i < 1000 && !changed.Task.IsCompleted; i++)
        {
            time.Advance(TimeSpan.FromSeconds(2));
            await Task.WhenAny(changed.Task, Task.Delay(10, CancellationToken.None));
        }

        Assert.True(changed.Task.IsCompleted);
        await watcher.StopAsync(CancellationToken.None);
    }

    LiveConfiguration Start(string text)
    {
        var sources = configuration.Sources([configuration.Write("a.conf", text)]);
        var report = sources.Read();
        Assert.Empty(report.Problems);
        return new LiveConfiguration(report.Configuration, sources) { Logger = log };
    }

    sealed class Lines : ILogger
    {
        public List<string> Text { get; } = [];

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            Text.Add(formatter(state, exception));
    }
}
