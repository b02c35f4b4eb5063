using System.Text.Json.Nodes;
using Contracts;
using Dashboard.Clients;
using Dashboard.Http;
using Hosting;

namespace Dashboard.Gateways;

/// <summary>
/// Endpoints of which something is wanted: those of the configuration, and for a while those that are wished here. There is one wish of each kind, and the
/// newest counts; it ends by itself wherever it was taken.
/// </summary>
sealed class WishRoutes(WishKind kind, LiveConfiguration live, ConfigTable table, ConfigWriter writer, TimeProvider time)
{
    /// <summary>s.</summary>
    public const int LongestTime = 86_400;

    static readonly (int, string) Unheard = (504, "Written, and not yet in force everywhere.");

    public IEnumerable<ApiRoute> Routes =>
    [
        new("GET", kind.Path, kind.Shown, _ => Task.FromResult(Show())) { Answers = [(200, $"The wish in force, and {kind.ConfiguredBy}.")] },
        new("PUT", kind.Path, kind.Wished, PutAsync)
        {
            BodyExample = """{"endpoints":["meter-*"],"seconds":600}""",
            Answers = [(200, "From now on."), (400, "No endpoints, or no such time."), Unheard],
        },
        new("DELETE", kind.Path, kind.Ended, request => WriteAsync(null, ApiAnswer.NoContent, request.Aborted)) { Answers = [(204, "Ended."), Unheard] },
    ];

    async Task<ApiAnswer> PutAsync(ApiRequest request)
    {
        if (!TryReadEndpoints(request.Body["endpoints"], out var endpoints))
        {
            return ApiAnswer.BadRequest(
                $"endpoints must be a list of 1 to {EndpointWish.MostEndpoints} names of at most {EndpointWish.LongestEndpoint} characters, with * and ?, or [\"{CaptureWish.All}\"]");
        }

        if (request.Body["seconds"] is not JsonValue given || !given.TryGetValue<int>(out var seconds) || seconds is < 1 or > LongestTime)
            return ApiAnswer.BadRequest($"seconds must be a number from 1 to {LongestTime}");
        var wish = new EndpointWish { Endpoints = endpoints, UntilMs = time.GetUtcNow().AddSeconds(seconds).ToUnixTimeMilliseconds() };
        return await WriteAsync(wish, Show(wish), request.Aborted);
    }

    async Task<ApiAnswer> WriteAsync(EndpointWish? wish, ApiAnswer done, CancellationToken aborted)
    {
        using var turn = await writer.BeginAsync(aborted);
        return await writer.WriteAsync(kind.Key, wish?.ToJson(), kind.Service, aborted) ?? done;
    }

    ApiAnswer Show() => Show(table.WishOf(kind.Key) is { } wish && wish.UntilMs > time.GetUtcNow().ToUnixTimeMilliseconds() ? wish : null);

    ApiAnswer Show(EndpointWish? wish)
    {
        var shown = new JsonObject { ["configured"] = ListOf(kind.Configured(live.Current)), ["endpoints"] = ListOf(wish?.Endpoints ?? []) };
        if (wish is not null)
            shown["until"] = ClientJson.TimeOf(wish.UntilMs);
        return ApiAnswer.Json(200, shown);
    }

    static bool TryReadEndpoints(JsonNode? node, out List<string> endpoints)
    {
        endpoints = [];
        if (node is not JsonArray { Count: > 0 and <= EndpointWish.MostEndpoints } list)
            return false;
        foreach (var item in list)
            endpoints.Add(item is JsonValue value && value.TryGetValue<string>(out var name) ? name : "");
        return EndpointWish.AreSound(endpoints) && !endpoints.Contains(CaptureWish.Off);
    }

    static JsonArray ListOf(IEnumerable<string> names) => new([.. names.Select(name => JsonValue.Create(name))]);
}
