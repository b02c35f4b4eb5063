using System.Text.Json.Nodes;
using Pipeline.IntegrationTests.Devices;
using Pipeline.IntegrationTests.Gateways;

namespace Pipeline.IntegrationTests.Dashboard;

/// <summary>The document that describes the API, held against the API. What it changes is its own gateway's.</summary>
public sealed class DocumentTests(DashboardFixture gateway) : IClassFixture<DashboardFixture>
{
    Api Api => gateway.Api;

    [Fact]
    public async Task Every_path_of_the_document_can_be_called_as_it_says()
    {
        var document = JsonNode.Parse((await Api.GetAsync("/api/v5/openapi.json")).Expect(200).Text)!;
        var called = 0;
        foreach (var (path, item) in document["paths"]!.AsObject())
        {
            foreach (var (method, operation) in item!.AsObject())
            {
                using var device = new BareDevice(gateway.Coap); // silent: commands stay with it
                await device.RegisterAsync();
                var answer = await CallAsync(device.Endpoint, path, method, operation!);
                Assert.True(answer.Status is not (404 or 405 or >= 500), $"{method} {path}: {answer.Status} {answer.Text}");
                Assert.True(operation!["responses"]![$"{answer.Status}"] is not null, $"{method} {path}: {answer.Status} is not in the document");
                called++;
            }
        }

        Assert.True(called >= 30, $"{called} operations");
    }

    async Task<Answer> CallAsync(string clientId, string path, string method, JsonNode operation)
    {
        var query = new List<string>();
        path = path.Replace("{clientid}", clientId, StringComparison.Ordinal);
        foreach (var parameter in operation["parameters"]!.AsArray())
        {
            var (name, example) = ((string)parameter!["name"]!, (string?)parameter["example"] ?? "");
            if ((string)parameter["in"]! == "path" && name == "command_id")
                example = (await HeldCommandAsync(clientId)).CommandId;
            if ((string)parameter["in"]! == "path" && example.StartsWith("lwm2m:udp:", StringComparison.Ordinal))
                example = await ListenerAsync();
            if ((string)parameter["in"]! == "path")
                path = path.Replace($"{{{name}}}", Uri.EscapeDataString(example), StringComparison.Ordinal);
            else if ((bool)parameter["required"]! || example.Length > 0)
                query.Add($"{name}={Uri.EscapeDataString(example)}");
        }

        if (path.EndsWith("/subscriptions/" + Uri.EscapeDataString("more/#"), StringComparison.Ordinal))
            (await Api.PostAsync(Api.Client(clientId, "/subscriptions"), """{"topic":"more/#"}""")).Expect(201);
        var url = "/api/v5" + path + (query.Count > 0 ? "?" + string.Join('&', query) : "");
        if (path.EndsWith("/events", StringComparison.Ordinal))
        {
            using var stream = await EventReader.OpenAsync(Api, url);
            return new Answer(200, "", "");
        }

        var body = operation["requestBody"]?["content"]!["application/json"]!["example"]!.ToJsonString();
        return await Api.SendAsync(new HttpMethod(method.ToUpperInvariant()), url, body);
    }

    // One that may be changed and deleted.
    async Task<string> ListenerAsync()
    {
        var answer = await Api.PostAsync(Api.Lwm2m + "/listeners", """{"type":"udp","name":"walked","bind":"127.0.0.1:0"}""");
        Assert.True(answer.Status is 201 || answer.Text.Contains("already", StringComparison.Ordinal), answer.Text);
        return "lwm2m:udp:walked";
    }

    // The device has the first, so the second waits and can be cancelled.
    async Task<Answer> HeldCommandAsync(string clientId)
    {
        await Api.PostAsync(Api.Client(clientId, "/read?path=/3/0/1"));
        var held = await Api.PostAsync(Api.Client(clientId, "/read?path=/3/0/2"));
        await Eventually.TrueAsync(
            async () => (await Api.GetAsync(Api.Client(clientId, "/queue"))).Text.Contains(held.CommandId, StringComparison.Ordinal),
            TimeSpan.FromSeconds(10), () => held.CommandId);
        return held;
    }
}
