using System.Text.Json;

namespace Pipeline.DeployTests.Stack;

/// <summary>What Prometheus answers over its HTTP API.</summary>
sealed class PrometheusApi(Uri address)
{
    static readonly HttpClient Client = new();

    /// <summary>The samples of an instant vector, now; empty: no data.</summary>
    /// <exception cref="InvalidOperationException">It does not understand the query.</exception>
    public async Task<IReadOnlyList<double>> QueryAsync(string query)
    {
        var result = (await AskAsync($"query?query={Uri.EscapeDataString(query)}")).GetProperty("result");
        return [.. result.EnumerateArray().Select(sample => double.Parse(sample.GetProperty("value")[1].GetString()!, System.Globalization.CultureInfo.InvariantCulture))];
    }

    /// <summary>The alerts that it has taken from its rule files, each with <c>name</c>, <c>query</c>, <c>health</c>, and <c>state</c>.</summary>
    public async Task<IReadOnlyList<JsonElement>> AlertsAsync() =>
        [.. (await AskAsync("rules?type=alert")).GetProperty("groups").EnumerateArray().SelectMany(group => group.GetProperty("rules").EnumerateArray())];

    /// <summary>What it looks at: the name of the job, and whether the last look went well.</summary>
    public async Task<IReadOnlyList<(string Job, string Health)>> TargetsAsync() =>
        [.. (await AskAsync("targets?state=active")).GetProperty("activeTargets").EnumerateArray()
            .Select(target => (target.GetProperty("labels").GetProperty("job").GetString()!, target.GetProperty("health").GetString()!))];

    /// <summary>Whether it answers.</summary>
    public async Task<bool> IsReadyAsync()
    {
        try
        {
            using var answer = await Client.GetAsync(new Uri(address, "/-/ready"), TestContext.Current.CancellationToken);
            return answer.IsSuccessStatusCode;
        }
        catch (HttpRequestException)
        {
            return false;
        }
    }

    async Task<JsonElement> AskAsync(string question)
    {
        using var answer = await Client.GetAsync(new Uri(address, "/api/v1/" + question), TestContext.Current.CancellationToken);
        using var json = JsonDocument.Parse(await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
        return json.RootElement.GetProperty("status").GetString() == "success"
            ? json.RootElement.GetProperty("data").Clone()
            : throw new InvalidOperationException($"{question}: {json.RootElement.GetProperty("error").GetString()}");
    }
}
