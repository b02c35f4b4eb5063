using System.Text.Json.Nodes;
using Dashboard.Http;
using Hosting.Configuration;

namespace Dashboard.Gateways;

/// <summary>The authenticator of the gateway, and those of single listeners.</summary>
sealed class AuthenticationRoutes(Lwm2mSettings settings, ListenerView listeners)
{
    const string Key = "authentication";
    const string Example = """{"mechanism":"password_based","backend":"http","url":"http://127.0.0.1:8080/auth"}""";

    static readonly ApiParameter Id =
        new("id", ApiParameterKind.Text, "lwm2m:udp:NAME or lwm2m:dtls:NAME.") { InPath = true, Required = true, Example = "lwm2m:udp:default" };

    static readonly (int, string) None = (204, "There is none.");
    static readonly (int, string) Refused = (400, "A key is wrong, or needs a restart.");

    public IEnumerable<ApiRoute> Routes => [.. Of("gateways/lwm2m/authentication", []), .. Of("gateways/lwm2m/listeners/{id}/authentication", [Id])];

    IEnumerable<ApiRoute> Of(string path, ApiParameter[] parameters) =>
    [
        new("GET", path, "The authenticator.", GetAsync) { Parameters = parameters, Answers = [(200, "The authenticator."), None] },
        new("POST", path, "Set an authenticator.", request => SetAsync(request, 201))
        {
            Parameters = parameters,
            BodyExample = Example,
            Answers = [(201, "In force."), Refused],
        },
        new("PUT", path, "Change the authenticator.", request => SetAsync(request, 200))
        {
            Parameters = parameters,
            BodyExample = Example,
            Answers = [(200, "In force."), Refused],
        },
        new("DELETE", path, "Take the authenticator away.", DeleteAsync) { Parameters = parameters, Answers = [(204, "Gone."), Refused] },
    ];

    Task<ApiAnswer> GetAsync(ApiRequest request) => Task.FromResult(Show(request, 200));

    async Task<ApiAnswer> SetAsync(ApiRequest request, int status)
    {
        if (Show(request, status) is { Status: 404 } unknown)
            return unknown;
        return await settings.ChangeAsync(
            wanted =>
            {
                Lwm2mSettings.Merge(Lwm2mSettings.At(Parent(wanted, request), Key), request.Body);
                return null;
            },
            request.Aborted) ?? Show(request, status);
    }

    async Task<ApiAnswer> DeleteAsync(ApiRequest request)
    {
        var shown = Show(request, 200);
        if (shown.Status != 200)
            return shown;
        return await settings.ChangeAsync(
            wanted =>
            {
                Parent(wanted, request)[Key] = null;
                return null;
            },
            request.Aborted) ?? ApiAnswer.NoContent;
    }

    ApiAnswer Show(ApiRequest request, int status)
    {
        JsonObject? owner = null;
        if (!request.Has("id"))
            owner = ConfigurationJson.Of(settings.Current);
        else if (ListenerName.TryParse(request.Text("id"), out var name))
            owner = listeners.Find(name.Value);
        if (owner is null)
            return ApiAnswer.NotFound(ApiError.ResourceNotFound, $"there is no listener {request.Text("id")}");
        return owner[Key] is { } found ? ApiAnswer.Json(status, found) : ApiAnswer.NoContent;
    }

    static JsonObject Parent(JsonObject wanted, ApiRequest request) =>
        request.Has("id") && ListenerName.TryParse(request.Text("id"), out var name)
            ? Lwm2mSettings.At(wanted, "listeners", name.Value.Type, name.Value.Name)
            : wanted;
}
