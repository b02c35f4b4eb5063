using System.Globalization;
using Contracts;
using Protocol.Lwm2m.Formats;
using Translator.Downlink;

namespace Translator.Uplink;

/// <summary>The JSON of events: EMQX's shapes, keys in ascending byte order.</summary>
internal static class EventJson
{
    public static byte[] Write(Interpretation read)
    {
        var json = JsonOutput.Fresh();
        var uplink = read.Event;
        var echo = EchoedJson.Of(uplink.Command is { } command ? command.Echo.Memory : default);
        var msgType = MsgTypeOf(uplink);
        var sequence = SequenceOf(uplink);

        // Our three keys take the place of the command's, the others stand among them in order.
        json.Raw("{"u8);
        var first = true;
        var own = 0;
        for (var i = 0; i <= echo.Count; i++)
        {
            while (own < 3 && (i == echo.Count || OwnKey(own).SequenceCompareTo(echo.Name(i)) <= 0))
            {
                if (own < 2 || sequence > 0)
                {
                    Key(json, OwnKey(own), ref first);
                    WriteOwn(json, own, read, echo, msgType, sequence);
                }

                own++;
            }

            if (i < echo.Count && !IsOwn(echo.Name(i), sequence > 0))
            {
                Key(json, echo.Name(i), ref first);
                json.Raw(echo.Value(i));
            }
        }

        json.Raw("}"u8);
        return json.ToArray();
    }

    private static ReadOnlySpan<byte> OwnKey(int index) => index switch
    {
        0 => "data"u8,
        1 => "msgType"u8,
        _ => "seqNum"u8,
    };

    private static bool IsOwn(ReadOnlySpan<byte> name, bool withSequence) =>
        name.SequenceEqual("data"u8) || name.SequenceEqual("msgType"u8) || withSequence && name.SequenceEqual("seqNum"u8);

    private static void WriteOwn(JsonOutput json, int index, Interpretation read, in EchoedJson echo, string msgType, long sequence)
    {
        switch (index)
        {
            case 0:
                WriteData(json, read, echo);
                break;
            case 1:
                json.Text(msgType);
                break;
            default:
                json.Number(sequence);
                break;
        }
    }

    private static string MsgTypeOf(UplinkEvent uplink) => uplink.Kind switch
    {
        EventKind.Registered => "register",
        EventKind.Updated => "update",
        EventKind.Deregistered => "deregister",
        EventKind.Expired => "expired",
        EventKind.Replaced => "replaced",
        EventKind.Notified => "notify",
        EventKind.Sent => "send",
        EventKind.Acknowledged => "ack",
        EventKind.DtlsFailed => "dtls_failed",
        _ => uplink.Outcome switch
        {
            Outcome.TimedOut or Outcome.Unknown => "coap_timeout",
            Outcome.Reset => "coap_reset",
            _ => uplink.Command is { MsgType: { Length: > 0 } msgType } ? msgType : "unknown",
        },
    };

    // 0 stands for the option's first value and for none at all; EMQX leaves it out.
    private static long SequenceOf(UplinkEvent uplink) =>
        uplink.Kind == EventKind.Notified || uplink is { Kind: EventKind.Outcome, Outcome: Outcome.Answered } ? uplink.Observe : 0;

    private static void WriteData(JsonOutput json, Interpretation read, in EchoedJson echo)
    {
        switch (read.Event.Kind)
        {
            case EventKind.Registered or EventKind.Updated:
                RegistrationJson.Write(json, read.Event);
                break;
            case EventKind.Deregistered or EventKind.Expired or EventKind.Replaced:
                WriteLifecycle(json, read.Event, read.Reason);
                break;
            case EventKind.DtlsFailed:
                WriteFailure(json, read.Event);
                break;
            case EventKind.Acknowledged:
                WriteOriginal(json, echo.ValueOf("data"u8), null);
                break;
            case EventKind.Outcome when read.Code is null:
                WriteOriginal(json, echo.ValueOf("data"u8), read.Reason);
                break;
            default:
                WriteAnswer(json, read);
                break;
        }
    }

    private static void WriteAnswer(JsonOutput json, Interpretation read)
    {
        var uplink = read.Event;
        var first = true;
        json.Raw("{"u8);
        if (read.Links is { } linked && DiscoveredAttributes.Of(linked, uplink.AlternatePath) is { Count: > 0 } attributes)
        {
            Key(json, "attributes"u8, ref first);
            DiscoveredAttributes.Write(json, attributes);
        }

        if (read.Code is { } code)
        {
            Key(json, "code"u8, ref first);
            json.Text(CodeNames.CodeOf(code));
            Key(json, "codeMsg"u8, ref first);
            json.Text(CodeNames.NameOf(code));
        }

        if (read.Content is { } content)
        {
            Key(json, "content"u8, ref first);
            WriteContent(json, content);
        }
        else if (read.Links is { } links)
        {
            Key(json, "content"u8, ref first);
            WriteTexts(json, [.. links.Select(link => link.Text)]);
        }

        Flag(json, "late"u8, uplink.Late, ref first);
        if (uplink.Location.Length > 0)
        {
            Key(json, "location"u8, ref first);
            json.Text(uplink.Location);
        }

        if (read.Reason is { } reason)
        {
            Key(json, "reason"u8, ref first);
            json.Text(reason);
        }

        if (uplink.Command is { } command && CompositeBuilder.Includes(command.MsgType))
        {
            Key(json, "reqPaths"u8, ref first);
            WriteTexts(json, command.ReqPaths);
        }
        else if (uplink.Kind != EventKind.Sent)
        {
            Key(json, "reqPath"u8, ref first);
            WriteRequestPath(json, uplink);
        }

        Flag(json, "reread"u8, uplink.Reread, ref first);
        json.Raw("}"u8);
    }

    private static void WriteRequestPath(JsonOutput json, UplinkEvent uplink)
    {
        var path = uplink.Command is { } command ? command.ReqPath : uplink.Path;
        if (path.Length > 0)
        {
            json.Text(path);
        }
        else
        {
            json.Raw("null"u8);
        }
    }

    private static void WriteContent(JsonOutput json, IReadOnlyList<DecodedItem> items)
    {
        json.Raw("["u8);
        for (var i = 0; i < items.Count; i++)
        {
            var item = items[i];
            json.Raw(i > 0 ? ",{"u8 : "{"u8);
            if (item.Note is { } note)
            {
                json.Raw("\"note\":"u8);
                json.Text(note);
                json.Raw(","u8);
            }

            json.Raw("\"path\":"u8);
            json.Path(item.Path);
            if (item.Timestamp is { } timestamp)
            {
                json.Raw(",\"ts\":"u8);
                json.Number(timestamp);
            }

            json.Raw(",\"value\":"u8);
            json.Value(item.Value);
            json.Raw("}"u8);
        }

        json.Raw("]"u8);
    }

    internal static void WriteTexts(JsonOutput json, IReadOnlyList<string> texts)
    {
        json.Raw("["u8);
        for (var i = 0; i < texts.Count; i++)
        {
            json.Raw(i > 0 ? ","u8 : default);
            json.Text(texts[i]);
        }

        json.Raw("]"u8);
    }

    private static void WriteLifecycle(JsonOutput json, UplinkEvent uplink, string? reason)
    {
        json.Raw("{\"ep\":"u8);
        json.Text(uplink.Endpoint);
        json.Raw(",\"location\":"u8);
        json.Text(string.Create(CultureInfo.InvariantCulture, $"/rd/{uplink.RegistrationId}"));
        json.Raw(",\"reason\":"u8);
        json.Text(reason ?? uplink.Kind switch
        {
            EventKind.Deregistered => "the device has de-registered",
            EventKind.Expired => "the lifetime has passed without an update",
            _ => "a new registration of the same endpoint has taken its place",
        });
        json.Raw("}"u8);
    }

    private static void WriteFailure(JsonOutput json, UplinkEvent uplink)
    {
        json.Raw("{\"failures\":"u8);
        json.Number(uplink.Failures);
        if (uplink.Client is { Identity: { Length: > 0 } identity })
        {
            json.Raw(",\"identity\":"u8);
            json.Text(identity);
        }

        json.Raw(",\"listener\":"u8);
        json.Text(uplink.Client?.Listener ?? "");
        json.Raw(",\"peer\":"u8);
        json.Text(uplink.Peer);
        json.Raw(",\"reason\":"u8);
        json.Text(uplink.Reason);
        json.Raw("}"u8);
    }

    // The command's own data; what we have to say goes inside it.
    private static void WriteOriginal(JsonOutput json, ReadOnlySpan<byte> data, string? reason)
    {
        if (reason is null)
        {
            json.Raw(data.IsEmpty ? "{}"u8 : data);
            return;
        }

        var original = EchoedJson.Of(data.ToArray());
        var first = true;
        var written = false;
        json.Raw("{"u8);
        for (var i = 0; i <= original.Count; i++)
        {
            if (!written && (i == original.Count || "reason"u8.SequenceCompareTo(original.Name(i)) <= 0))
            {
                Key(json, "reason"u8, ref first);
                json.Text(reason);
                written = true;
            }

            if (i < original.Count && !original.Name(i).SequenceEqual("reason"u8))
            {
                Key(json, original.Name(i), ref first);
                json.Raw(original.Value(i));
            }
        }

        json.Raw("}"u8);
    }

    private static void Flag(JsonOutput json, ReadOnlySpan<byte> name, bool set, ref bool first)
    {
        if (set)
        {
            Key(json, name, ref first);
            json.Raw("true"u8);
        }
    }

    /// <param name="name">As it stands between quotes.</param>
    internal static void Key(JsonOutput json, ReadOnlySpan<byte> name, ref bool first)
    {
        json.Raw(first ? "\""u8 : ",\""u8);
        first = false;
        json.Raw(name);
        json.Raw("\":"u8);
    }
}
