using System.Text;
using Contracts;
using Google.Protobuf;
using Ingress.Access;
using Ingress.Journal;
using Ingress.Messages;
using Ingress.Security;
using Ingress.Sockets;
using Messaging;
using Protocol.Coap;
using Protocol.Lwm2m;

namespace Ingress.Registrations;

/// <summary>Step 4 for Register, Update and De-register (LwM2M Core 1.1 section 6.2), and for the ends of registrations that we see ourselves.</summary>
sealed class RegistrationInterface(
    Node node, MessageLayer messages, SessionWork work, SessionRecords records, Reception reception, Reviews reviews)
{
    public void Register(in Message message)
    {
        if (!TryParse(message, ProvenName(message), out var request))
            return;
        if (request.Endpoint is not { } endpoint)
        {
            Refuse(message, CoapCode.BadRequest, "no ep");
            return;
        }

        if (!NegotiatedVersion.TryNegotiate(request.Version, out var version, out var unsupported))
        {
            Refuse(message, CoapCode.PreconditionFailed, unsupported);
            return;
        }

        if (request.Lifetime is null && version.NeedsLifetime)
        {
            Refuse(message, CoapCode.BadRequest, "no lt");
            return;
        }

        var known = node.Sessions.ByEndpoint(endpoint);
        if (!node.MaySpeakFor(message.Requester.Peer, endpoint, known))
        {
            Refuse(message, CoapCode.Forbidden, Entitlement.Refusal);
            return;
        }

        if (known is null && node.Sessions.Count >= node.Configuration().Ingress.MaxSessions)
        {
            node.Telemetry.SessionsRefused.Add(1);
            messages.AnswerLater(message.Requester);
            return;
        }

        if (known is not null && work.Holds(known, message))
            return;
        switch (known is null ? Recalled.New : Recall(known, message))
        {
            // The answer was lost together with the process that gave it: the same again, under the same id.
            case Recalled.Newest when known!.IsLive:
                Begin(known, message, records.Repeated(known), EventKind.Registered, CoapCode.Created);
                break;
            case Recalled.New when reception.TryAdmit(message, request, known, out var verdict):
                var session = known ?? node.Sessions.GetOrAdd(endpoint);
                Begin(session, message, records.Registered(session, request, message.Requester, verdict), EventKind.Registered, CoapCode.Created);
                break;
        }
    }

    public void Update(in Message message, ReadOnlySpan<byte> location)
    {
        if (!TryFind(message, location, s => s.IsLive, out var session) || work.Holds(session, message) || !TryParse(message, null, out var request))
            return;
        switch (Recall(session, message))
        {
            case Recalled.Newest:
                Begin(session, message, records.Repeated(session), EventKind.Updated, CoapCode.Changed);
                break;
            case Recalled.New:
                if (!session.Peer.Source.Equals(message.Requester.Peer.Source))
                    reviews.OnMoved(session);
                Begin(session, message, records.Updated(session, request, message.Requester), EventKind.Updated, CoapCode.Changed);
                break;
        }
    }

    public void Deregister(in Message message, ReadOnlySpan<byte> location)
    {
        // One that has just ended may be the work of this very message, whose answer was lost.
        var requester = message.Requester;
        if (!TryFind(message, location, s => s.IsLive || s.Job is not null || IsNewest(s, requester), out var session)
            || work.Holds(session, message))
            return;
        switch (Recall(session, message))
        {
            case Recalled.Newest when !session.IsLive:
                Begin(session, message, records.Repeated(session), null, CoapCode.Deleted);
                break;
            case Recalled.New when session.IsLive:
                var ended = records.Ended(session, EventKind.Deregistered, "de-registered by the device", message.Requester);
                Begin(session, message, ended, null, CoapCode.Deleted);
                break;
        }
    }

    /// <summary>
    /// Whether this very message stands in a session record: then its work is done already, and only its answer is owed, whatever else is
    /// known of it.
    /// </summary>
    public bool IsRemembered(in Message message, ReadOnlySpan<byte> location)
    {
        Session? session = null;
        if (!location.IsEmpty)
            session = Identifiers.TryParse(location, out var id) ? node.Sessions.ByRegistration(id) : null;
        else if (RegisterRequest.TryParse(message, out var request, out _, ProvenName(message)) && request!.Endpoint is { } endpoint)
            session = node.Sessions.ByEndpoint(endpoint);
        return session is not null && Recall(session, message) != Recalled.New;
    }

    /// <summary>Ends a registration whose lifetime is over, or that an operator kicks out.</summary>
    public void End(Session session, EventKind kind, string reason) =>
        work.TryStart(session, records.Ended(session, kind, reason, null), changesRegistration: true);

    /// <summary>Writes down that the device was heard.</summary>
    public void Refresh(Session session) => work.TryStart(session, records.Refreshed(session), changesRegistration: false);

    void Begin(Session session, in Message message, SessionRecord next, EventKind? kind, CoapCode code)
    {
        var received = node.Clock.UnixNanoseconds;
        var happened = kind is { } told ? MakeEvent(session, next, told, UplinkRecords.MessageId(next.RegistrationId, told, message.Frame), received) : null;
        if (work.TryStart(session, next, changesRegistration: true, message.Hold(), code, happened) == AppendStatus.Handed)
            return;
        messages.AnswerLater(message.Requester);
        reception.End(message.Requester);
        work.ForgetIfEmpty(session);
    }

    static Func<byte[]> MakeEvent(Session session, SessionRecord next, EventKind kind, EventId id, long received) => () =>
    {
        var happened = UplinkRecords.Event(session, next, kind, id, received);
        happened.Registration = next.Registration;
        return happened.ToByteArray();
    };

    // A device may leave out who it is where that is known already (LwM2M Core 1.1 section 6.2.1).
    string? ProvenName(in Message message) => node.Proofs.Of(message.Requester.Peer)?.Endpoints.Only;

    bool TryParse(in Message message, string? provenName, out RegisterRequest request)
    {
        if (RegisterRequest.TryParse(message, out var parsed, out var error, provenName) && parsed!.HasSafeNames(out error))
        {
            request = parsed;
            return true;
        }

        request = null!;
        Refuse(message, CoapCode.BadRequest, error);
        return false;
    }

    // "No" is said only at the end of the log: another replica may have registered the device just now.
    bool TryFind(in Message message, ReadOnlySpan<byte> location, Func<Session, bool> isMeant, out Session session)
    {
        session = null!;
        if (Identifiers.TryParse(location, out var id) && node.Identifiers.IsOurs(id, Identifiers.Kind.Registration))
        {
            if (node.Sessions.ByRegistration(id) is { } found && isMeant(found))
            {
                session = found;
                return MaySpeakFor(message, found);
            }

            if (!message.IsAtEndOfLog)
            {
                work.DecideAtEndOfLog(message);
                return false;
            }
        }
        else if (node.Configuration().Ingress.LegacyLocation)
        {
            if (node.Sessions.ByEndpoint(Encoding.UTF8.GetString(location)) is { } named && IsFrom(named, message.Requester.Peer) && isMeant(named))
            {
                session = named;
                return MaySpeakFor(message, named);
            }

            if (!message.IsAtEndOfLog)
            {
                work.DecideAtEndOfLog(message);
                return false;
            }
        }

        Refuse(message, CoapCode.NotFound, "no such registration");
        return false;
    }

    bool MaySpeakFor(in Message message, Session session)
    {
        if (node.MaySpeakFor(message.Requester.Peer, session.Endpoint, session))
            return true;
        Refuse(message, CoapCode.Forbidden, Entitlement.Refusal);
        return false;
    }

    // Everybody can guess this location: whoever is not at the device's address has to register, as with EMQX.
    bool IsFrom(Session session, Peer peer) => session.Number > 0 && (session.Peer.Equals(peer) || node.Configuration().Ingress.Roaming);

    void Refuse(in Message message, CoapCode code, string reason)
    {
        node.Telemetry.Refused.Add(1, new KeyValuePair<string, object?>("code", code.Dotted));
        messages.Answer(message.Requester, code, default, reason);
    }

    static Recalled Recall(Session session, in Message message)
    {
        if (session.Number == 0)
            return Recalled.New;
        var record = session.ToRecord();
        return SessionRecords.Recall(record, message.Requester) switch
        {
            null => message.WasHeld && SessionRecords.IsOvertaken(record, message.Requester) ? Recalled.Older : Recalled.New,
            { IsNewest: true } => Recalled.Newest,
            _ => Recalled.Older,
        };
    }

    static bool IsNewest(Session session, in Requester requester) =>
        session.Number > 0 && SessionRecords.Recall(session.ToRecord(), requester) is { IsNewest: true };

    enum Recalled
    {
        New,
        Newest,

        /// <summary>A late copy, or one that the device gave up for the newest: it changes nothing and gets silence.</summary>
        Older,
    }
}
