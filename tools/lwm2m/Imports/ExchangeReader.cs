using System.Text;
using Contracts;
using Ingress.Messages;
using Ingress.Registrations;
using Ingress.Sockets;
using Protocol.Coap;
using Protocol.Coap.Blockwise;

namespace Tools.Imports;

/// <summary>
/// From the datagrams between devices and a gateway, in their order, to uplink events. What a device says counts when that gateway has confirmed it: a Register
/// with its 2.01, a confirmable notification with its acknowledgement. Everything that waits is bounded, in number and time.
/// </summary>
sealed class ExchangeReader(ImportedDevices devices, ImportTotals totals, Action<UplinkEvent> tell)
{
    const int Most = 100_000;
    const int MostBodies = 1000;
    const long MostBodyBytes = 64 << 20;

    static readonly TransmissionParameters Times = TransmissionParameters.Standard;
    static readonly BlockwiseLimits Blocks = new(BlockOption.LargestSize, 4 << 20, Times.ExchangeLifetime);

    readonly MessageDeduplication<Peer> _received = new(Times);
    readonly RequestBodies<Peer> _bodies = new(MostBodies, MostBodyBytes);
    readonly Waiting<(Peer, CoapToken), AskedOfGateway> _asked = new(Most, Times.ExchangeLifetime);
    readonly Waiting<(Peer, ushort), UplinkEvent> _unconfirmed = new(Most, Times.ExchangeLifetime);
    readonly GatewayRequests _orders = new(devices, totals, tell);
    long _swept;

    /// <summary>A datagram with a CoAP message.</summary>
    /// <param name="isReceived">By the gateway.</param>
    /// <param name="peer">The device.</param>
    /// <param name="ns">Unix time in ns; the clock of the capture stands there.</param>
    /// <param name="datagram">The message.</param>
    public void Take(bool isReceived, in Peer peer, ulong ns, ReadOnlySpan<byte> datagram)
    {
        Sweep(ns);
        if (CoapFrame.TryParse(datagram, out var frame) != CoapParseError.None)
            totals.NotCoap++;
        else if (isReceived)
            Receive(peer, ns, frame);
        else
            Send(peer, ns, frame);
    }

    /// <summary>The capture is over: what has not been confirmed in it was not taken.</summary>
    public void End() => totals.NotTaken += _asked.Count + _unconfirmed.Count;

    void Receive(in Peer peer, ulong ns, in CoapFrame frame)
    {
        if (devices.Find(peer) is { } heard)
            devices.Hear(heard);
        var requester = Requester.Of(peer, frame, devices.Clock);
        if (frame.Code == CoapCode.Empty)
        {
            _orders.TakeEmpty(peer, ns, frame);
        }
        else if (!_received.Begin(devices.Clock.Milliseconds, requester.Key, frame.Type))
        {
            totals.Repeated++;
        }
        else if (frame.Code.IsRequest)
        {
            ReceiveRequest(requester, ns, frame);
        }
        else if (!_orders.TryTakeAnswer(peer, ns, frame))
        {
            ReceiveNotification(peer, ns, frame);
        }
    }

    void ReceiveRequest(in Requester requester, ulong ns, in CoapFrame frame)
    {
        var path = frame.UriPath;
        var first = path.MoveNext() ? Encoding.UTF8.GetString(path.Current) : "";
        var rest = new List<string>();
        while (path.MoveNext())
            rest.Add(Encoding.UTF8.GetString(path.Current));
        AskedKind? kind = (frame.Code, first, rest.Count) switch
        {
            (CoapCode.Post, "rd", 0) => AskedKind.Register,
            (CoapCode.Post, "rd", _) => AskedKind.Update,
            (CoapCode.Delete, "rd", > 0) => AskedKind.Deregister,
            (CoapCode.Post, "dp", 0) => AskedKind.Send,
            _ => null,
        };
        if (kind is null)
        {
            totals.Foreign++;
            return;
        }

        byte[]? body = null;
        if (frame.Block1 is { IsValid: true })
        {
            if (_bodies.Take(devices.Clock.Milliseconds, requester.Peer, frame, Blocks, out var whole) == RequestBodyStep.Whole)
                body = whole;
            else
                kind = AskedKind.Block;
        }

        var held = new HeldMessage(requester, frame.Datagram.ToArray(), null, body);
        _asked.Put((requester.Peer, requester.Token), new AskedOfGateway(kind.Value, held, string.Join('/', rest), ns), devices.Clock.Milliseconds);
    }

    void ReceiveNotification(in Peer peer, ulong ns, in CoapFrame frame)
    {
        if (!devices.TryNotify(peer, frame, ns, out var session, out var told))
        {
            if (devices.Find(peer) is null)
                totals.OfUnknown++;
            else
                totals.Unasked++;
            return;
        }

        // An error ends the observation (RFC 7641 section 3.2).
        if (!frame.Code.IsSuccess)
            devices.Forget(session, told.Path);
        if (frame is { Code.IsSuccess: true, Block2: { More: true } or { Number: > 0 } })
            _orders.Begin(peer, told, frame);
        else if (frame.Type == CoapType.Confirmable)
            _unconfirmed.Put((peer, frame.MessageId), told, devices.Clock.Milliseconds);
        else
            tell(told);
    }

    void Send(in Peer peer, ulong ns, in CoapFrame frame)
    {
        if (frame.Code.IsRequest)
        {
            _orders.Take(peer, ns, frame);
        }
        else if (frame.Code == CoapCode.Empty)
        {
            if (!_unconfirmed.TryTake((peer, frame.MessageId), out var told))
                return;
            if (frame.Type == CoapType.Acknowledgement)
                tell(told);
            else
                totals.NotTaken++;
        }
        else if (_asked.TryTake((peer, new CoapToken(frame.Token)), out var asked))
        {
            Confirm(peer, asked, frame);
        }
    }

    void Confirm(in Peer peer, AskedOfGateway asked, in CoapFrame answer)
    {
        if (asked.Kind == AskedKind.Block)
            return;
        CoapFrame.TryParse(asked.Held.Datagram, out var request);
        var message = new Message(request, asked.Held.Requester, isAtEndOfLog: true, body: asked.Held.Body);
        var told = answer.Code.IsSuccess ? Taken(peer, asked, message, answer) : [];
        foreach (var happened in told)
            tell(happened);
        if (told.Count == 0)
            totals.NotTaken++;
    }

    IReadOnlyList<UplinkEvent> Taken(in Peer peer, AskedOfGateway asked, in Message message, in CoapFrame answer)
    {
        if (asked.Kind == AskedKind.Register)
            return LocationOf(answer) is { } location ? devices.Register(message, location, asked.Ns) : [];
        var session = asked.Kind == AskedKind.Send ? devices.Find(peer) : devices.Find(asked.Location);
        return (asked.Kind, session) switch
        {
            (AskedKind.Update, { } known) => devices.Update(known, message, asked.Ns) is { } updated ? [updated] : [],
            (AskedKind.Deregister, { } known) => devices.End(known, EventKind.Deregistered, "de-registered by the device", message.Requester, asked.Ns),
            (AskedKind.Send, { } known) => [Sent(known, message, asked.Ns)],
            _ => [],
        };
    }

    UplinkEvent Sent(Session session, in Message message, ulong ns)
    {
        var told = devices.Tell(session, EventKind.Sent, Ingress.Journal.UplinkRecords.MessageId(session.RegistrationId, EventKind.Sent, message.Frame, message.Payload), ns);
        if (message.Frame.ContentFormat is { } format)
            told.ContentFormat = format;
        told.Payload = Google.Protobuf.ByteString.CopyFrom(message.Payload);
        return told;
    }

    // What is over its time: once in a second of the capture, as it costs a look at every session.
    void Sweep(ulong ns)
    {
        var now = devices.Clock.Milliseconds;
        if (now < _swept)
            return;
        _swept = now + 1000;
        while (_asked.TryTakeOverdue(now, out _))
            totals.NotTaken++;
        while (_unconfirmed.TryTakeOverdue(now, out _))
            totals.NotTaken++;
        _orders.Sweep();
        foreach (var session in devices.Overdue())
        {
            var ended = ns - ((ulong)(now - session.ExpiresAt) * 1_000_000);
            foreach (var told in devices.End(session, EventKind.Expired, "lifetime expired", null, ended))
                tell(told);
        }
    }

    static string? LocationOf(in CoapFrame answer)
    {
        var segments = new List<string>();
        foreach (var segment in answer.LocationPath)
            segments.Add(Encoding.UTF8.GetString(segment));
        return segments is ["rd", _, ..] ? string.Join('/', segments.Skip(1)) : null;
    }
}
