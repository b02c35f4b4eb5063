using System.Diagnostics;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Logging;

namespace Dashboard.Http;

/// <summary>
/// Everything below <c>/api</c>: who asks, which route it is, whether the parameters are right. Paths are split before they are
/// decoded, so that a client id may hold a slash.
/// </summary>
sealed partial class ApiDoor(
    ApiKeys keys, IReadOnlyList<ApiRoute> routes, Func<string?> trouble, DashboardTelemetry telemetry, ILogger<ApiDoor> logger)
{
    /// <summary>What all paths begin with.</summary>
    public const string Prefix = "/api/v5";

    public IReadOnlyList<ApiRoute> Routes => routes;

    public async Task HandleAsync(HttpContext context)
    {
        var started = Stopwatch.GetTimestamp();
        var route = "none";
        var status = 499;
        try
        {
            var answer = keys.Refuse(context);
            if (answer is null)
                (answer, route) = await RouteAsync(context);
            status = answer.Status;
            await answer.WriteAsync(context);
        }
        catch (OperationCanceledException) when (context.RequestAborted.IsCancellationRequested)
        {
            // Whoever asked has gone.
        }
        catch (BadHttpRequestException malformed)
        {
            status = malformed.StatusCode;
            await FailAsync(context, ApiAnswer.Error(status, ApiError.BadRequest, malformed.Message));
        }
#pragma warning disable CA1031 // a bug in one handler must show, and end nothing else
        catch (Exception exception)
#pragma warning restore CA1031
        {
            status = StatusCodes.Status500InternalServerError;
            LogFailed(exception, context.Request.Method, route);
            await FailAsync(context, ApiAnswer.Error(status, ApiError.Internal, "this is a fault of the gateway; its log says more"));
        }
        finally
        {
            telemetry.Answered(route, status, Stopwatch.GetElapsedTime(started));
        }
    }

    async Task<(ApiAnswer Answer, string Route)> RouteAsync(HttpContext context)
    {
        var segments = SegmentsOf(context);
        var methods = new List<string>();
        foreach (var route in routes)
        {
            if (route.Match(segments) is not { } path)
                continue;
            if (route.Method.Equals(context.Request.Method, StringComparison.OrdinalIgnoreCase))
                return (await AnswerAsync(context, route, path), $"{route.Method} {route.Path}");
            methods.Add(route.Method);
        }

        if (methods.Count == 0)
            return (ApiAnswer.NotFound(ApiError.NotFound, WhyNotFound(segments)), "none");
        var allowed = string.Join(", ", methods.Distinct());
        var answer = ApiAnswer.Error(StatusCodes.Status405MethodNotAllowed, ApiError.MethodNotAllowed, $"this path takes {allowed}");
        return (answer.With("Allow", allowed), "none");
    }

    async Task<ApiAnswer> AnswerAsync(HttpContext context, ApiRoute route, Dictionary<string, string> path)
    {
        var values = new Dictionary<string, object>();
        foreach (var parameter in route.Parameters)
        {
            var given = parameter.InPath ? path[parameter.Name] : null;
            if (!parameter.InPath && context.Request.Query.TryGetValue(parameter.Name, out var texts))
            {
                if (texts.Count > 1)
                    return ApiAnswer.BadRequest($"{parameter.Name} is given more than once");
                given = texts[0];
            }

            if (string.IsNullOrEmpty(given) && parameter.Required)
                return ApiAnswer.BadRequest($"{parameter.Name} is missing: {parameter.Doc}");
            if (given is null)
            {
                if (parameter.Default is { } value)
                    values[parameter.Name] = value;
            }
            else if (parameter.TryRead(given, out var read, out var problem))
            {
                values[parameter.Name] = read;
            }
            else
            {
                return ApiAnswer.BadRequest(problem);
            }
        }

        if (route.BodyExample is null)
            return await AnswerAsync(context, route, new ApiRequest(context, values, null));
        var (body, wrong) = await ApiBody.ReadAsync(context.Request);
        return wrong ?? await AnswerAsync(context, route, new ApiRequest(context, values, body));
    }

    async Task<ApiAnswer> AnswerAsync(HttpContext context, ApiRoute route, ApiRequest request) =>
        route.NeedsState && trouble() is { } reason
            ? ApiAnswer.Unavailable(reason).With("Retry-After", "1")
            : await route.Handle(request);

    static string[] SegmentsOf(HttpContext context)
    {
        var target = context.Features.Get<IHttpRequestFeature>()?.RawTarget ?? "";
        if (!target.StartsWith('/'))
            target = context.Request.Path.ToUriComponent();
        var end = target.IndexOf('?', StringComparison.Ordinal);
        var path = end < 0 ? target : target[..end];
        return path.StartsWith(Prefix + "/", StringComparison.Ordinal)
            ? [.. path[(Prefix.Length + 1)..].TrimEnd('/').Split('/').Select(Uri.UnescapeDataString)]
            : [];
    }

    static string WhyNotFound(string[] segments) =>
        segments is ["gateways", var name, ..] && name != "lwm2m"
            ? $"there is no gateway {name} here, only lwm2m"
            : $"there is no such path; {Prefix}/openapi.json lists them";

    static async Task FailAsync(HttpContext context, ApiAnswer answer)
    {
        if (context.Response.HasStarted)
            context.Abort();
        else
            await answer.WriteAsync(context);
    }

    [LoggerMessage(20, LogLevel.Error, "{Method} {Route} failed")]
    partial void LogFailed(Exception exception, string method, string route);
}
