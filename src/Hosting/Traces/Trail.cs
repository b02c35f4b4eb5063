using System.Diagnostics;
using Contracts;
using Contracts.Configuration;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace Hosting.Traces;

/// <summary>
/// What one service shows of the ways of single messages: spans where tracing is on, and a line of the log for each step of the endpoints that are
/// watched. Where neither is, each question costs the read of a field. A span may begin and end on different threads, and is never the
/// current one of any. Thread-safe.
/// </summary>
public sealed partial class Trail
{
    const string EndpointTag = "lwm2m.endpoint";
    const int TraceIdAt = 3;
    const int TraceIdLength = 32;

    readonly ActivitySource? source;
    readonly EndpointWishes? watch;
    readonly Func<EndToEndTracingOptions> options;
    readonly ILogger logger;

    internal Trail(ActivitySource? source, EndpointWishes? watch, Func<EndToEndTracingOptions> options, ILogger logger) =>
        (this.source, this.watch, this.options, this.logger) = (source, watch, options, logger);

    /// <summary>Shows nothing.</summary>
    public static Trail Off { get; } = new(null, null, () => new EndToEndTracingOptions(), NullLogger.Instance);

    /// <summary>Whether there are spans.</summary>
    public bool IsTracing => source is not null;

    /// <summary>Whether anybody is watched.</summary>
    public bool IsWatching => watch is { IsOn: true };

    /// <summary>Whether what this endpoint does is to be told.</summary>
    public bool IsWatched(string endpoint) => watch is { IsOn: true } watching && watching.Wants(endpoint);

    /// <summary>Begins a trace, or does not: null.</summary>
    /// <param name="name">Few values.</param>
    /// <param name="kind">What the span is to those around it.</param>
    /// <param name="endpoint">The device that it is about.</param>
    /// <param name="since">When it began; null = now.</param>
    public Activity? Begin(string name, ActivityKind kind, string endpoint, DateTimeOffset? since = null) =>
        source is not null && IsChosen(endpoint) ? Start(name, kind, default, endpoint, since) : null;

    /// <summary>Goes on with the trace that somebody else has begun; null where there is none, or nobody records it.</summary>
    /// <param name="traceParent">As it came; what cannot be read counts as none.</param>
    public Activity? Continue(string name, ActivityKind kind, string traceParent, string endpoint) =>
        source is not null && TraceParent.TryParse(traceParent, out var parent) && parent.TraceFlags.HasFlag(ActivityTraceFlags.Recorded)
            ? Start(name, kind, parent, endpoint, null)
            : null;

    /// <summary>
    /// Goes on with the trace of a command, or begins one. What the command is to carry on is left in <paramref name="traceParent"/>: also where
    /// nothing is traced here, what it brought; and where it was not chosen, that, so that nobody after us chooses again.
    /// </summary>
    public Activity? BeginOrContinue(string name, ActivityKind kind, ref string traceParent, string endpoint)
    {
        if (source is null)
            return null;
        var span = traceParent.Length > 0 ? Continue(name, kind, traceParent, endpoint) : Begin(name, kind, endpoint);
        if (span is not null)
            traceParent = span.Id!;
        else if (traceParent.Length == 0)
            traceParent = TraceParent.Unrecorded();
        return span;
    }

    /// <summary>Whether commands go on with the trace that their sender has begun.</summary>
    public bool FollowsSenders => options().FollowTraceparent;

    /// <summary>A step of an endpoint that <see cref="IsWatched"/>.</summary>
    /// <param name="traceParent">Of its trace; empty = none.</param>
    /// <param name="step">What happened, without the endpoint's name.</param>
    public void Tell(string endpoint, string? traceParent, string step)
    {
        if (traceParent is { Length: >= TraceIdAt + TraceIdLength })
            LogTracedStep(endpoint, step, traceParent.Substring(TraceIdAt, TraceIdLength));
        else
            LogStep(endpoint, step);
    }

    bool IsChosen(string endpoint) => options().SampleRatio is var ratio && (ratio >= 1 || (ratio > 0 && Random.Shared.NextDouble() < ratio) || IsWatched(endpoint));

    Activity? Start(string name, ActivityKind kind, ActivityContext parent, string endpoint, DateTimeOffset? since)
    {
        var outer = Activity.Current;
        Activity.Current = null; // else it would be the parent of what has none
        var span = source!.StartActivity(name, kind, parent, startTime: since ?? default);
        Activity.Current = outer;
        return span is { Recorded: true } ? span.SetTag(EndpointTag, endpoint) : null;
    }

    [LoggerMessage(1, LogLevel.Information, "{Endpoint}: {Step}")]
    partial void LogStep(string endpoint, string step);

    [LoggerMessage(2, LogLevel.Information, "{Endpoint}: {Step} [trace {TraceId}]")]
    partial void LogTracedStep(string endpoint, string step, string traceId);
}
