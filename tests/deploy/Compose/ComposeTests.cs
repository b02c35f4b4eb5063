using System.Text.RegularExpressions;
using Pipeline.DeployTests.Charts;

namespace Pipeline.DeployTests.Compose;

using Map = Dictionary<object, object>;

/// <summary>deploy/docker/compose.yaml names what there is, and fits what it starts.</summary>
public sealed partial class ComposeTests(Helm helm)
{
    static readonly Map Services = ComposeFile.Services;

    // Which image starts which project.
    static readonly Dictionary<string, string> Projects = new()
    {
        ["ingress"] = "src/Ingress", ["translator"] = "src/Translator", ["egress"] = "src/Egress", ["dashboard"] = "src/Dashboard", ["topics"] = "tools/lwm2m",
    };

    public static TheoryData<string> Own => [.. Projects.Keys];

    [Theory]
    [MemberData(nameof(Own))]
    public void Images_are_built_from_projects_that_there_are(string name)
    {
        var build = (Map)Service(name)["build"];
        var project = (string)((Map)build["args"])["SERVICE"];
        Assert.Equal(Projects[name], (project == "lwm2m" ? "tools/" : "src/") + project);
        Assert.True(Directory.Exists(Path.Combine(Repository.Root, Projects[name])));
        Assert.True(File.Exists(Path.Combine(Repository.Root, "deploy", "docker", (string)build["context"], (string)build["dockerfile"])));
    }

    [Theory]
    [MemberData(nameof(Own))]
    public void Their_environment_is_understood(string name)
    {
        var keys = Documented();
        foreach (var (variable, value) in (Map)Service(name)["environment"])
        {
            var key = ((string)variable).ToLowerInvariant().Replace("__", ".", StringComparison.Ordinal);
            Assert.Contains(key, keys);
            Assert.False(string.IsNullOrEmpty((string)value));
        }
    }

    [Theory]
    [InlineData("ingress", 18084)]
    [InlineData("translator", 18085)]
    [InlineData("egress", 18086)]
    [InlineData("dashboard", 18083)]
    public void Health_is_asked_where_it_is_answered_and_measured_there(string name, int port)
    {
        var service = Service(name);
        Assert.Equal($"{port}", ((Map)service["environment"])["HTTP__BIND"]);
        var test = ((List<object>)((Map)service["healthcheck"])["test"]).Cast<string>();
        Assert.Equal(["CMD", "/app/lwm2m", "ready", $"http://127.0.0.1:{port}/readyz"], test);
        Assert.Contains($"{{job_name: {name}, static_configs: [{{targets: [\"{name}:{port}\"]}}]}}", (string)((Map)ComposeFile.Configs["prometheus"])["content"], StringComparison.Ordinal);
        Assert.Equal(("true", "30s"), ((string)service["read_only"], (string)service["stop_grace_period"]));
    }

    [Fact]
    public void Doors_are_open_to_this_machine_alone_but_that_of_the_devices()
    {
        var ports = Services.Values.Cast<Map>().SelectMany(service => service.TryGetValue("ports", out var list) ? ((List<object>)list).Cast<string>() : []).ToList();
        Assert.Equal(["5783:5783/udp"], ports.Where(port => !port.StartsWith("127.0.0.1:", StringComparison.Ordinal)));
        Assert.Equal(ports.Count, ports.Select(port => port.Split(':')[^2]).Distinct().Count());
    }

    [Fact]
    public void Images_are_named_with_a_version_and_are_those_of_the_tests()
    {
        Assert.All(Services.Values.Cast<Map>(), service => Assert.Matches(@"^[^:]+:(?!latest)[\w.]+$", (string)service["image"]));
        foreach (var fixture in new[] { "Kafka", "Mosquitto" })
        {
            var image = Image().Match(Repository.Read("tests", "integration", "Containers", $"{fixture}ContainerFixture.cs")).Groups[1].Value;
            Assert.Equal(image, Service(fixture.ToLowerInvariant())["image"]);
        }
    }

    [Fact]
    public void Whoever_is_waited_for_is_there_and_can_be_told_healthy()
    {
        foreach (var service in Services.Values.Cast<Map>().Where(service => service.ContainsKey("depends_on")))
        {
            foreach (var (other, how) in (Map)service["depends_on"])
            {
                var condition = (string)((Map)how)["condition"];
                Assert.True(condition != "service_healthy" || Service((string)other).ContainsKey("healthcheck"), (string)other);
            }
        }

        var configs = ComposeFile.Configs;
        Assert.All(configs.Values.Cast<Map>().Where(config => config.ContainsKey("file")),
            config => Assert.True(File.Exists(Path.Combine(Repository.Root, "deploy", "docker", (string)config["file"]))));
        Assert.All(Services.Values.Cast<Map>().Where(service => service.ContainsKey("configs")).SelectMany(service => (List<object>)service["configs"]).Cast<Map>(),
            config => Assert.Contains(config["source"], configs.Keys));
    }

    [Fact]
    public async Task Alerts_are_those_of_the_chart_without_its_namespace()
    {
        var text = (await helm.TemplateAsync("operators-values.yaml", Helm.Versions[^1], "--show-only", "templates/monitoring.yaml")).Success;
        var rule = text.Split("\n---\n").Single(part => part.Contains("kind: PrometheusRule", StringComparison.Ordinal));
        var groups = rule[(rule.IndexOf("\nspec:\n", StringComparison.Ordinal) + "\nspec:\n".Length)..];
        var plain = Regex.Replace(groups, "^  ", "", RegexOptions.Multiline)
            .Replace("namespace=\\\"iot\\\", ", "", StringComparison.Ordinal).Replace("{namespace=\\\"iot\\\"}", "", StringComparison.Ordinal);
        Repository.AssertSame("# The chart's alerts (deploy/helm/alerts.yaml); a test writes and compares them.\n" + plain.TrimEnd() + "\n", "deploy", "docker", "prometheus-alerts.yaml");
    }

    static Map Service(string name) => ComposeFile.Service(name);

    // Names in place of NAME and the dot before it.
    static HashSet<string> Documented()
    {
        var keys = new HashSet<string>();
        var section = "";
        foreach (var line in Repository.Read("docs", "configuration.md").Split('\n'))
        {
            if (Section().Match(line) is { Success: true } heading)
                section = heading.Groups[1].Value.Replace("NAME", "default", StringComparison.Ordinal);
            else if (Key().Match(line) is { Success: true } key)
                keys.Add($"{section}.{key.Groups[1].Value}");
        }

        return keys;
    }

    [GeneratedRegex("^## `([^`]+)`")]
    private static partial Regex Section();

    [GeneratedRegex("^\\| `([^`]+)` \\|")]
    private static partial Regex Key();

    [GeneratedRegex("Image = \"([^\"]+)\"")]
    private static partial Regex Image();
}
