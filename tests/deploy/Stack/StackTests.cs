using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;
using Pipeline.DeployTests.Compose;

namespace Pipeline.DeployTests.Stack;

/// <summary>
/// The compose stack at work, with its hundred simulated devices, on a real Kafka and a real mosquitto, looked at through its own Prometheus. The script
/// tests/stack runs it.
/// </summary>
public sealed class StackTests(ComposeProcesses stack) : IClassFixture<ComposeProcesses>
{
    /// <summary>Queries for which a healthy system has no data, each with the reason. A counter stands at 0 before its first count, so there are none.</summary>
    static readonly Dictionary<string, string> WithoutData = [];

    // Rates need two looks, which are 5 s apart.
    static readonly TimeSpan Looks = TimeSpan.FromMinutes(1);

    public static TheoryData<string, string> Panels
    {
        get
        {
            using var dashboard = JsonDocument.Parse(Repository.Read("deploy", "helm", "dashboards", "lwm2m-gateway.json"));
            // What is asked where all namespaces are chosen.
            return [.. from panel in dashboard.RootElement.GetProperty("panels").EnumerateArray()
                       where panel.TryGetProperty("targets", out _)
                       from target in panel.GetProperty("targets").EnumerateArray()
                       let query = target.GetProperty("expr").GetString()!.Replace("$namespace", ".*", StringComparison.Ordinal).Replace("$__rate_interval", "1m", StringComparison.Ordinal)
                       select (panel.GetProperty("title").GetString()!, query)];
        }
    }

    public static TheoryData<string, string> Alerts => [.. Regex.Matches(
        Repository.Read("deploy", "docker", "prometheus-alerts.yaml"), "- alert: (\\w+)\n +expr: (\".*\")\n").Select(match => (match.Groups[1].Value, JsonSerializer.Deserialize<string>(match.Groups[2].Value)!))];

    [Fact(Explicit = true)]
    public async Task Prometheus_sees_every_service()
    {
        ComposeProcesses.SkipUnlessThere();
        await ComposeProcesses.AwaitAsync(stack.Prometheus.IsReadyAsync, () => stack.LogsAsync("prometheus"));
        await ComposeProcesses.AwaitAsync(
            async () => (await stack.Prometheus.TargetsAsync()).All(target => target.Health == "up"), async () => string.Join(", ", await stack.Prometheus.TargetsAsync()));
        Assert.Equal(["dashboard", "egress", "ingress", "translator"], (await stack.Prometheus.TargetsAsync()).Select(target => target.Job).Order());
    }

    [Theory(Explicit = true)]
    [InlineData("every simulated device is registered", "max(lwm2m_ingress_registrations) == 100")]
    [InlineData("their notifications are acknowledged", "sum(rate(lwm2m_ingress_notifications_total[1m])) > 0")]
    [InlineData("and published", "sum(rate(lwm2m_egress_published_total[1m])) > 0")]
    [InlineData("nothing piles up", "max(sum by (group) (lwm2m_messaging_lag)) < 1000")]
    [InlineData("nothing is put aside", "sum(lwm2m_translator_dead_letters_total) + sum(lwm2m_egress_dead_lettered_total) + sum(lwm2m_translator_bugs_total) == 0")]
    public async Task The_fleet_shows(string what, string query)
    {
        ComposeProcesses.SkipUnlessThere();
        await ComposeProcesses.AwaitAsync(
            async () => (await AskAsync(query)).Count > 0, async () => $"not so: {what}: {query}\n{await stack.LogsAsync("fleet", "ingress", "translator", "egress")}");
    }

    [Fact(Explicit = true)]
    public async Task A_command_goes_down_over_mqtt_and_its_outcome_is_counted()
    {
        ComposeProcesses.SkipUnlessThere();
        await CommandedAsync();
    }

    [Theory(Explicit = true)]
    [MemberData(nameof(Panels))]
    public async Task Every_query_of_the_dashboard_has_data(string panel, string query)
    {
        ComposeProcesses.SkipUnlessThere();
        if (WithoutData.ContainsKey(query))
        {
            Assert.Empty(await AskAsync(query));
            return;
        }

        // Some of them are about commands, and tests come in any order.
        await CommandedAsync();
        await ComposeProcesses.AwaitAsync(async () => (await AskAsync(query)).Count > 0, () => Task.FromResult($"{panel}: no data for {query}"), Looks);
    }

    [Theory(Explicit = true)]
    [MemberData(nameof(Alerts))]
    public async Task No_alert_fires(string name, string expression)
    {
        ComposeProcesses.SkipUnlessThere();
        var firing = await AskAsync(expression);
        Assert.True(firing.Count == 0, $"{name}: {string.Join(", ", firing.Select(value => value.ToString(CultureInfo.InvariantCulture)))}");
        // And so it sees it itself.
        await ComposeProcesses.AwaitAsync(async () => (await AlertAsync(name)).GetProperty("health").GetString() == "ok", async () => (await AlertAsync(name)).ToString());
        Assert.Equal("inactive", (await AlertAsync(name)).GetProperty("state").GetString());
    }

    [Fact]
    public void All_alerts_and_queries_are_asked()
    {
        Assert.Equal(Regex.Count(Repository.Read("deploy", "docker", "prometheus-alerts.yaml"), "alert:"), Alerts.Count);
        Assert.True(Panels.Count > 40);
        Assert.Empty(WithoutData.Keys.Except(Panels.Select(row => row.Data.Item2)));
        Assert.Contains("only for this machine", ComposeFile.Resolved(ComposeFile.Service("ingress").Member("environment")["INGRESS__TOKEN_KEY"]), StringComparison.Ordinal);
    }

    async Task CommandedAsync()
    {
        const string answered = "sum(lwm2m_egress_relayed_total) > 0 and sum(lwm2m_translator_outcomes_total) > 0 and sum(lwm2m_ingress_outcomes_total) > 0";
        await ComposeProcesses.AwaitAsync(
            async () =>
            {
                if ((await AskAsync(answered)).Count > 0)
                    return true;
                // To one of the devices, which may not be there yet.
                await Tool.RunAsync("mosquitto_pub", ["-h", "mosquitto", "-t", "lwm2m/sim-sensor-1/dn/ci", "-m", """{"reqID":1,"msgType":"read","data":{"path":"/3/0/0"}}"""]);
                return false;
            },
            async () => await stack.LogsAsync("egress", "translator", "ingress"));
    }

    async Task<JsonElement> AlertAsync(string name) => (await stack.Prometheus.AlertsAsync()).Single(alert => alert.GetProperty("name").GetString() == name);

    // Whichever test comes first.
    async Task<IReadOnlyList<double>> AskAsync(string query)
    {
        await ComposeProcesses.AwaitAsync(stack.Prometheus.IsReadyAsync, () => stack.LogsAsync("prometheus"));
        return await stack.Prometheus.QueryAsync(query);
    }
}
