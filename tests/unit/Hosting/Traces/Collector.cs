using System.Buffers.Binary;
using System.Collections.Concurrent;
using System.Net;
using System.Text;
using Contracts.Configuration;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Pipeline.Tests.Egress;

namespace Pipeline.Tests.Hosting.Traces;

/// <summary>An OTLP collector that keeps what it is sent: over HTTP/1.1, or gRPC on HTTP/2 without TLS (OTLP specification 1.x).</summary>
sealed class Collector
{
    const int FrameHeaderLength = 5;

    readonly ConcurrentQueue<(string Path, string Authorization, string Body)> _heard = new();
    readonly ConcurrentQueue<string> _problems = new();
    readonly bool _isGrpc;

    Collector(OtlpProtocol protocol) => _isGrpc = protocol == OtlpProtocol.Grpc;

    public string Url { get; private set; } = "";

    public static async Task HearAsync(OtlpProtocol protocol, Func<Collector, Task> story)
    {
        var collector = new Collector(protocol);
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel => kestrel.Listen(
            IPAddress.Loopback, 0, listener => listener.Protocols = collector._isGrpc ? HttpProtocols.Http2 : HttpProtocols.Http1));
        await using var app = builder.Build();
        app.Run(collector.TakeAsync);
        await app.StartAsync(TestContext.Current.CancellationToken);
        collector.Url = app.Urls.First();
        await story(collector);
        Assert.Empty(collector._problems);
    }

    /// <summary>The first request for "traces" or "metrics". Strings in Protobuf are as they are in UTF-8, so the body is given as if it were text.</summary>
    public async Task<(string Path, string Authorization, string Body)> ExpectAsync(string signal)
    {
        var path = (_isGrpc, signal) switch
        {
            (false, _) => "/v1/" + signal,
            (true, "traces") => "/opentelemetry.proto.collector.trace.v1.TraceService/Export",
            (true, _) => "/opentelemetry.proto.collector.metrics.v1.MetricsService/Export",
        };
        await EgressRig.UntilAsync(() => _heard.Any(request => request.Path == path));
        return _heard.First(request => request.Path == path);
    }

    async Task TakeAsync(HttpContext context)
    {
        using var content = new MemoryStream();
        await context.Request.Body.CopyToAsync(content);
        var body = content.ToArray();
        if (context.Request.ContentType != (_isGrpc ? "application/grpc" : "application/x-protobuf"))
            _problems.Enqueue($"content type {context.Request.ContentType}");
        if (_isGrpc)
        {
            // One message: whether it is compressed, its length, and it.
            if (body.Length < FrameHeaderLength || body[0] != 0 || BinaryPrimitives.ReadUInt32BigEndian(body.AsSpan(1)) != body.Length - FrameHeaderLength)
                _problems.Enqueue($"no message of gRPC: {body.Length} bytes");
            else
                body = body[FrameHeaderLength..];
            context.Response.ContentType = "application/grpc";
            // An empty response: everything was taken.
            await context.Response.Body.WriteAsync(new byte[FrameHeaderLength]);
            context.Response.AppendTrailer("grpc-status", "0");
        }

        _heard.Enqueue((context.Request.Path, context.Request.Headers.Authorization.ToString(), Encoding.Latin1.GetString(body)));
    }
}
