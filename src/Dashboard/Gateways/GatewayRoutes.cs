using System.Text.Json.Nodes;
using Contracts.Configuration;
using Dashboard.Clients;
using Dashboard.Http;
using Hosting.Configuration;

namespace Dashboard.Gateways;

/// <summary>The gateway as a whole: its state and its settings.</summary>
sealed class GatewayRoutes(Lwm2mSettings settings, ListenerView listeners, InstanceTable instances, ClientTable clients)
{
    // What GET shows and PUT cannot change, so that one can be sent back to the other.
    static readonly string[] Shown =
        ["name", "status", "created_at", "started_at", "stopped_at", "current_connections", "max_connections", "node_status", "listeners", "authentication"];

    static readonly (int, string)[] Changes =
    [
        (204, "In force at every live process."), (400, "A key is wrong, or needs a restart."), (500, "A process cannot take it."),
        (504, "Written, and not yet in force everywhere."),
    ];

    public IEnumerable<ApiRoute> Routes =>
    [
        new("GET", "gateways", "The gateways: this one.", ListAsync)
        {
            Parameters = [new("status", ApiParameterKind.Text, "Only those in this state.") { Choices = ["running", "stopped", "unloaded"] }],
            Answers = [(200, "A list.")],
        },
        new("GET", "gateways/lwm2m", "Settings and state.", _ => Task.FromResult(ApiAnswer.Json(200, Gateway())))
        {
            Answers = [(200, "The keys of gateway.lwm2m.")],
        },
        new("PUT", "gateways/lwm2m", "Change settings. Listeners and authentication have paths of their own and are passed over.", PutAsync)
        {
            BodyExample = """{"lifetime_max":"86400s"}""",
            Answers = Changes,
        },
        new("PUT", "gateways/lwm2m/enable/{enable}", "Open or close the listeners.", EnableAsync)
        {
            Parameters = [new("enable", ApiParameterKind.Flag, "Whether they are open.") { InPath = true, Required = true, Example = "true" }],
            Answers = Changes,
        },
    ];

    Task<ApiAnswer> ListAsync(ApiRequest request)
    {
        var summary = Summary(settings.Current);
        var wanted = request.TextOrNull("status");
        return Task.FromResult(ApiAnswer.Json(200, wanted is null || wanted == (string)summary["status"]! ? new JsonArray(summary) : []));
    }

    async Task<ApiAnswer> PutAsync(ApiRequest request)
    {
        var change = request.Body.DeepClone().AsObject();
        foreach (var name in Shown)
            change.Remove(name);
        return await settings.ChangeAsync(
            wanted =>
            {
                Lwm2mSettings.Merge(wanted, change);
                return null;
            },
            request.Aborted) ?? ApiAnswer.NoContent;
    }

    async Task<ApiAnswer> EnableAsync(ApiRequest request) =>
        await settings.ChangeAsync(
            wanted =>
            {
                wanted["enable"] = request.Flag("enable");
                return null;
            },
            request.Aborted) ?? ApiAnswer.NoContent;

    JsonObject Gateway()
    {
        var options = settings.Current;
        var json = new JsonObject { ["name"] = "lwm2m" };
        foreach (var (name, value) in Summary(options))
            json[name] = value?.DeepClone();
        foreach (var (name, value) in ConfigurationJson.Of(options))
            json[name] = value?.DeepClone();
        json["listeners"] = new JsonArray([.. listeners.All()]);
        return json;
    }

    JsonObject Summary(Lwm2mOptions options)
    {
        var nodes = instances.Alive().Where(i => i.Service == "ingress").ToList();
        var status = options.Enable && nodes.Count > 0 ? "running" : "stopped";
        var all = options.Listeners.Udp.Values.Cast<ListenerOptions>().Concat(options.Listeners.Dtls.Values).Where(l => l.Enable).ToList();
        var most = all.Sum(l => (long)l.MaxConnections);
        var summary = new JsonObject { ["name"] = "lwm2m", ["status"] = status };
        if (nodes.Count > 0)
        {
            var started = ClientJson.TimeOf(nodes.Min(n => n.StartedMs));
            (summary["created_at"], summary["started_at"]) = (started, started);
        }

        summary["max_connections"] = all.Exists(l => l.MaxConnections == int.MaxValue) ? "infinity" : most;
        summary["current_connections"] = clients.Count;
        summary["listeners"] = new JsonArray([.. listeners.All().Select(Brief)]);
        summary["node_status"] = new JsonArray([.. nodes.Select(n => new JsonObject { ["node"] = n.Name, ["status"] = status })]);
        return summary;
    }

    static JsonObject Brief(JsonObject listener)
    {
        var brief = new JsonObject();
        foreach (var name in new[] { "id", "name", "type", "running" })
            brief[name] = listener[name]?.DeepClone();
        return brief;
    }
}
