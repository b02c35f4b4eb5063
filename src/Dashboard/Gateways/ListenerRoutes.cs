using System.Text.Json.Nodes;
using Dashboard.Http;

namespace Dashboard.Gateways;

/// <summary>
/// Listeners. Those keys of them that can change while running are changed; the others need the file and a restart, and the answer says so.
/// </summary>
sealed class ListenerRoutes(Lwm2mSettings settings, ListenerView listeners)
{
    // What GET shows and nobody can set.
    static readonly string[] Shown = ["id", "type", "name", "running", "status", "node_status"];

    static readonly ApiParameter Id =
        new("id", ApiParameterKind.Text, "lwm2m:udp:NAME or lwm2m:dtls:NAME.") { InPath = true, Required = true, Example = "lwm2m:udp:default" };

    static readonly (int, string) Unknown = (404, "There is no such listener.");
    static readonly (int, string) Refused = (400, "A key is wrong, or needs a restart.");

    public IEnumerable<ApiRoute> Routes =>
    [
        new("GET", "gateways/lwm2m/listeners", "Listeners.", _ => Task.FromResult(ApiAnswer.Json(200, new JsonArray([.. listeners.All()]))))
        {
            Answers = [(200, "A list.")],
        },
        new("POST", "gateways/lwm2m/listeners", "Add a listener.", AddAsync)
        {
            BodyExample = """{"type":"udp","name":"other","bind":"5785"}""",
            Answers = [(201, "Added."), Refused],
        },
        new("GET", "gateways/lwm2m/listeners/{id}", "One listener.", Get) { Parameters = [Id], Answers = [(200, "The listener."), Unknown] },
        new("PUT", "gateways/lwm2m/listeners/{id}", "Change a listener.", PutAsync)
        {
            Parameters = [Id],
            BodyExample = """{"type":"udp","name":"default"}""",
            Answers = [(200, "In force."), Refused, Unknown],
        },
        new("DELETE", "gateways/lwm2m/listeners/{id}", "Take a listener away.", DeleteAsync)
        {
            Parameters = [Id],
            Answers = [(204, "Gone."), Refused, Unknown],
        },
    ];

    Task<ApiAnswer> Get(ApiRequest request) =>
        Task.FromResult(Find(request) is { } name ? ApiAnswer.Json(200, listeners.Find(name)!) : NotFound(request));

    async Task<ApiAnswer> AddAsync(ApiRequest request)
    {
        var (type, name) = (Text(request.Body, "type"), Text(request.Body, "name"));
        if (type is null || name is null || !ListenerName.TryParse($"{type}:{name}", out var listener))
            return ApiAnswer.BadRequest($"type must be one of {string.Join(", ", ListenerName.Types)}, and name a text");
        if (listeners.Find(listener.Value) is not null)
            return ApiAnswer.BadRequest($"there is a listener {listener.Value.Id} already");
        return await ChangeAsync(request, listener.Value) ?? ApiAnswer.Json(201, listeners.Find(listener.Value) ?? request.Body);
    }

    async Task<ApiAnswer> PutAsync(ApiRequest request)
    {
        if (Find(request) is not { } listener)
            return NotFound(request);
        if (Text(request.Body, "type") is { } type && type != listener.Type || Text(request.Body, "name") is { } name && name != listener.Name)
            return ApiAnswer.BadRequest("type and name of a listener stay as they are");
        return await ChangeAsync(request, listener) ?? ApiAnswer.Json(200, listeners.Find(listener)!);
    }

    async Task<ApiAnswer> DeleteAsync(ApiRequest request)
    {
        if (Find(request) is not { } listener)
            return NotFound(request);
        return await settings.ChangeAsync(
            wanted =>
            {
                Lwm2mSettings.At(wanted, "listeners", listener.Type)[listener.Name] = null;
                return null;
            },
            request.Aborted) ?? ApiAnswer.NoContent;
    }

    Task<ApiAnswer?> ChangeAsync(ApiRequest request, ListenerName listener)
    {
        var change = request.Body.DeepClone().AsObject();
        foreach (var name in Shown)
            change.Remove(name);
        return settings.ChangeAsync(
            wanted =>
            {
                Lwm2mSettings.Merge(Lwm2mSettings.At(wanted, "listeners", listener.Type, listener.Name), change);
                return null;
            },
            request.Aborted);
    }

    ListenerName? Find(ApiRequest request) =>
        ListenerName.TryParse(request.Text("id"), out var name) && listeners.Find(name.Value) is not null ? name : null;

    static ApiAnswer NotFound(ApiRequest request) => ApiAnswer.NotFound(ApiError.ResourceNotFound, $"there is no listener {request.Text("id")}");

    static string? Text(JsonObject body, string name) => body[name] is JsonValue value && value.TryGetValue<string>(out var text) ? text : null;
}
