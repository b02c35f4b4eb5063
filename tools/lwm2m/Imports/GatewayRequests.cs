using System.Text.Json;
using Contracts;
using Google.Protobuf;
using Ingress.Journal;
using Ingress.Operations;
using Ingress.Registrations;
using Ingress.Sockets;
using Protocol.Coap;
using Protocol.Coap.Blockwise;
using Tools.Decoding;

namespace Tools.Imports;

/// <summary>The exchanges that the captured gateway has begun: what it asked of devices, and how that ended.</summary>
sealed class GatewayRequests(ImportedDevices devices, ImportTotals totals, Action<UplinkEvent> tell)
{
    const int Most = 100_000;
    const int MostBodies = 1000;
    const int LongestBody = 4 << 20;

    static readonly TransmissionParameters Times = TransmissionParameters.Standard;

    readonly Waiting<(Peer, CoapToken), AskedOfDevice> _asked = new(Most, Times.MaxTransmitWait);
    readonly Waiting<(Peer, ushort), CoapToken> _byMessage = new(Most, Times.MaxTransmitWait);
    readonly Waiting<(Peer, string), OpenBody> _bodies = new(MostBodies, Times.ExchangeLifetime);

    /// <summary>The gateway has sent a request.</summary>
    public void Take(in Peer peer, ulong ns, in CoapFrame frame)
    {
        var token = new CoapToken(frame.Token);
        if (_asked.TryGet((peer, token), out var known) && known.MessageId == frame.MessageId)
        {
            totals.Repeated++;
            return;
        }

        if (devices.Find(peer) is not { } session)
        {
            totals.OfUnknown++;
            return;
        }

        if (RequestReading.PathOf(frame, session.ToRecord().AlternatePath) is not { } path || RequestReading.KindOf(frame, path) is not { } kind)
        {
            totals.Foreign++;
            return;
        }

        var text = path.ToString();
        var isFurther = frame.Block2 is { Number: > 0 };
        Observation? renews = null;
        var command = CommandOf(session, kind, text, frame);
        if (kind == OperationKind.Observe && !isFurther)
        {
            if (ImportedDevices.IsRenewed(session, text, out renews))
                command = renews!.Command;
            devices.Observe(session, text, token, command);
        }

        var now = devices.Clock.Milliseconds;
        _asked.Put((peer, token), new AskedOfDevice
        {
            Session = session,
            Kind = kind,
            Path = text,
            MessageId = frame.MessageId,
            Ns = ns,
            Command = command,
            IsPart = frame.Block1 is { More: true },
            Continues = isFurther && _bodies.TryGet((peer, text), out var open) ? open : null,
            Renews = renews,
        }, now);
        _byMessage.Put((peer, frame.MessageId), token, now);
    }

    /// <summary>An acknowledgement without an answer, or a reset, of a device.</summary>
    public void TakeEmpty(in Peer peer, ulong ns, in CoapFrame frame)
    {
        if (frame.Type is not (CoapType.Acknowledgement or CoapType.Reset) || !_byMessage.TryGet((peer, frame.MessageId), out var token)
            || !_asked.TryGet((peer, token), out var asked))
            return;
        if (frame.Type == CoapType.Reset)
        {
            _asked.TryTake((peer, token), out _);
            End(asked, Outcome.Reset, ns);
        }
        else if (!asked.IsAcknowledged && asked.Continues is null && !asked.IsPart)
        {
            asked.IsAcknowledged = true;
            var id = EventId.Of(System.Text.Encoding.UTF8.GetBytes("acknowledged\0" + asked.Command.CommandId));
            tell(About(asked, EventKind.Acknowledged, id, ns));
        }
    }

    /// <summary>A response of a device; false where it is none to a request.</summary>
    public bool TryTakeAnswer(in Peer peer, ulong ns, in CoapFrame frame)
    {
        var key = (peer, new CoapToken(frame.Token));
        // The token of an observation stays that of its notifications.
        if (!_asked.TryGet(key, out var asked) || (frame.Type == CoapType.Acknowledgement && frame.MessageId != asked.MessageId))
            return false;
        _asked.TryTake(key, out _);
        if (asked.Continues is { } open)
        {
            Continue(peer, asked, open, frame, ns);
            return true;
        }

        if (asked.IsPart && frame.Code.IsSuccess)
            return true;
        var told = Answered(asked, frame, ns);
        told.Code = (byte)frame.Code;
        if (frame.ContentFormat is { } format)
            told.ContentFormat = format;
        if (frame.Observe is { } observe)
            told.Observe = observe;
        told.Location = Outcomes.LocationOf(frame, told.AlternatePath);
        Follow(asked, frame);
        if (frame is { Code.IsSuccess: true, Block2: { More: true } or { Number: > 0 } })
        {
            Begin(peer, told, frame);
        }
        else
        {
            told.Payload = ByteString.CopyFrom(frame.Payload);
            tell(told);
        }

        return true;
    }

    /// <summary>The first block of an answer or a notification: the gateway will ask for the others.</summary>
    public void Begin(in Peer peer, UplinkEvent told, in CoapFrame first)
    {
        var open = new OpenBody(told, new BodyAssembly(LongestBody));
        told.Payload = ByteString.Empty;
        if (open.Body.Add(first.Block2!.Value, first.Payload) == BlockFit.Taken)
            _bodies.Put((peer, told.Path), open, devices.Clock.Milliseconds);
        else
            totals.NotTaken++;
    }

    /// <summary>What the devices have left unanswered.</summary>
    public void Sweep()
    {
        var now = devices.Clock.Milliseconds;
        while (_asked.TryTakeOverdue(now, out var asked))
            End(asked, Outcome.TimedOut, asked.Ns + ((ulong)Times.MaxTransmitWait * 1_000_000));
        while (_byMessage.TryTakeOverdue(now, out _))
        {
        }

        while (_bodies.TryTakeOverdue(now, out _))
            totals.NotTaken++;
    }

    // A message of the device's own that answers an Observe is a notification, too (RFC 7641 section 4.2).
    UplinkEvent Answered(AskedOfDevice asked, in CoapFrame frame, ulong ns)
    {
        EventId? notification = frame is { Type: not CoapType.Acknowledgement, Code.IsSuccess: true, Observe: not null }
            ? UplinkRecords.MessageId(asked.Session.RegistrationId, EventKind.Notified, frame)
            : null;
        if (asked.Renews is { } renewed)
            return About(asked, EventKind.Notified, notification ?? UplinkRecords.RenewalId(asked.Session.RegistrationId, renewed.Due, asked.Path), ns);
        var told = About(asked, EventKind.Outcome, EventId.OfOutcome(asked.Command.CommandId), ns);
        told.Outcome = Outcome.Answered;
        if (notification is { } id)
            (told.NotificationIdHigh, told.NotificationIdLow) = (id.High, id.Low);
        return told;
    }

    void Continue(in Peer peer, AskedOfDevice asked, OpenBody open, in CoapFrame frame, ulong ns)
    {
        // A notification is as old as its first block, an answer is there with its last.
        if (open.Told.Kind == EventKind.Outcome)
            open.Told.ReceivedNs = ns;
        var fit = frame is { Code.IsSuccess: true, Block2: { } block } ? open.Body.Add(block, frame.Payload) : BlockFit.WrongSize;
        if (fit is BlockFit.Taken or BlockFit.Repeated)
            return;
        _bodies.TryTake((peer, asked.Path), out _);
        if (fit == BlockFit.Last)
        {
            open.Told.Payload = ByteString.CopyFrom(open.Body.Bytes);
        }
        else
        {
            open.Told.Code = (byte)(frame.Code.IsSuccess ? CoapCode.RequestEntityIncomplete : frame.Code);
            open.Told.Reason = "the rest of it is not in the capture as it should be";
        }

        tell(open.Told);
    }

    void End(AskedOfDevice asked, Outcome outcome, ulong ns)
    {
        if (asked.Continues is not null || asked.Renews is not null || !asked.Session.IsLive)
        {
            totals.NotTaken++;
            return;
        }

        var told = About(asked, EventKind.Outcome, EventId.OfOutcome(asked.Command.CommandId), ns);
        told.Outcome = outcome;
        tell(told);
    }

    // Whether the device observes from now on.
    void Follow(AskedOfDevice asked, in CoapFrame answer)
    {
        var isOver = asked.Kind switch
        {
            OperationKind.Observe => !answer.Code.IsSuccess || answer.Observe is null,
            OperationKind.CancelObservation => answer.Code.IsSuccess,
            _ => false,
        };
        if (isOver)
            devices.Forget(asked.Session, asked.Path);
    }

    UplinkEvent About(AskedOfDevice asked, EventKind kind, EventId id, ulong ns)
    {
        var told = devices.Tell(asked.Session, kind, id, ns);
        told.Path = asked.Path;
        told.Command = asked.Command;
        return told;
    }

    // What the command said besides its path never was on the wire, nor was its id: a repeated import has the same one.
    static CommandContext CommandOf(Session session, OperationKind kind, string path, in CoapFrame frame)
    {
        var msgType = RequestReading.MsgTypeOf(kind);
        return new CommandContext
        {
            CommandId = $"captured-{Identifiers.ToText(session.RegistrationId)}-{Convert.ToHexStringLower(frame.Token)}-{frame.MessageId}",
            MsgType = msgType,
            ReqPath = path,
            Echo = ByteString.CopyFrom(JsonSerializer.SerializeToUtf8Bytes(new { data = new { path }, msgType })),
        };
    }
}
