using Contracts;

namespace Translator.Downlink;

/// <summary>From a command's JSON to an operation or a refusal. No I/O, no state: the same input gives the same verdict.</summary>
public static class CommandTranslator
{
    /// <param name="registration">The device's registration, also one that has ended; null where there never was one.</param>
    /// <param name="nowMs">Unix time in ms.</param>
    public static CommandVerdict Translate(IncomingCommand incoming, RegistrationRecord? registration, TranslationRules rules, long nowMs)
    {
        ArgumentNullException.ThrowIfNull(incoming);
        ArgumentNullException.ThrowIfNull(rules);
        using var json = CommandJson.Read(incoming);
        var deadline = incoming.ExpiresMs ?? incoming.WrittenMs + (long)rules.Options.CommandTtl.TotalMilliseconds;
        var problem = json.Problem;
        if (registration is { IsLive: true } && (registration.Denied & (uint)Denied.Command) != 0 && json.Context.MsgType is not ("kick" or "cancel"))
        {
            return Refuse(Outcome.Denied, "");
        }

        DownlinkOperation? operation = null;
        if (problem is null && RequestBuilder.TryBuild(json, incoming, rules, registration, out operation, out problem))
        {
            if (registration is not { IsLive: true })
            {
                return Refuse(Outcome.NotRegistered, registration is null ? "" : "the registration has ended");
            }

            if (nowMs >= deadline)
            {
                return Refuse(Outcome.NeverSent, "the deadline had passed when the command came");
            }
        }

        if (problem is not null)
        {
            return Refuse(Outcome.Invalid, problem);
        }

        operation!.Schema = Schema.Current;
        operation.Endpoint = incoming.Endpoint;
        operation.DeadlineMs = deadline;
        operation.Priority = incoming.Priority;
        operation.Immediate = json.IsImmediate;
        operation.Command = json.Context;
        operation.Traceparent = incoming.TraceParent;
        return CommandVerdict.Accepted(operation);

        CommandVerdict Refuse(Outcome outcome, string reason)
        {
            var mountpoint = incoming.MqttTopic is { } topic ? rules.PrefixOfCommand(topic) : "";
            var refusal = OwnOutcome.Of(incoming.Endpoint, json.Context, outcome, reason, registration, mountpoint, nowMs);
            refusal.Traceparent = incoming.TraceParent;
            return CommandVerdict.Refused(refusal);
        }
    }
}
