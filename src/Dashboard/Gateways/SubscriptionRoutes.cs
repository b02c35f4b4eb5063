using System.Text;
using System.Text.Json.Nodes;
using Contracts;
using Dashboard.Clients;
using Dashboard.Http;
using Messaging;

namespace Dashboard.Gateways;

/// <summary>MQTT topics that commands for a client are taken from: the gateway's own, and more below the client's mountpoint.</summary>
sealed class SubscriptionRoutes(
    ClientFinder finder, ClientMountpoints mountpoints, Lwm2mSettings settings, ConfigTable table, ConfigWriter writer, LogReader reader, Topics topics)
{
    /// <summary>Of one client, beside the gateway's own.</summary>
    public const int Most = 20;

    static readonly TimeSpan ReadBound = TimeSpan.FromSeconds(1);
    static readonly (int, string) Unknown = (404, "There is no such client or subscription.");

    public IEnumerable<ApiRoute> Routes =>
    [
        new("GET", "gateways/lwm2m/clients/{clientid}/subscriptions", "Topics that commands are taken from.", ListAsync)
        {
            Parameters = [ClientParameter.Id],
            Answers = [(200, "A list."), Unknown],
        },
        new("POST", "gateways/lwm2m/clients/{clientid}/subscriptions", "Take commands from one more topic, below the mountpoint.", AddAsync)
        {
            Parameters = [ClientParameter.Id],
            BodyExample = """{"topic":"more/#","qos":1}""",
            Answers = [(201, "Commands are taken from it."), (400, "No topic filter."), Unknown, (504, "Written, and not yet in force.")],
        },
        new("DELETE", "gateways/lwm2m/clients/{clientid}/subscriptions/{topic*}", "No longer take commands from a topic, without mountpoint.", RemoveAsync)
        {
            Parameters =
            [
                ClientParameter.Id,
                new("topic", ApiParameterKind.Text, "Topic, percent-encoded.") { InPath = true, Required = true, Example = "more/#" },
            ],
            Answers = [(204, "Taken away."), (400, "It is the gateway's own."), Unknown],
        },
    ];

    async Task<ApiAnswer> ListAsync(ApiRequest request)
    {
        var (client, problem) = await finder.FindAsync(request.Text("clientid"), ApiError.ResourceNotFound);
        if (client is null)
            return problem!;
        var mountpoint = mountpoints.Of(client);
        var own = settings.Current.Translators.Command;
        return ApiAnswer.Json(200, new JsonArray(
            [Show(mountpoint + own.Topic, own.Qos), .. table.TopicsOf(client.Client.Clientid).Select(s => Show(mountpoint + s.Topic, s.Qos))]));
    }

    async Task<ApiAnswer> AddAsync(ApiRequest request)
    {
        var topic = request.Body["topic"] is JsonValue named && named.TryGetValue<string>(out var text) ? text : "";
        if (!IsFilter(topic))
            return ApiAnswer.BadRequest($"topic = \"{topic}\" must be an MQTT topic filter");
        var qos = 0;
        if (request.Body["qos"] is { } given && !(given is JsonValue value && value.TryGetValue(out qos) && qos is >= 0 and <= 2))
            return ApiAnswer.BadRequest("qos must be 0, 1 or 2");
        var (client, problem) = await finder.FindAsync(request.Text("clientid"), ApiError.ResourceNotFound);
        if (client is null)
            return problem!;
        if (topic == settings.Current.Translators.Command.Topic)
            return ApiAnswer.BadRequest($"commands are taken from {topic} anyway");
        return await ChangeAsync(
            client,
            list => list.Count(s => s.Topic != topic) >= Most
                ? ApiAnswer.BadRequest($"a client has at most {Most} topics of its own")
                : Replaced(list, topic, qos),
            request.Aborted) ?? ApiAnswer.Json(201, Show(mountpoints.Of(client) + topic, qos));

        static ApiAnswer? Replaced(List<ExtraTopic> list, string topic, int qos)
        {
            list.RemoveAll(s => s.Topic == topic);
            list.Add(new ExtraTopic(topic, qos));
            return null;
        }
    }

    async Task<ApiAnswer> RemoveAsync(ApiRequest request)
    {
        var (client, problem) = await finder.FindAsync(request.Text("clientid"), ApiError.ResourceNotFound);
        if (client is null)
            return problem!;
        var topic = request.Text("topic");
        if (topic == settings.Current.Translators.Command.Topic)
            return ApiAnswer.BadRequest($"{topic} is the gateway's own, of all clients: gateway.lwm2m.translators.command");
        return await ChangeAsync(
            client,
            list => list.RemoveAll(s => s.Topic == topic) > 0 ? null : ApiAnswer.NotFound(ApiError.ResourceNotFound, "Resource not found"),
            request.Aborted) ?? ApiAnswer.NoContent;
    }

    async Task<ApiAnswer?> ChangeAsync(RegistrationRecord client, Func<List<ExtraTopic>, ApiAnswer?> change, CancellationToken aborted)
    {
        using var turn = await writer.BeginAsync(aborted);
        if (!await reader.CatchUpAsync(topics.Config, 0, ReadBound))
            return ApiAnswer.Unavailable("the earlier changes cannot be read now");
        var list = table.TopicsOf(client.Client.Clientid).ToList();
        if (change(list) is { } refused)
            return refused;
        var value = list.Count == 0 ? null : new ExtraTopics { Topics = list }.ToJson();
        return await writer.WriteAsync(ExtraTopics.KeyPrefix + client.Client.Clientid, value, "egress", aborted);
    }

    // MQTT 5 section 4.7.1.
    static bool IsFilter(string topic)
    {
        var levels = topic.Split('/');
        return topic.Length > 0 && Encoding.UTF8.GetByteCount(topic) <= 4096 && !topic.Any(char.IsControl)
            && levels.Index().All(l => l.Item is "+" || (l.Item is "#" && l.Index == levels.Length - 1) || l.Item.AsSpan().IndexOfAny('+', '#') < 0);
    }

    static JsonObject Show(string topic, int qos) => new() { ["topic"] = topic, ["qos"] = qos, ["nl"] = 0, ["rap"] = 0, ["rh"] = 1 };
}
