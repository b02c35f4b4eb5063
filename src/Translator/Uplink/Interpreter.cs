using Contracts;
using Contracts.Configuration;
using Protocol.Lwm2m;
using Protocol.Lwm2m.Formats;
using Protocol.Lwm2m.Links;

namespace Translator.Uplink;

/// <summary>Types values by definitions and names how a command ended.</summary>
internal static class Interpreter
{
    public static Interpretation Interpret(UplinkEvent uplink, TranslationRules rules)
    {
        var plain = new Interpretation { Event = uplink, Rules = rules, Reason = uplink.Reason.Length > 0 ? uplink.Reason : null };
        return uplink.Kind switch
        {
            EventKind.Notified => Answer(plain, carriesValues: true),
            EventKind.Sent => uplink.Code == 0 ? Values(plain) : plain with { Code = (byte)uplink.Code },
            EventKind.Outcome => Outcome(plain),
            _ => plain,
        };
    }

    private static Interpretation Outcome(Interpretation plain) => plain.Event.Outcome switch
    {
        Contracts.Outcome.Answered => plain.Event.Command?.MsgType switch
        {
            "read" or "observe" or "cancel-observe" or "read-composite" or "observe-composite" or "cancel-observe-composite" => Answer(plain, carriesValues: true),
            "discover" => Discovered(plain),
            _ => Answer(plain, carriesValues: false),
        },
        Contracts.Outcome.TimedOut or Contracts.Outcome.Reset => plain with { Reason = null },
        Contracts.Outcome.Unknown => plain with { Reason = Sentence("unknown", plain.Reason ?? "it may have been carried out") },
        Contracts.Outcome.Invalid => plain with { Code = CodeNames.BadRequest, Reason = plain.Reason ?? "the command is not valid" },
        Contracts.Outcome.NotRegistered => plain with { Code = CodeNames.NotFound, Reason = Sentence("not registered", plain.Reason) },
        Contracts.Outcome.Denied => plain with { Code = CodeNames.Forbidden, Reason = Sentence("denied", plain.Reason) },
        Contracts.Outcome.QueueFull => plain with { Code = CodeNames.ServiceUnavailable, Reason = Sentence("queue full", plain.Reason) },
        Contracts.Outcome.NeverSent => plain with { Code = CodeNames.GatewayTimeout, Reason = Sentence("expired", plain.Reason) },
        Contracts.Outcome.Cancelled => plain with { Code = CodeNames.ServiceUnavailable, Reason = Sentence("cancelled", plain.Reason) },
        var outcome => throw new NotSupportedException($"outcome {outcome} is not known"),
    };

    // A success other than the expected one is reported as it is; only a code that carries values has its payload read.
    private static Interpretation Answer(Interpretation plain, bool carriesValues)
    {
        var code = (byte)plain.Event.Code;
        var answer = plain with { Code = code };
        var hasValues = carriesValues && CodeNames.IsSuccess(code) && (code == CodeNames.Content || !plain.Event.Payload.IsEmpty);
        return hasValues ? Values(answer) : answer;
    }

    private static Interpretation Values(Interpretation plain)
    {
        var uplink = plain.Event;
        var path = default(Lwm2mPath);
        if (!PathList.TryParse(uplink.Path, out var paths) && !Lwm2mPath.TryParse(uplink.Path.Length > 0 ? uplink.Path : "/", out path))
        {
            return Undecodable(plain, $"the path {uplink.Path} is none of LwM2M");
        }

        if (uplink.ContentFormat > ushort.MaxValue)
        {
            return Undecodable(plain, $"content format {uplink.ContentFormat} does not exist");
        }

        var context = new DecodeContext
        {
            RequestPath = path,
            RequestPaths = paths,
            Definitions = plain.Rules.DefinitionsOf(uplink),
            AlternatePath = uplink.AlternatePath.Length > 0 ? uplink.AlternatePath : null,
            ReceivedAt = (long)(uplink.ReceivedNs / 1_000_000),
        };
        ushort? format = uplink.HasContentFormat ? (ushort)uplink.ContentFormat : null;
        var decoded = ContentDecoder.Decode(format, uplink.Payload.Span, context);
        if (decoded.Error is { } error)
        {
            return Undecodable(plain, error);
        }

        // What could be typed is kept, whatever stands beside it; so is what no definition could have typed.
        if (plain.Rules.Options.UnknownDefinitions == UnknownDefinitions.Discard && !decoded.IsForeign && NoneTyped(decoded.Items) is { } note)
        {
            var reason = decoded.UnknownObject is { } unknown ? $"object {unknown} has no definition" : $"{decoded.Items[0].Path}: {note}";
            return Undecodable(plain, reason);
        }

        return plain with { Content = decoded.Items };
    }

    private static Interpretation Discovered(Interpretation plain)
    {
        var answer = Answer(plain, carriesValues: false);
        if (answer.Code != CodeNames.Content)
        {
            return answer;
        }

        return LinkFormat.TryParse(plain.Event.Payload.Span, out var links, out var error)
            ? answer with { Links = links }
            : Undecodable(plain, error);
    }

    private static Interpretation Undecodable(Interpretation plain, string reason) =>
        plain with { Code = CodeNames.BadRequest, Reason = reason, IsUndecodable = true };

    // The note of the first item where every item has one.
    private static string? NoneTyped(IReadOnlyList<DecodedItem> items)
    {
        for (var i = 0; i < items.Count; i++)
        {
            if (items[i].Note is null)
            {
                return null;
            }
        }

        return items.Count > 0 ? items[0].Note : null;
    }

    private static string Sentence(string first, string? rest) =>
        rest is null ? first : rest.StartsWith(first, StringComparison.Ordinal) ? rest : $"{first}: {rest}";
}
