using System.Collections.Concurrent;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Pipeline.Tests.Egress;

namespace Pipeline.Tests.Hosting.Traces;

/// <summary>An OTLP collector over HTTP that keeps what it is sent.</summary>
sealed class Collector
{
    readonly ConcurrentQueue<(string Path, string Authorization, string Body)> _heard = new();

    public string Url { get; private set; } = "";

    public static async Task HearAsync(Func<Collector, Task> story)
    {
        var collector = new Collector();
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().UseUrls("http://127.0.0.1:0");
        await using var app = builder.Build();
        app.Run(collector.TakeAsync);
        await app.StartAsync(TestContext.Current.CancellationToken);
        collector.Url = app.Urls.First();
        await story(collector);
    }

    /// <summary>The first request for that path. Strings in Protobuf are as they are in UTF-8, so the body is given as if it were text.</summary>
    public async Task<(string Path, string Authorization, string Body)> ExpectAsync(string path)
    {
        await EgressRig.UntilAsync(() => _heard.Any(request => request.Path == path));
        return _heard.First(request => request.Path == path);
    }

    async Task TakeAsync(HttpContext context)
    {
        using var body = new MemoryStream();
        await context.Request.Body.CopyToAsync(body);
        _heard.Enqueue((context.Request.Path, context.Request.Headers.Authorization.ToString(), Encoding.Latin1.GetString(body.ToArray())));
    }
}
