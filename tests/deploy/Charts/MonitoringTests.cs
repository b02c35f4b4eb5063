using System.Text.Json;
using System.Text.RegularExpressions;

namespace Pipeline.DeployTests.Charts;

/// <summary>Alerts and dashboard ask for what there is, and every alert has its section in the runbook.</summary>
public sealed partial class MonitoringTests(Helm helm)
{
    // Prometheus's own.
    static readonly HashSet<string> Others = ["up"];

    [Fact]
    public async Task Alerts_ask_for_metrics_that_there_are()
    {
        var rules = await RulesAsync();
        Assert.NotEmpty(rules);
        Assert.Empty(rules.SelectMany(rule => MetricsIn((string)rule["expr"])).Except(Known()));
    }

    [Fact]
    public void The_dashboard_asks_for_metrics_that_there_are()
    {
        using var dashboard = Dashboard();
        var queries = dashboard.RootElement.GetProperty("panels").EnumerateArray()
            .SelectMany(panel => panel.TryGetProperty("targets", out var targets) ? targets.EnumerateArray() : [])
            .Select(target => target.GetProperty("expr").GetString()!).ToList();
        Assert.True(queries.Count > 40);
        Assert.All(queries, query => Assert.NotEmpty(MetricsIn(query)));
        Assert.Empty(queries.SelectMany(MetricsIn).Except(Known()));
    }

    [Fact]
    public void Panels_have_places_of_their_own()
    {
        using var dashboard = Dashboard();
        var taken = new HashSet<(int, int)>();
        foreach (var place in dashboard.RootElement.GetProperty("panels").EnumerateArray().Select(panel => panel.GetProperty("gridPos")))
        {
            for (var x = Int(place, "x"); x < Int(place, "x") + Int(place, "w"); x++)
            {
                for (var y = Int(place, "y"); y < Int(place, "y") + Int(place, "h"); y++)
                    Assert.True(x < 24 && taken.Add((x, y)), $"{x}/{y}");
            }
        }

        static int Int(JsonElement place, string name) => place.GetProperty(name).GetInt32();
    }

    [Fact]
    public async Task Every_alert_has_its_section_in_the_runbook()
    {
        var sections = Regex.Matches(Repository.Read("docs", "operations.md"), "^### (Lwm2m.*)$", RegexOptions.Multiline).Select(m => m.Groups[1].Value.Trim()).ToList();
        var rules = await RulesAsync();
        Assert.Equal(rules.Select(rule => (string)rule["alert"]).Order(), sections.Order());
        Assert.All(rules, rule =>
        {
            var annotations = (Dictionary<object, object>)rule["annotations"];
            // How the anchor of such a heading is made.
            Assert.EndsWith("#" + ((string)rule["alert"]).ToLowerInvariant(), (string)annotations["runbook_url"], StringComparison.Ordinal);
            Assert.Contains((string)((Dictionary<object, object>)rule["labels"])["severity"], new[] { "critical", "warning" });
        });
    }

    [Fact]
    public void Queries_of_metrics_that_nobody_has_would_be_found() =>
        Assert.Equal(["lwm2m_ingress_datagram_total"], MetricsIn("sum by (job) (rate(lwm2m_ingress_datagram_total{job=~\"lwm2m_x\"}[5m])) > 0.5").Except(Known()));

    async Task<List<Dictionary<object, object>>> RulesAsync()
    {
        var rendered = await helm.RenderAsync("operators-values.yaml");
        var rule = rendered.Custom.Single(o => (string)o["kind"] == "PrometheusRule");
        return [.. ((List<object>)((Dictionary<object, object>)rule["spec"])["groups"]).Cast<Dictionary<object, object>>()
            .SelectMany(group => (List<object>)group["rules"]).Cast<Dictionary<object, object>>()];
    }

    static JsonDocument Dashboard() => JsonDocument.Parse(Repository.Read("deploy", "helm", "dashboards", "lwm2m-gateway.json"));

    /// <summary>The names in a query that stand for metrics: neither labels, nor functions, nor what is quoted.</summary>
    internal static IEnumerable<string> MetricsIn(string query)
    {
        var bare = Grouping().Replace(Braces().Replace(Quoted().Replace(query, "\"\""), ""), " ");
        return Name().Matches(bare).Where(m => !bare[(m.Index + m.Length)..].TrimStart().StartsWith('(')).Select(m => m.Value)
            .Where(name => name is not ("by" or "or" or "and" or "unless" or "offset" or "on" or "group_left")).Distinct();
    }

    // The page that says what there is; histograms have three names each.
    static HashSet<string> Known() =>
        [.. Others, .. Regex.Matches(Repository.Read("docs", "metrics.md"), "^\\| `([a-z0-9_]+)`", RegexOptions.Multiline).Select(m => m.Groups[1].Value)
            .SelectMany(name => new[] { name, name + "_bucket", name + "_sum", name + "_count" }),
            "metrics_dropped_total", "process_cpu_seconds_total", "process_resident_memory_bytes", "process_start_time_seconds"];

    [GeneratedRegex("\"(?:[^\"\\\\]|\\\\.)*\"")]
    private static partial Regex Quoted();

    [GeneratedRegex(@"\{[^}]*\}|\[[^\]]*\]")]
    private static partial Regex Braces();

    [GeneratedRegex(@"\b(by|on|ignoring|without)\s*\([^)]*\)")]
    private static partial Regex Grouping();

    [GeneratedRegex(@"(?<![0-9])\b[a-z_][a-z0-9_]*\b")]
    private static partial Regex Name();
}
