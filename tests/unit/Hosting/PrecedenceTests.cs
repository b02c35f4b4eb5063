namespace Pipeline.Tests.Hosting;

public sealed class PrecedenceTests
{
    [Fact]
    public void The_command_line_wins_over_the_environment_over_files_over_defaults()
    {
        using var configuration = new TestConfiguration();
        var first = configuration.Write("a.conf", "kafka { partitions = 1, slots = 1, topic_prefix = a, replication_factor = 2 }");
        var second = configuration.Write("b.json", """{"kafka": {"partitions": 2, "slots": 2, "topic_prefix": "b"}}""");
        var sources = configuration.Sources([first, second], [("KAFKA__PARTITIONS", "3"), ("KAFKA__SLOTS", "3")], ("kafka:partitions", "4"));

        var kafka = sources.Read().Configuration.Kafka;

        Assert.Equal((4, 3, "b", 2, null), (kafka.Partitions, kafka.Slots, kafka.TopicPrefix, kafka.ReplicationFactor, kafka.BootstrapServers));
    }

    [Fact]
    public void A_later_source_replaces_a_list_as_a_whole()
    {
        using var configuration = new TestConfiguration();
        var file = configuration.Write("a.conf", "gateway.lwm2m.auto_observe = [\"/3/0\", \"/4/0\"]");

        var read = configuration.Sources([file], [("GATEWAY__LWM2M__AUTO_OBSERVE", "/5/0")]).Read();

        Assert.Equal(["/5/0"], read.Configuration.Lwm2m.AutoObserve.Paths);
    }

    [Fact]
    public void A_later_source_adds_to_a_section_of_an_earlier_one()
    {
        using var configuration = new TestConfiguration();
        var file = configuration.Write("a.conf", "gateway.lwm2m.listeners.udp.Field { bind = 5799 }");

        var udp = configuration.Sources([file], [("GATEWAY__LWM2M__LISTENERS__UDP__FIELD__MOUNTPOINT", "x/")]).Read().Configuration.Lwm2m.Listeners.Udp;

        Assert.Equal(("Field", 5799, "x/"), (udp.Single().Key, udp.Single().Value.Bind.Port, udp.Single().Value.Mountpoint));
    }

    [Fact]
    public void Lists_of_sections_can_be_numbered_in_the_environment()
    {
        var read = TestConfiguration.Read("", ("AUTHORIZATION__SOURCES__0__TYPE", "http"), ("AUTHORIZATION__SOURCES__0__URL", "http://x"));

        Assert.Equal("http://x", Assert.Single(read.Configuration.Authorization.Sources).Url);
    }

    [Fact]
    public void An_empty_variable_gives_nothing()
    {
        var read = TestConfiguration.Read("", ("KAFKA__BOOTSTRAP_SERVERS", ""));

        Assert.Empty(read.Problems);
        Assert.Null(read.Configuration.Kafka.BootstrapServers);
    }

    [Fact]
    public void Variables_of_others_are_not_ours()
    {
        var read = TestConfiguration.Read("", ("KAFKA_HOME", "/opt"), ("INGRESS_PORT_80_TCP", "x"), ("OTHER__KEY", "x"), ("KAFKA____X", "x"));

        Assert.Empty(read.Warnings);
        Assert.Empty(read.Problems);
    }

    [Fact]
    public void A_problem_names_its_source()
    {
        using var configuration = new TestConfiguration();
        var problems = configuration.Sources([], [("EGRESS__MIN_QOS", "9")], ("kafka:partitions", "x")).Read().Problems.Select(p => p.ToString()).ToList();

        Assert.Contains(problems, p => p.EndsWith("(environment EGRESS__MIN_QOS)", StringComparison.Ordinal));
        Assert.Contains(problems, p => p.EndsWith("(command line)", StringComparison.Ordinal));
    }

    [Fact]
    public void What_is_given_is_known()
    {
        var read = TestConfiguration.Read("mqtt.server = \"mqtt://x\"").Configuration;

        Assert.Contains("mqtt.server", read.Given);
        Assert.DoesNotContain("mqtt.version", read.Given);
    }
}
