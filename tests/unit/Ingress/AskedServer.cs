using System.Collections.Concurrent;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

namespace Pipeline.Tests.Ingress;

/// <summary>An HTTP server that is asked about devices, on a port that the system gives.</summary>
sealed class AskedServer : IAsyncDisposable
{
    readonly WebApplication _app;

    AskedServer(WebApplication app) => _app = app;

    public sealed record Request(string Method, string Target, string Body, string? ContentType, string? Tenant);

    public ConcurrentQueue<Request> Requests { get; } = new();

    /// <summary>What is answered: status, content type, body.</summary>
    public Func<Request, (int Status, string Type, string Body)> Answer { get; set; } = _ => (204, "", "");

    /// <summary>Done before the answer.</summary>
    public Func<Task> Hesitation { get; set; } = () => Task.CompletedTask;

    public string Url { get; private set; } = "";

    public static async Task<AskedServer> StartAsync()
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().UseUrls("http://127.0.0.1:0");
        var server = new AskedServer(builder.Build());
        server._app.Run(server.ServeAsync);
        await server._app.StartAsync();
        server.Url = server._app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Single();
        return server;
    }

    public void Say(string json) => Answer = _ => (200, "application/json", json);

    public async ValueTask DisposeAsync()
    {
        // Requests that hang must not hold up the end of a test.
        await _app.StopAsync(new CancellationToken(canceled: true));
        await _app.DisposeAsync();
    }

    async Task ServeAsync(HttpContext http)
    {
        using var reader = new StreamReader(http.Request.Body);
        var request = new Request(
            http.Request.Method, http.Request.Path.ToUriComponent() + http.Request.QueryString.ToUriComponent(), await reader.ReadToEndAsync(), http.Request.ContentType, http.Request.Headers["X-Tenant"]);
        Requests.Enqueue(request);
        await Hesitation();
        var (status, type, body) = Answer(request);
        http.Response.StatusCode = status;
        if (type.Length == 0)
            return;
        http.Response.ContentType = type;
        await http.Response.WriteAsync(body);
    }
}
