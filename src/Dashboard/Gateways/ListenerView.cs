using System.Text.Json.Nodes;
using Contracts.Configuration;
using Dashboard.Clients;
using Hosting.Configuration;

namespace Dashboard.Gateways;

/// <summary>The listeners as EMQX's API shows them.</summary>
sealed class ListenerView(Lwm2mSettings settings, InstanceTable instances, ClientTable clients)
{
    /// <summary>In the order of the configuration, UDP first.</summary>
    public IReadOnlyList<JsonObject> All()
    {
        var options = settings.Current;
        var counts = clients.CountByListener();
        var nodes = instances.Alive().Where(i => i.Service == "ingress").Select(i => i.Name).ToList();
        return
        [
            .. options.Listeners.Udp.Select(l => Of(new ListenerName("udp", l.Key), l.Value, options, counts, nodes)),
            .. options.Listeners.Dtls.Select(l => Of(new ListenerName("dtls", l.Key), l.Value, options, counts, nodes)),
        ];
    }

    public JsonObject? Find(ListenerName name) => All().FirstOrDefault(l => (string)l["id"]! == name.Id);

    static JsonObject Of(ListenerName name, ListenerOptions listener, Lwm2mOptions options, Dictionary<string, int> counts, List<string> nodes)
    {
        var connections = counts.GetValueOrDefault(name.Short);
        var isRunning = options.Enable && listener.Enable && nodes.Count > 0;
        var json = new JsonObject { ["id"] = name.Id, ["type"] = name.Type, ["name"] = name.Name, ["running"] = isRunning };
        foreach (var (key, value) in ConfigurationJson.Of(listener))
            json[key] = value?.DeepClone();
        json["status"] = Status(isRunning, connections, json["max_connections"]);
        json["node_status"] = new JsonArray(
            [.. nodes.Select(node => (JsonNode)new JsonObject { ["node"] = node, ["status"] = Status(isRunning, null, json["max_connections"]) })]);
        return json;
    }

    // Which replica has how many of a listener's peers is not counted here.
    static JsonObject Status(bool isRunning, int? connections, JsonNode? most)
    {
        var status = new JsonObject { ["running"] = isRunning, ["max_connections"] = most?.DeepClone() };
        if (connections is { } count)
            status["current_connections"] = count;
        return status;
    }
}
