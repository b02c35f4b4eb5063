using System.Text.Json;
using Hosting.Metrics;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace Hosting;

/// <summary>The three paths that every service answers, without a key.</summary>
internal static class HostDoors
{
    public static void Map(WebApplication app)
    {
        app.MapGet("/healthz", WriteHealth);
        app.MapGet("/readyz", WriteReadiness);
        app.MapGet("/metrics", context =>
        {
            context.Response.ContentType = "text/plain; version=0.0.4; charset=utf-8";
            return context.Response.WriteAsync(context.RequestServices.GetRequiredService<HostMetrics>().Write(), context.RequestAborted);
        });
    }

    /// <summary>
    /// What only a new process can mend, one part a line; empty while the process can go on. Whether it can work now is what
    /// <c>/readyz</c> says. A process in trouble ends itself; this is for the case that its end does not come.
    /// </summary>
    public static IReadOnlyList<string> Troubles(IServiceProvider services) =>
    [
        .. services.GetServices<ILiveness>().Where(part => part.Trouble is not null).Select(part => $"{part.Name}: {part.Trouble}"),
        .. services.GetServices<IHostedService>().OfType<BackgroundService>()
            .Where(service => service.ExecuteTask is { IsFaulted: true })
            .Select(service => $"{service.GetType().Name}: {service.ExecuteTask!.Exception!.GetBaseException().Message}"),
    ];

    static Task WriteHealth(HttpContext context)
    {
        var troubles = Troubles(context.RequestServices);
        context.Response.StatusCode = troubles.Count == 0 ? StatusCodes.Status200OK : StatusCodes.Status503ServiceUnavailable;
        return context.Response.WriteAsync(troubles.Count == 0 ? "ok\n" : string.Concat(troubles.Select(trouble => trouble + "\n")));
    }

    static async Task WriteReadiness(HttpContext context)
    {
        var waiting = context.RequestServices.GetServices<IReadiness>()
            .Where(r => !r.Ready)
            .ToDictionary(r => r.Name, r => r.Reason ?? "not ready");
        context.Response.StatusCode = waiting.Count == 0 ? StatusCodes.Status200OK : StatusCodes.Status503ServiceUnavailable;
        context.Response.ContentType = "application/json";
        await using var json = new Utf8JsonWriter(context.Response.BodyWriter);
        json.WriteStartObject();
        json.WriteBoolean("ready", waiting.Count == 0);
        json.WriteStartArray("waiting");
        foreach (var (name, reason) in waiting)
        {
            json.WriteStartObject();
            json.WriteString("name", name);
            json.WriteString("reason", reason);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteEndObject();
    }
}
