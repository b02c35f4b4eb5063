using System.Buffers.Binary;
using System.Diagnostics;
using System.Text;
using Contracts;
using Google.Protobuf;
using Ingress.Messages;
using Ingress.Registrations;
using Ingress.Sends;
using Protocol.Coap;

namespace Ingress.Journal;

/// <summary>
/// Makes the records of the uplink topic. Fields that all events of a registration share are encoded once; a notification, of which there
/// are most, is that prefix and a few fields behind it (Protobuf messages may be concatenated).
/// </summary>
static class UplinkRecords
{
    const int RoomForFields = 128;

    /// <summary>The fields that all events of a registration share.</summary>
    public static byte[] Context(SessionRecord record) => ContextOf(record).ToByteArray();

    static UplinkEvent ContextOf(SessionRecord record)
    {
        var context = new UplinkEvent
        {
            Schema = Contracts.Schema.Current,
            Endpoint = record.Endpoint,
            Client = record.Client,
            RegistrationId = Identifiers.ToText(record.RegistrationId),
            Lwm2MVersion = record.Lwm2MVersion,
            AlternatePath = record.AlternatePath,
            Peer = Sockets.Peer.TryRead(record.Peer.Span, 0, out var peer) ? peer.ToString() : "",
            Slot = record.Slot,
            Epoch = record.Epoch,
            Denied = record.Denied,
        };
        context.Versions.Add(record.Versions);
        return context;
    }

    /// <summary>An event of the session as it stands, <paramref name="record"/> being the one that counts; the caller adds what happened.</summary>
    public static UplinkEvent Event(Session session, SessionRecord record, EventKind kind, EventId id, long receivedNs)
    {
        var happened = ContextOf(record);
        Stamp(happened, kind, id, receivedNs);
        happened.Sequence = ++session.Sequence;
        return happened;
    }

    /// <summary>De-registration, expiry or replacement of the registration that the record holds.</summary>
    public static byte[] End(SessionRecord record, EventKind kind, string reason, long nowNs)
    {
        var ended = ContextOf(record);
        Stamp(ended, kind, EndId(record.RegistrationId, kind), nowNs);
        ended.Sequence = ulong.MaxValue;
        ended.Reason = reason;
        ended.Registration = record.Registration;
        return ended.ToByteArray();
    }

    /// <summary>The id of a registration's end: the same for whoever tells it.</summary>
    public static EventId EndId(ulong registrationId, EventKind kind)
    {
        Span<byte> what = stackalloc byte[9];
        BinaryPrimitives.WriteUInt64BigEndian(what, registrationId);
        what[8] = (byte)kind;
        return EventId.Of(what);
    }

    /// <summary>A notification whose rest will not be read, because the registration that the record holds ends.</summary>
    public static byte[] CutOff(SessionRecord record, UnfinishedBody unfinished, long nowNs)
    {
        var told = ContextOf(record);
        Stamp(told, EventKind.Notified, BodyId(record.RegistrationId, unfinished), nowNs);
        told.Sequence = ulong.MaxValue;
        told.Path = unfinished.Path;
        told.Command = record.Observations.FirstOrDefault(o => o.Token.Equals(unfinished.Token))?.Command ?? new CommandContext();
        told.Code = (byte)CoapCode.RequestEntityIncomplete;
        told.Reason = "the registration ended before the rest of the notification was read";
        return told.ToByteArray();
    }

    /// <summary>The id of a notification of which no more is known than that its rest is to be read.</summary>
    public static EventId BodyId(ulong registrationId, UnfinishedBody unfinished)
    {
        Span<byte> what = stackalloc byte[8 + 1 + 8 + 8];
        BinaryPrimitives.WriteUInt64BigEndian(what, registrationId);
        what[8] = (byte)EventKind.Notified;
        BinaryPrimitives.WriteUInt64BigEndian(what[9..], MessageDigest.Of(unfinished.Token.Span));
        BinaryPrimitives.WriteInt64BigEndian(what[17..], unfinished.AtMs);
        return EventId.Of(what);
    }

    /// <summary>The id of what one message of the device told: equal for its retransmissions, whoever receives them.</summary>
    public static EventId MessageId(ulong registrationId, EventKind kind, in CoapFrame frame) => MessageId(registrationId, kind, frame, frame.Payload);

    /// <inheritdoc cref="MessageId(ulong, EventKind, in CoapFrame)"/>
    /// <param name="payload">All of it, where it came in blocks: then the frame is that of the last one.</param>
    public static EventId MessageId(ulong registrationId, EventKind kind, in CoapFrame frame, ReadOnlySpan<byte> payload)
    {
        Span<byte> what = stackalloc byte[8 + 1 + 2 + 8 + 4 + 8];
        BinaryPrimitives.WriteUInt64BigEndian(what, registrationId);
        what[8] = (byte)kind;
        BinaryPrimitives.WriteUInt16BigEndian(what[9..], frame.MessageId);
        what[11..19].Clear();
        frame.Token.CopyTo(what[11..]);
        BinaryPrimitives.WriteUInt32BigEndian(what[19..], frame.Observe ?? uint.MaxValue);
        BinaryPrimitives.WriteUInt64BigEndian(what[23..], MessageDigest.Of(payload));
        return EventId.Of(what);
    }

    /// <summary>The id of the answer to an observation that was repeated because of the session record with that number.</summary>
    public static EventId RenewalId(ulong registrationId, ulong cause, string path)
    {
        var what = new byte[17 + Encoding.UTF8.GetByteCount(path)];
        BinaryPrimitives.WriteUInt64BigEndian(what, registrationId);
        what[8] = (byte)EventKind.Notified;
        BinaryPrimitives.WriteUInt64BigEndian(what.AsSpan(9), cause);
        Encoding.UTF8.GetBytes(path, what.AsSpan(17));
        return EventId.Of(what);
    }

    /// <summary>A notification, into one array of its exact size: what Kafka demands, and nothing else is allocated.</summary>
    public static byte[] Notified(Session session, byte[] observationContext, in CoapFrame frame, long receivedNs, bool late, byte[] scratch)
    {
        var id = MessageId(session.RegistrationId, EventKind.Notified, frame);
        var writer = new ProtobufWriter(scratch);
        writer.Raw(session.EventContext);
        writer.Raw(observationContext);
        writer.Fixed64(UplinkEvent.IdHighFieldNumber, id.High);
        writer.Fixed64(UplinkEvent.IdLowFieldNumber, id.Low);
        writer.Varint(UplinkEvent.KindFieldNumber, (ulong)EventKind.Notified);
        writer.Fixed64(UplinkEvent.ReceivedNsFieldNumber, (ulong)receivedNs);
        writer.Varint(UplinkEvent.SequenceFieldNumber, ++session.Sequence);
        writer.Varint(UplinkEvent.CodeFieldNumber, (byte)frame.Code);
        if (frame.ContentFormat is { } format)
            writer.Varint(UplinkEvent.ContentFormatFieldNumber, format);
        if (frame.Observe is { } observe)
            writer.Varint(UplinkEvent.ObserveFieldNumber, observe);
        if (late)
            writer.Varint(UplinkEvent.LateFieldNumber, 1);
        if (!frame.Payload.IsEmpty)
            writer.Bytes(UplinkEvent.PayloadFieldNumber, frame.Payload);
        return writer.ToArray();
    }

    /// <summary>A notification that came in blocks which are not put together.</summary>
    public static byte[] NotPutTogether(Session session, Observation observation, in CoapFrame frame, long receivedNs, bool late)
    {
        var told = Event(session, session.ToRecord(), EventKind.Notified, MessageId(session.RegistrationId, EventKind.Notified, frame), receivedNs);
        told.Path = observation.Path;
        told.Command = observation.Command;
        told.Code = (byte)CoapCode.RequestEntityIncomplete;
        told.Reason = "the notification is larger than one block, and block-wise transfer is switched off";
        told.Late = late;
        if (frame.Observe is { } observe)
            told.Observe = observe;
        return told.ToByteArray();
    }

    /// <summary>A Send; one that is refused bears the code and the reason.</summary>
    public static byte[] Sent(Session session, in Message message, long receivedNs, in SendVerdict verdict, byte[] scratch)
    {
        var id = MessageId(session.RegistrationId, EventKind.Sent, message.Frame, message.Payload);
        var writer = new ProtobufWriter(scratch);
        writer.Raw(session.EventContext);
        writer.Fixed64(UplinkEvent.IdHighFieldNumber, id.High);
        writer.Fixed64(UplinkEvent.IdLowFieldNumber, id.Low);
        writer.Varint(UplinkEvent.KindFieldNumber, (ulong)EventKind.Sent);
        writer.Fixed64(UplinkEvent.ReceivedNsFieldNumber, (ulong)receivedNs);
        writer.Varint(UplinkEvent.SequenceFieldNumber, ++session.Sequence);
        if (message.Frame.ContentFormat is { } format)
            writer.Varint(UplinkEvent.ContentFormatFieldNumber, format);
        if (!message.Payload.IsEmpty)
            writer.Bytes(UplinkEvent.PayloadFieldNumber, message.Payload);
        if (!verdict.IsTaken)
        {
            writer.Varint(UplinkEvent.CodeFieldNumber, (byte)verdict.Code);
            writer.Bytes(UplinkEvent.ReasonFieldNumber, Encoding.UTF8.GetBytes(verdict.Reason));
        }

        return writer.ToArray();
    }

    /// <summary>How much scratch a Send needs at most.</summary>
    public static int LargestSend(Session session, in Message message, in SendVerdict verdict) =>
        session.EventContext.Length + message.Payload.Length + Encoding.UTF8.GetMaxByteCount(verdict.Reason.Length) + RoomForFields;

    /// <summary>The event with the trace that it is part of; as it is where it is part of none.</summary>
    public static byte[] Traced(byte[] happened, Activity? span) =>
        span is null ? happened : [.. happened, .. new UplinkEvent { Traceparent = span.Id }.ToByteArray()];

    /// <summary>How much scratch a notification needs at most.</summary>
    public static int LargestNotification(Session session, byte[] observationContext, in CoapFrame frame) =>
        session.EventContext.Length + observationContext.Length + frame.Payload.Length + RoomForFields;

    /// <summary>The fields that all notifications of an observation share.</summary>
    public static byte[] ObservationContext(Observation observation) =>
        new UplinkEvent { Path = observation.Path, Command = observation.Command }.ToByteArray();

    static void Stamp(UplinkEvent happened, EventKind kind, EventId id, long receivedNs)
    {
        happened.Schema = Contracts.Schema.Current;
        happened.Kind = kind;
        happened.IdHigh = id.High;
        happened.IdLow = id.Low;
        happened.ReceivedNs = (ulong)receivedNs;
    }
}
