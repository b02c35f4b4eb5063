using System.Text.Json.Nodes;
using Contracts;
using Dashboard.Clients;
using Dashboard.Http;
using Hosting;

namespace Dashboard.Gateways;

/// <summary>
/// Whose datagrams are recorded: what the configuration says, and for a while what is wished here. There is one wish, and the newest counts; it ends by itself
/// wherever it was taken.
/// </summary>
sealed class CaptureRoutes(LiveConfiguration live, ConfigTable table, ConfigWriter writer, TimeProvider time)
{
    /// <summary>s.</summary>
    public const int LongestTime = 86_400;

    const string Path = "gateways/lwm2m/capture";
    const string Service = "ingress";

    static readonly (int, string) Unheard = (504, "Written, and not yet in force at every ingress.");

    public IEnumerable<ApiRoute> Routes =>
    [
        new("GET", Path, "Whose datagrams are recorded on the topic capture.", _ => Task.FromResult(Show())) { Answers = [(200, "The wish in force, and ingress.capture.")] },
        new("PUT", Path, "Record datagrams of endpoints, or all, for a while; takes the place of an earlier wish.", PutAsync)
        {
            BodyExample = """{"endpoints":["meter-*"],"seconds":600}""",
            Answers = [(200, "Recorded from now on."), (400, "No endpoints, or no such time."), Unheard],
        },
        new("DELETE", Path, "No longer record what was wished.", request => WriteAsync(null, ApiAnswer.NoContent, request.Aborted)) { Answers = [(204, "Ended."), Unheard] },
    ];

    async Task<ApiAnswer> PutAsync(ApiRequest request)
    {
        if (!TryReadEndpoints(request.Body["endpoints"], out var endpoints))
        {
            return ApiAnswer.BadRequest(
                $"endpoints must be a list of 1 to {CaptureWish.MostEndpoints} names of at most {CaptureWish.LongestEndpoint} characters, with * and ?, or [\"{CaptureWish.All}\"]");
        }

        if (request.Body["seconds"] is not JsonValue given || !given.TryGetValue<int>(out var seconds) || seconds is < 1 or > LongestTime)
            return ApiAnswer.BadRequest($"seconds must be a number from 1 to {LongestTime}");
        var wish = new CaptureWish { Endpoints = endpoints, UntilMs = time.GetUtcNow().AddSeconds(seconds).ToUnixTimeMilliseconds() };
        return await WriteAsync(wish, Show(wish), request.Aborted);
    }

    async Task<ApiAnswer> WriteAsync(CaptureWish? wish, ApiAnswer done, CancellationToken aborted)
    {
        using var turn = await writer.BeginAsync(aborted);
        return await writer.WriteAsync(CaptureWish.Key, wish?.ToJson(), Service, aborted) ?? done;
    }

    ApiAnswer Show() => Show(table.Capture is { } wish && wish.UntilMs > time.GetUtcNow().ToUnixTimeMilliseconds() ? wish : null);

    ApiAnswer Show(CaptureWish? wish)
    {
        var shown = new JsonObject { ["configured"] = ListOf(live.Current.Ingress.Capture), ["endpoints"] = ListOf(wish?.Endpoints ?? []) };
        if (wish is not null)
            shown["until"] = ClientJson.TimeOf(wish.UntilMs);
        return ApiAnswer.Json(200, shown);
    }

    static bool TryReadEndpoints(JsonNode? node, out List<string> endpoints)
    {
        endpoints = [];
        if (node is not JsonArray { Count: > 0 and <= CaptureWish.MostEndpoints } list)
            return false;
        foreach (var item in list)
            endpoints.Add(item is JsonValue value && value.TryGetValue<string>(out var name) ? name : "");
        return CaptureWish.AreSound(endpoints) && !endpoints.Contains(CaptureWish.Off);
    }

    static JsonArray ListOf(IEnumerable<string> names) => new([.. names.Select(name => JsonValue.Create(name))]);
}
