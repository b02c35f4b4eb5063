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
    static readonly TimeSpan Patience = TimeSpan.FromMinutes(3);
    static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);

    /// <summary>What must come to hold of the fleet of compose.yaml, as queries that then have data.</summary>
    static readonly IReadOnlyList<Question> Fleet =
    [
        new("every simulated device is registered", "max(lwm2m_ingress_registrations) == 100"),
        new("their notifications are acknowledged", "sum(rate(lwm2m_ingress_notifications_total[1m])) > 0"),
        new("and published", "sum(rate(lwm2m_egress_published_total[1m])) > 0"),
        new("nothing piles up", "max(sum by (group) (lwm2m_messaging_lag)) < 1000"),
        new("nothing is put aside", "sum(lwm2m_translator_dead_letters_total) + sum(lwm2m_egress_dead_lettered_total) + sum(lwm2m_translator_bugs_total) == 0"),
    ];

    [Fact]
    public async Task Prometheus_sees_every_service()
    {
        ComposeProcesses.SkipUnlessThere();
        await ComposeProcesses.AwaitAsync(stack.Prometheus.IsReadyAsync, () => stack.LogsAsync("prometheus"));
        await ComposeProcesses.AwaitAsync(
            async () => (await stack.Prometheus.TargetsAsync()).All(target => target.Health == "up"), async () => string.Join(", ", await stack.Prometheus.TargetsAsync()));
        Assert.Equal(["dashboard", "egress", "ingress", "translator"], (await stack.Prometheus.TargetsAsync()).Select(target => target.Job).Order());
    }

    [Fact]
    public async Task The_fleet_shows_and_a_command_goes_down_over_mqtt()
    {
        ComposeProcesses.SkipUnlessThere();
        var amiss = await AmissAsync(Fleet, HasDataAsync);
        Assert.True(amiss.Length == 0, $"not so:\n{amiss}{(amiss.Length > 0 ? await stack.LogsAsync("fleet", "ingress", "translator", "egress") : "")}");
        await CommandedAsync();
    }

    [Fact]
    public async Task Every_query_of_the_dashboard_has_data()
    {
        ComposeProcesses.SkipUnlessThere();
        // Some of them are about commands, and tests come in any order.
        await CommandedAsync();
        var amiss = await AmissAsync(Panels(), async panel => await HasDataAsync(panel) != WithoutData.ContainsKey(panel.Query));
        Assert.True(amiss.Length == 0, $"no data, or data against the list of those without:\n{amiss}");
    }

    [Fact]
    public async Task No_alert_fires()
    {
        ComposeProcesses.SkipUnlessThere();
        var firing = new List<string>();
        foreach (var alert in Alerts())
        {
            if (await AskAsync(alert.Query) is { Count: > 0 } values)
                firing.Add($"{alert.Name}: {string.Join(", ", values.Select(value => value.ToString(CultureInfo.InvariantCulture)))}");
        }

        Assert.True(firing.Count == 0, string.Join('\n', firing));
        // And so it sees it itself.
        var amiss = await AmissAsync(Alerts(), async alert =>
        {
            var own = await AlertAsync(alert.Name);
            return (own.GetProperty("health").GetString(), own.GetProperty("state").GetString()) == ("ok", "inactive");
        });
        Assert.True(amiss.Length == 0, $"Prometheus sees otherwise:\n{amiss}");
    }

    [Fact]
    public void All_alerts_and_queries_are_asked()
    {
        Assert.Equal(Regex.Count(Repository.Read("deploy", "docker", "prometheus-alerts.yaml"), "alert:"), Alerts().Count);
        Assert.True(Panels().Count > 40);
        Assert.Empty(WithoutData.Keys.Except(Panels().Select(panel => panel.Query)));
        Assert.Contains("only for this machine", ComposeFile.Resolved(ComposeFile.Service("ingress").Member("environment")["INGRESS__TOKEN_KEY"]), StringComparison.Ordinal);
    }

    static List<Question> Panels()
    {
        using var dashboard = JsonDocument.Parse(Repository.Read("deploy", "helm", "dashboards", "lwm2m-gateway.json"));
        // What is asked where all namespaces are chosen.
        return [.. from panel in dashboard.RootElement.GetProperty("panels").EnumerateArray()
                   where panel.TryGetProperty("targets", out _)
                   from target in panel.GetProperty("targets").EnumerateArray()
                   let query = target.GetProperty("expr").GetString()!.Replace("$namespace", ".*", StringComparison.Ordinal).Replace("$__rate_interval", "1m", StringComparison.Ordinal)
                   select new Question(panel.GetProperty("title").GetString()!, query)];
    }

    static List<Question> Alerts() => [.. Regex.Matches(
        Repository.Read("deploy", "docker", "prometheus-alerts.yaml"), "- alert: (\\w+)\n +expr: (\".*\")\n")
        .Select(match => new Question(match.Groups[1].Value, JsonSerializer.Deserialize<string>(match.Groups[2].Value)!))];

    // All of them at once, again and again: one that is broken does not hide the others.
    static async Task<string> AmissAsync(IReadOnlyList<Question> questions, Func<Question, Task<bool>> isWell)
    {
        var left = questions;
        for (var until = DateTime.UtcNow + Patience; ; await Task.Delay(Pause, TestContext.Current.CancellationToken))
        {
            var amiss = new List<(Question Question, string Why)>();
            foreach (var question in left)
            {
                if (await WhyNotAsync(question) is { } why)
                    amiss.Add((question, why));
            }

            if (amiss.Count == 0 || DateTime.UtcNow > until)
                return string.Concat(amiss.Select(one => $"{one.Question.Name}: {one.Question.Query}{one.Why}\n"));
            left = [.. amiss.Select(one => one.Question)];
        }

        async Task<string?> WhyNotAsync(Question question)
        {
            try
            {
                return await isWell(question) ? null : "";
            }
            catch (InvalidOperationException e)
            {
                return $" ({e.Message})";
            }
        }
    }

    async Task<bool> HasDataAsync(Question question) => (await AskAsync(question.Query)).Count > 0;

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

    /// <param name="Query">In PromQL.</param>
    sealed record Question(string Name, string Query);
}
