using System.Diagnostics;
using Contracts;
using Hosting.Traces;
using Ingress.Registrations;
using Protocol.Coap;

namespace Ingress.Operations;

/// <summary>What is shown of a command's way through this Ingress: how long it took, its spans, and lines of the log for watched endpoints.</summary>
sealed class OperationTrail(Node node)
{
    /// <summary>The command is queued. Whatever is told of it from now on is part of its span.</summary>
    public void Taken(QueuedOperation queued)
    {
        var operation = queued.Operation;
        queued.Span = node.Trail.Continue("operate", ActivityKind.Consumer, operation.Traceparent, operation.Endpoint);
        if (queued.Span is { } span)
            operation.Traceparent = span.SetTag("lwm2m.operation", operation.Kind).SetTag("lwm2m.path", operation.Path).Id;
        Tell(queued, "is queued");
    }

    /// <summary>A request has left.</summary>
    public void Sent(Session session, QueuedOperation queued)
    {
        queued.RequestSpan?.End();
        queued.RequestSpan = queued.Span is { } span ? node.Trail.Continue("request", ActivityKind.Client, span.Id!, queued.Operation.Endpoint) : null;
        if (queued.SentAt is not null || !queued.IsCommand)
            return;
        queued.SentAt = node.Clock.Elapsed;
        if (queued.Operation.AcceptedMs is > 0 and var accepted)
            node.Telemetry.CountCommandSent(session.IsQueueMode, TimeSpan.FromMilliseconds(node.Clock.UnixMilliseconds - accepted));
        Tell(queued, "is sent to the device");
    }

    /// <summary>The request has left once more.</summary>
    public static void Repeated(QueuedOperation queued) => queued.RequestSpan?.AddEvent(new ActivityEvent("retransmission"));

    /// <summary>The device has answered the request.</summary>
    public static void Answered(QueuedOperation queued, CoapCode code)
    {
        queued.RequestSpan?.SetTag("coap.response.code", code.ToString()).End();
        queued.RequestSpan = null;
    }

    /// <summary>The command has its outcome.</summary>
    /// <param name="reason">One sentence, or empty.</param>
    public void Over(QueuedOperation queued, Outcome outcome, string reason)
    {
        if (!queued.IsCommand)
            return;
        if (queued.SentAt is { } sent)
            node.Telemetry.CountCommandEnded(outcome, node.Clock.Elapsed - sent);
        if (node.Trail.IsWatching)
            Tell(queued, $"ends: {outcome}{(reason.Length > 0 ? ", " : "")}{reason}");
        if (queued.Span is not null)
            End(queued, outcome == Outcome.Answered ? null : $"{outcome} {reason}".TrimEnd());
    }

    /// <summary>Another replica is handed the command.</summary>
    public static void LetGo(QueuedOperation queued) => End(queued, "another replica owns the device now");

    static void End(QueuedOperation queued, string? problem)
    {
        queued.RequestSpan?.End(problem);
        queued.Span?.End(problem);
        (queued.RequestSpan, queued.Span) = (null, null);
    }

    void Tell(QueuedOperation queued, string step)
    {
        var operation = queued.Operation;
        if (queued.IsCommand && node.Trail.IsWatched(operation.Endpoint))
            node.Trail.Tell(operation.Endpoint, operation.Traceparent, $"{operation.Kind} {operation.Path}, command {operation.Command.CommandId}, {step}");
    }
}
