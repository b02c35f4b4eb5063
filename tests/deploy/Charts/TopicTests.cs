using Contracts;
using Contracts.Configuration;

namespace Pipeline.DeployTests.Charts;

/// <summary>What is declared to Strimzi is what the services want.</summary>
public sealed class TopicTests(Helm helm)
{
    [Theory]
    [InlineData("lwm2m", 24, 64)]
    [InlineData("site.A", 48, 8)]
    public async Task Declared_topics_are_those_of_Topics(string prefix, int partitions, int slots)
    {
        var rendered = await helm.RenderAsync("operators-values.yaml",
            "--set", $"kafka.topicPrefix={prefix},kafka.partitions={partitions},ingress.maxSlots={slots}");
        var declared = rendered.Custom.Where(o => (string)o["kind"] == "KafkaTopic").Select(o => (Dictionary<object, object>)o["spec"]).ToList();
        var wanted = new Topics(prefix).Specs(new KafkaOptions { Partitions = partitions, Slots = slots }, embedded: false);
        Assert.Equal(wanted.Select(Text), declared.Select(Text));
    }

    [Fact]
    public async Task Each_service_may_touch_only_topics_that_there_are_and_its_own_group()
    {
        var rendered = await helm.RenderAsync("operators-values.yaml");
        var topics = new Topics("lwm2m");
        var names = topics.Specs(new KafkaOptions(), embedded: false).Select(spec => spec.Name).ToHashSet();
        var users = rendered.Custom.Where(o => (string)o["kind"] == "KafkaUser").ToDictionary(NameOf, AclsOf);
        Assert.Equal(["dashboard", "egress", "ingress", "tools", "translator"], users.Keys.Order());
        foreach (var (user, acls) in users)
        {
            Assert.All(acls.Where(acl => acl is { Type: "topic", Pattern: "literal" }), acl => Assert.Contains(acl.Name, names));
            var prefixed = Assert.Single(acls, acl => acl is { Type: "topic", Pattern: "prefix" });
            Assert.Equal(user == "tools" ? ["Create", "Describe", "DescribeConfigs"] : ["Describe", "DescribeConfigs"], prefixed.Operations);
        }

        Assert.Equal([topics.TranslatorGroup], users["translator"].Where(acl => acl.Type == "group").Select(acl => acl.Name));
        Assert.Equal([topics.EgressGroup], users["egress"].Where(acl => acl.Type == "group").Select(acl => acl.Name));
        Assert.Equal(["Read"], users["ingress"].Single(acl => acl.Name == topics.Downlink).Operations);
        Assert.Equal(["Write"], users["ingress"].Single(acl => acl.Name == topics.Uplink).Operations);
        // Each pod logs in as the user of its service.
        foreach (var (_, labels, pod) in rendered.Services)
        {
            var component = labels["app.kubernetes.io/component"];
            Assert.Equal($"fleet-lwm2m-gateway-{component}", pod.Containers[0].Env.Single(e => e.Name == "KAFKA__SASL_USERNAME").Value);
        }
    }

    [Fact]
    public async Task Lag_is_looked_at_where_it_arises()
    {
        var rendered = await helm.RenderAsync("operators-values.yaml");
        var topics = new Topics("lwm2m");
        var triggers = rendered.Custom.Where(o => (string)o["kind"] == "ScaledObject")
            .Select(o => (Dictionary<object, object>)((List<object>)((Dictionary<object, object>)o["spec"])["triggers"]).Single())
            .Select(trigger => (Dictionary<object, object>)trigger["metadata"])
            .Select(metadata => (metadata["consumerGroup"], metadata["topic"]));
        Assert.Equal(new (object, object)[] { (topics.EgressGroup, topics.Events), (topics.TranslatorGroup, topics.Uplink) }, triggers.Order());
    }

    static string Text(TopicSpec spec) => Text(spec.Name, spec.Partitions,
        spec.Settings.Append(new("cleanup.policy", spec.Cleanup == CleanupPolicy.Compact ? "compact" : "delete")));

    static string Text(Dictionary<object, object> spec) => Text((string)spec["topicName"], int.Parse((string)spec["partitions"]),
        ((Dictionary<object, object>)spec["config"]).Select(pair => new KeyValuePair<string, string>((string)pair.Key, (string)pair.Value)));

    static string Text(string name, int partitions, IEnumerable<KeyValuePair<string, string>> settings) =>
        $"{name} {partitions} {string.Join(' ', settings.Select(pair => $"{pair.Key}={pair.Value}").Order())}";

    static string NameOf(Dictionary<string, object> user) =>
        ((string)((Dictionary<object, object>)user["metadata"])["name"])["fleet-lwm2m-gateway-".Length..];

    static List<Acl> AclsOf(Dictionary<string, object> user) =>
        [.. ((List<object>)((Dictionary<object, object>)((Dictionary<object, object>)user["spec"])["authorization"])["acls"])
            .Cast<Dictionary<object, object>>().Select(acl =>
            {
                var resource = (Dictionary<object, object>)acl["resource"];
                return new Acl((string)resource["type"], (string)resource["name"], (string)resource["patternType"], [.. ((List<object>)acl["operations"]).Cast<string>()]);
            })];

    sealed record Acl(string Type, string Name, string Pattern, IReadOnlyList<string> Operations);
}
