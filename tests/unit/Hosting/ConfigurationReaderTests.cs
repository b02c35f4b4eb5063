using System.Net;
using Contracts.Configuration;
using CsCheck;

namespace Pipeline.Tests.Hosting;

public sealed class ConfigurationReaderTests
{
    [Fact]
    public void An_EMQX_block_is_taken_as_it_stands()
    {
        var report = TestConfiguration.Read(EmqxBlock.Text);

        Assert.Empty(report.Problems);
        var lwm2m = report.Configuration.Lwm2m;
        Assert.Equal(TimeSpan.FromSeconds(1), lwm2m.LifetimeMin);
        Assert.Equal(TimeSpan.FromDays(1), lwm2m.LifetimeMax);
        Assert.Equal(TimeSpan.FromSeconds(22), lwm2m.QmodeTimeWindow);
        Assert.Equal(["/3/0", "/4/0"], lwm2m.AutoObserve.Paths);
        Assert.Equal(UpdateMsgPublishCondition.ContainsObjectList, lwm2m.UpdateMsgPublishCondition);
        Assert.Equal("lwm2m/${username}", lwm2m.Mountpoint);
        Assert.Equal(new TopicMapping { Topic = "/dn/#" }, lwm2m.Translators.Command);
        Assert.Equal(new TopicMapping { Topic = "/up/notify", Qos = 1 }, lwm2m.Translators.Notify);
        Assert.Equal(new TopicMapping { Topic = "/up/resp", Qos = 2 }, lwm2m.Translators.Update);
        Assert.Null(lwm2m.Translators.Lifecycle);
        Assert.Equal(512, lwm2m.Blockwise.MaxBlockSize);
        Assert.Equal(2 * 1024 * 1024, lwm2m.Blockwise.MaxBodySize);
        Assert.Equal("http://127.0.0.1:8080/auth", lwm2m.Authentication!.Url);
        Assert.Equal("${clientid}", lwm2m.Authentication.Body["clientid"]);

        var udp = lwm2m.Listeners.Udp["default"];
        Assert.Equal(new BindAddress(IPAddress.Any, 5783), udp.Bind);
        Assert.Equal(int.MaxValue, udp.MaxConnections);
        Assert.Equal(1000, udp.MaxConnRate);
        Assert.Equal(new AccessRule(true, null), Assert.Single(udp.AccessRules));
        Assert.Equal(new HealthCheckOptions { Request = "ping", Reply = "pong" }, udp.HealthCheck);
        Assert.Equal(4 << 20, udp.UdpOptions.Recbuf);
        Assert.Equal(BindAddress.Any(5793), lwm2m.Listeners.Udp["second"].Bind);
        Assert.Equal("second/${peerhost}/", lwm2m.Listeners.Udp["second"].Mountpoint);
        var dtls = lwm2m.Listeners.Dtls["default"];
        Assert.Equal("${EMQX_ETC_DIR}/certs/cacert.pem", dtls.DtlsOptions.Cacertfile);
        Assert.Equal("verify_peer", dtls.DtlsOptions.Verify);

        Assert.Equal(["http", "file"], report.Configuration.Authorization.Sources.Select(s => s.Type));
        Assert.Equal("Sections that are not ours were passed over: dashboard, gateway.coap, node", Assert.Single(report.Notes));
    }

    [Fact]
    public void What_is_accepted_but_not_in_force_is_said_and_nothing_else()
    {
        var warnings = TestConfiguration.Read(EmqxBlock.Text).Warnings;

        Assert.Contains(warnings, w => w.Contains("clientinfo_override.username: ${cn} has no value", StringComparison.Ordinal));
        Assert.Contains(warnings, w => w.Contains("authorization.sources.1: sources of type \"file\" are not taken", StringComparison.Ordinal));
        string[] said = ["not in force yet", "xml_dir", "clientinfo_override", "authorization.sources.1"];
        Assert.All(warnings, w => Assert.True(said.Any(s => w.Contains(s, StringComparison.Ordinal)), w));
    }

    [Fact]
    public void Nothing_configured_gives_the_defaults_without_a_word()
    {
        var report = TestConfiguration.Read("");

        Assert.Empty(report.Problems);
        Assert.Empty(report.Warnings);
        Assert.Empty(report.Notes);
        var read = report.Configuration;
        Assert.Equal(BindAddress.Any(5783), Assert.Single(read.Lwm2m.Listeners.Udp).Value.Bind);
        Assert.Equal(new TopicMapping { Topic = "up/notify" }, read.Lwm2m.Translators.Notify);
        Assert.Equal("lwm2m/${endpoint_name}/", read.Lwm2m.Mountpoint);
        Assert.Equal((24, 4, 64, 4), (read.Kafka.PartitionsOn(false), read.Kafka.PartitionsOn(true), read.Kafka.SlotsOn(false), read.Kafka.SlotsOn(true)));
        Assert.Equal(new MqttOptions(), read.Mqtt);
        Assert.Empty(read.Given);
    }

    [Theory]
    [InlineData("gateway.lwm2m.listeners.udp.default.bind = 99999", "gateway.lwm2m.listeners.udp.default.bind = \"99999\": must be a port or address:port")]
    [InlineData("gateway.lwm2m.listeners.udp.default { enable = true\nbind = x }", "gateway.conf line 2)")]
    [InlineData("gateway.lwm2m.listeners.udp.other { enable = true }", "gateway.lwm2m.listeners.udp.other.bind: is required")]
    [InlineData("gateway.lwm2m.listeners.udp.other { bind = null }", "gateway.lwm2m.listeners.udp.other.bind: is required")]
    [InlineData("gateway.lwm2m.listeners.udp.\"1x\" { bind = 1 }", "gateway.lwm2m.listeners.udp.1x: the name must match")]
    [InlineData("gateway.lwm2m.listeners.udp { a { bind = 1 }, b { bind = \"127.0.0.1:1\" } }", "udp.b.bind = \"127.0.0.1:1\": must differ from that of gateway.lwm2m.listeners.udp.a")]
    [InlineData("gateway.lwm2m.listeners.udp.default.max_connections = 0", "must be from 1 to infinity")]
    [InlineData("gateway.lwm2m.listeners.udp.default.max_connections = many", "must be a whole number or infinity")]
    [InlineData("gateway.lwm2m.listeners.udp.default.max_conn_rate = \"10/x\"", "must be a rate, such as 1000/s")]
    [InlineData("gateway.lwm2m.listeners.udp.default.max_conn_rate = fast", "must be a rate, such as 1000/s")]
    [InlineData("gateway.lwm2m.listeners.udp.default.access_rules = [\"permit all\"]", "= \"permit all\": must be \"allow ADDRESS\"")]
    [InlineData("gateway.lwm2m.enable = maybe", "gateway.lwm2m.enable = \"maybe\": must be true or false")]
    [InlineData("gateway.lwm2m.enable { a = 1 }", "gateway.lwm2m.enable: must be one value, not a section or list")]
    [InlineData("gateway.lwm2m = 3", "gateway.lwm2m = \"3\": must be a section")]
    [InlineData("gateway.lwm2m.listeners.udp = 3", "must be a section of named entries")]
    [InlineData("gateway.lwm2m.lifetime_max = 2x", "gateway.lwm2m.lifetime_max = \"2x\": must be a duration, such as 100ms, 30s, 15m, 2h or 1d")]
    [InlineData("gateway.lwm2m.lifetime_max = -1s", "must be a duration")]
    [InlineData("gateway.lwm2m.lifetime_max = 99999999w", "must be a")]
    [InlineData("gateway.lwm2m.qmode_time_window = 2d", "gateway.lwm2m.qmode_time_window = \"2d\": must be from 0s to 1d")]
    [InlineData("gateway.lwm2m.blockwise.max_block_size = 1000", "must be one of 16, 32, 64, 128, 256, 512, 1024")]
    [InlineData("gateway.lwm2m.blockwise.max_body_size = 4XB", "must be a size, such as 1024, 512KB or 4MB")]
    [InlineData("gateway.lwm2m.blockwise.max_body_size = 1GB", "must be from 1KB to 6MB")]
    [InlineData("gateway.lwm2m.update_msg_publish_condition = allways", "must be one of always, contains_object_list; did you mean 'always'?")]
    [InlineData("gateway.lwm2m.mountpoint = \"lwm2m/+/\"", "gateway.lwm2m.mountpoint = \"lwm2m/+/\": must not hold '+', '#' or NUL")]
    [InlineData("gateway.lwm2m.translators.notify.topic = \"up/#\"", "gateway.lwm2m.translators.notify.topic = \"up/#\": must not hold '+' or '#'")]
    [InlineData("gateway.lwm2m.translators.command.topic = \"dn#\"", "must be an MQTT filter")]
    [InlineData("gateway.lwm2m.translators.command.qos = 3", "gateway.lwm2m.translators.command.qos = \"3\": must be from 0 to 2")]
    [InlineData("gateway.lwm2m.translators.lifecycle.qos = 1", "gateway.lwm2m.translators.lifecycle.topic: is required")]
    [InlineData("kafka.partitions = 0", "kafka.partitions = \"0\": must be from 1 to 1024")]
    [InlineData("kafka.topic_prefix = \"a b\"", "kafka.topic_prefix = \"a b\": must match")]
    [InlineData("kafka.security_protocol = tls", "must be one of plaintext, ssl, sasl_plaintext, sasl_ssl")]
    [InlineData("kafka.ssl_ca_location = nowhere.pem", "kafka.ssl_ca_location = \"nowhere.pem\": is no file that can be found")]
    [InlineData("ingress.slot = 64\nkafka.bootstrap_servers = x", "ingress.slot = \"64\": must be below kafka.slots, which is 64")]
    [InlineData("mqtt.version = 4", "mqtt.version = \"4\": must be one of 5, 3.1.1")]
    [InlineData("mqtt.server = \"http://x\"", "mqtt.server: must be mqtt://")]
    [InlineData("authorization.sources = [{ url = x }]", "authorization.sources.0.type: is required")]
    [InlineData("authorization.sources = [x]", "authorization.sources.0 = \"x\": must be a section")]
    public void The_unusable_is_a_problem_that_says_what_is_allowed(string text, string expected) =>
        Assert.Contains(expected, Assert.Single(TestConfiguration.ProblemsOf(text)), StringComparison.Ordinal);

    [Fact]
    public void Every_problem_is_reported_at_once() =>
        Assert.Equal(4, TestConfiguration.ProblemsOf("kafka.partitions = 0\nhttp.bind = x\negress.min_qos = 7\nmqtt.keep_alive = soon").Length);

    [Fact]
    public void A_secret_is_not_shown()
    {
        var report = TestConfiguration.Read("mqtt { server = \"mqtp://u:hunter2@h\", password { hunter2 = 1 } }\nkafka.sasl_password = [hunter2]");

        Assert.Equal(3, report.Problems.Count);
        Assert.DoesNotContain("hunter2", string.Join(' ', report.Problems) + string.Join(' ', report.Warnings), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("gateway.lwm2m.auto_observe = bogus", "auto_observe = \"bogus\"", "Nothing is observed")]
    [InlineData("gateway.lwm2m.auto_observe = ture", "was taken as false", "did you mean 'true'?")]
    [InlineData("gateway.lwm2m.auto_observe = [\"3/0\"]", "was taken as '/3/0'", "")]
    [InlineData("gateway.lwm2m.auto_observe = [\"/3/0\", \"/x\"]", "\"/x\"", "was left out")]
    [InlineData("gateway.lwm2m.mountpoint = \"x/${endpoint_namea}/\"", "${endpoint_namea} is no known placeholder", "did you mean ${endpoint_name}?")]
    [InlineData("gateway.lwm2m.mountpoint = \"x/${tenant}/\"", "${tenant} is no known placeholder", "known are ${clientid}")]
    [InlineData("gateway.lwm2m.mountpoint = \"x/%e/\"", "%e of EMQX 4", "${endpoint_name}")]
    [InlineData("gateway.lwm2m.listeners.udp.default { bind = 1, mountpoint = \"${usrname}\" }", "udp.default.mountpoint", "${username}")]
    [InlineData("gateway.lwm2m.translators.notify.topic = \"${clientid}/up\"", "placeholders are for mountpoints only", "")]
    [InlineData("gateway.lwm2m.xml_dir = nowhere", "xml_dir = \"nowhere\" is no folder", "the shipped definitions were taken")]
    [InlineData("gateway.lwm2m.lifetime_max = 86400000", "taken as milliseconds", "1d")]
    [InlineData("gateway.lwm2m { lifetime_min = 2h, lifetime_max = 1h }", "lifetime_min is longer", "1h")]
    [InlineData("gateway.lwm2m.idle_timeuot = 3s", "gateway.lwm2m.idle_timeuot (", "did you mean 'idle_timeout'?")]
    [InlineData("kafka.quorum = 3", "kafka.quorum (", "known are bootstrap_servers")]
    [InlineData("kakfa.slots = 3", "kakfa (", "did you mean 'kafka'?")]
    [InlineData("gateway.lwm2mm.enable = true", "gateway.lwm2mm", "did you mean 'gateway.lwm2m'?")]
    [InlineData("gateway.lwm2m.authentication { ulr = x, url = \"http://a/\" }", "ulr", "did you mean 'url'?")]
    [InlineData("kafka.sasl_mechanism = PLAIN", "no effect without kafka.security_protocol", "")]
    [InlineData("gateway.lwm2m.listeners.udp.default { bind = 1, enable = false }", "no enabled listener", "")]
    public void The_doubtful_starts_with_a_warning_that_says_how_it_was_taken(string text, string expected, string how)
    {
        var report = TestConfiguration.Read(text);

        Assert.Empty(report.Problems);
        Assert.Contains(report.Warnings, w => w.Contains(expected, StringComparison.Ordinal) && w.Contains(how, StringComparison.OrdinalIgnoreCase));
    }

    [Theory]
    [InlineData("true", AutoObserveMode.All, "")]
    [InlineData("\"on\"", AutoObserveMode.All, "")]
    [InlineData("false", AutoObserveMode.Off, "")]
    [InlineData("\"off\"", AutoObserveMode.Off, "")]
    [InlineData("\"/3/0, /3/0/1\"", AutoObserveMode.Paths, "/3/0,/3/0/1")]
    [InlineData("[\"/3/0\", \"/5\"]", AutoObserveMode.Paths, "/3/0,/5")]
    [InlineData("[]", AutoObserveMode.Off, "")]
    public void Auto_observe_is_a_flag_or_paths(string value, AutoObserveMode mode, string paths)
    {
        var report = TestConfiguration.Read($"gateway.lwm2m.auto_observe = {value}");

        Assert.Empty(report.Warnings);
        Assert.Equal(mode, report.Configuration.Lwm2m.AutoObserve.Mode);
        Assert.Equal(paths, string.Join(',', report.Configuration.Lwm2m.AutoObserve.Paths));
    }

    [Theory]
    [InlineData("30s", 30_000)]
    [InlineData("100ms", 100)]
    [InlineData("1h30m", 5_400_000)]
    [InlineData("\"1d\"", 86_400_000)]
    [InlineData("0.5s", 500)]
    [InlineData("\"15M\"", 900_000)]
    [InlineData("2 h", 7_200_000)]
    public void Durations_are_read(string value, int milliseconds) =>
        Assert.Equal(milliseconds, TestConfiguration.Read($"gateway.lwm2m.lifetime_min = {value}").Configuration.Lwm2m.LifetimeMin.TotalMilliseconds);

    [Fact]
    public void Librdkafka_settings_keep_their_dots()
    {
        var client = TestConfiguration.Read("""kafka.client { socket.timeout.ms = 5, "fetch.min.bytes" = 1 }""", ("KAFKA__CLIENT__CLIENT_RACK", "a"))
            .Configuration.Kafka.Client;

        Assert.Equal(new Dictionary<string, string> { ["socket.timeout.ms"] = "5", ["fetch.min.bytes"] = "1", ["client.rack"] = "a" }, client);
    }

    [Fact]
    public void A_dtls_listener_alone_leaves_no_udp_listener_behind() =>
        Assert.Empty(TestConfiguration.Read("gateway.lwm2m.listeners.dtls.default.bind = 5784").Configuration.Lwm2m.Listeners.Udp);

    [Fact]
    public void The_default_listener_can_be_changed_by_one_key() =>
        Assert.Equal(new BindAddress(null, 5783),
            TestConfiguration.Read("gateway.lwm2m.listeners.udp.default.enable_authn = false").Configuration.Lwm2m.Listeners.Udp["default"].Bind);

    [Fact]
    public void Relative_folders_are_tried_from_the_configuration_file_first()
    {
        using var configuration = new TestConfiguration();
        configuration.Write("lwm2m_xml/1.xml", "<x/>");
        configuration.Write("etc/lwm2m_xml/1.xml", "<x/>");
        var file = configuration.Write("etc/gateway.conf", "gateway.lwm2m.xml_dir = lwm2m_xml");
        var elsewhere = configuration.Write("other/gateway.conf", "gateway.lwm2m.xml_dir = lwm2m_xml");

        Assert.Equal(Path.Combine(configuration.Folder, "etc", "lwm2m_xml"), configuration.Sources([file]).Read().Configuration.Lwm2m.XmlDir);
        Assert.Equal(Path.Combine(configuration.Folder, "lwm2m_xml"), configuration.Sources([elsewhere]).Read().Configuration.Lwm2m.XmlDir);
    }

    [Fact]
    public void A_file_that_is_missing_is_a_problem()
    {
        using var configuration = new TestConfiguration();

        var problem = Assert.Single(configuration.Sources(["nowhere.conf"]).Read().Problems);

        Assert.Contains("cannot be read", problem.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void Random_values_under_real_keys_give_a_report()
    {
        var keys = global::Hosting.Configuration.ConfigurationHelp.AllKeys().Select(k => k.Path.Replace(".NAME", ".x", StringComparison.Ordinal)).ToArray();
        var value = Gen.OneOf(AnyOf("1", "-1", "\"\"", "[]", "{}", "[[1]]", "{a=1}", "[{a=1}]", "null", "99999999999999999999", "1e400", "\"/\"", "infinity", "\"1/0\""),
            Gen.String.Select(s => System.Text.Json.JsonSerializer.Serialize(s)));
        using var configuration = new TestConfiguration();
        Gen.Select(AnyOf(keys), value).Array[1, 4].Sample(settings =>
        {
            var file = configuration.Write($"{Guid.NewGuid()}.conf", string.Join('\n', settings.Select(s => $"{s.Item1} = {s.Item2}")));
            configuration.Sources([file]).Read();
            File.Delete(file);
        }, iter: 3000);
    }

    static Gen<string> AnyOf(params string[] values) => Gen.Int[0, values.Length - 1].Select(i => values[i]);
}
