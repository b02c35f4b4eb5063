using System.Text.Json;
using Hosting.Metrics;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

namespace Hosting;

/// <summary>The three paths that every service answers, without a key.</summary>
internal static class HostDoors
{
    public static void Map(WebApplication app)
    {
        // Alive means: it answers. Whether it can work is what /readyz says.
        app.MapGet("/healthz", context => context.Response.WriteAsync("ok\n"));
        app.MapGet("/readyz", WriteReadiness);
        app.MapGet("/metrics", context =>
        {
            context.Response.ContentType = "text/plain; version=0.0.4; charset=utf-8";
            return context.Response.WriteAsync(context.RequestServices.GetRequiredService<HostMetrics>().Write(), context.RequestAborted);
        });
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
