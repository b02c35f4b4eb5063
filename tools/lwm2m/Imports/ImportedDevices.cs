using System.Text;
using Contracts;
using Contracts.Configuration;
using Google.Protobuf;
using Ingress;
using Ingress.Access;
using Ingress.Journal;
using Ingress.Messages;
using Ingress.Registrations;
using Ingress.Sockets;
using Microsoft.Extensions.DependencyInjection;
using Protocol.Coap;

namespace Tools.Imports;

/// <summary>
/// The devices of a capture: sessions and events are made by the rules of Ingress, from what the captured gateway has confirmed, under the registration ids that
/// it gave out.
/// </summary>
sealed class ImportedDevices
{
    public const string Listener = "udp:default";

    static readonly System.Diagnostics.Metrics.IMeterFactory Meters =
        new ServiceCollection().AddMetrics().BuildServiceProvider().GetRequiredService<System.Diagnostics.Metrics.IMeterFactory>();

    readonly Node _node;
    readonly SessionRecords _records;
    readonly Dictionary<ulong, string> _locations = [];
    byte[] _scratch = new byte[4096];

    public ImportedDevices(GatewayConfiguration configuration, CaptureTime time)
    {
        var (nothing, clock) = (new NoLog(), new Clock(time));
        // What would be random is either replaced by what was captured, or seen by nobody.
        var random = new Random(1);
        _node = new Node
        {
            Clock = clock,
            Random = random,
            Log = nothing,
            Outlet = nothing,
            Topics = new Topics(configuration.Kafka.TopicPrefix),
            Configuration = () => configuration,
            Telemetry = new IngressTelemetry(Meters),
            Identifiers = new Identifiers(null, 0),
            Sessions = new SessionTable(_ => 0, clock, random),
            Listeners = [Listener],
            Slot = 0,
        };
        _records = new SessionRecords(_node);
    }

    public Clock Clock => _node.Clock;

    /// <summary>Whom the peer is known as; null where its Register is not in the capture.</summary>
    public Session? Find(in Peer peer) => _node.Sessions.ByPeer(peer);

    /// <summary>The session of a location, behind <c>/rd/</c>.</summary>
    public Session? Find(string location) => _node.Sessions.ByRegistration(IdOf(location)) is { IsLive: true } session ? session : null;

    /// <summary>A Register was answered 2.01. No events: it is none that this gateway would take.</summary>
    public IReadOnlyList<UplinkEvent> Register(in Message message, string location, ulong ns)
    {
        var peer = message.Requester.Peer;
        if (!RegisterRequest.TryParse(message, out var request, out _) || !request!.HasSafeNames(out _) || request.Endpoint is not { } endpoint
            || Identity.Of(endpoint, request, peer, Listener, null, _node.Configuration().Lwm2m.ClientInfoOverride, out _) is not { } question
            || (_node.Sessions.ByEndpoint(endpoint) is null && _node.Sessions.Count >= _node.Configuration().Ingress.MaxSessions))
            return [];
        var session = _node.Sessions.GetOrAdd(endpoint);
        var next = _records.Registered(session, request, message.Requester, Verdict.Unasked(question.Client));
        var events = TakeOwed(next, session, ns);
        _locations.Remove(session.RegistrationId);
        next.RegistrationId = IdOf(location);
        _locations[next.RegistrationId] = location;
        Apply(session, next);
        events.Add(Told(session, next, EventKind.Registered, UplinkRecords.MessageId(next.RegistrationId, EventKind.Registered, message.Frame), ns));
        return events;
    }

    /// <summary>An Update was answered 2.04.</summary>
    public UplinkEvent? Update(Session session, in Message message, ulong ns)
    {
        if (!RegisterRequest.TryParse(message, out var request, out _) || !request!.HasSafeNames(out _))
            return null;
        var next = _records.Updated(session, request, message.Requester);
        Apply(session, next);
        return Told(session, next, EventKind.Updated, UplinkRecords.MessageId(next.RegistrationId, EventKind.Updated, message.Frame), ns);
    }

    /// <summary>A registration is over.</summary>
    /// <param name="requester">Of a De-register.</param>
    public IReadOnlyList<UplinkEvent> End(Session session, EventKind kind, string reason, Requester? requester, ulong ns)
    {
        var next = _records.Ended(session, kind, reason, requester);
        var events = TakeOwed(next, session, ns);
        Apply(session, next);
        _locations.Remove(session.RegistrationId);
        return events;
    }

    /// <summary>Registrations whose lifetime is over.</summary>
    public List<Session> Overdue() => [.. _node.Sessions.All.Where(session => session.IsLive && session.ExpiresAt <= Clock.Milliseconds)];

    /// <summary>The gateway is about to ask for an observation under that token.</summary>
    public void Observe(Session session, string path, CoapToken token, CommandContext command)
    {
        var kept = session.ToRecord().Observations.Where(known => known.Path != path);
        Apply(session, _records.Marked(session, [.. kept, new Observation { Path = path, Token = BytesOf(token), Command = command, Wanted = true }], []));
    }

    /// <summary>Whether that path was observed before this registration: then its first value is news, and no answer to a command.</summary>
    public static bool IsRenewed(Session session, string path, out Observation? observation)
    {
        observation = session.ToRecord().Observations.FirstOrDefault(known => known.Path == path && known.Token.IsEmpty);
        return observation is not null;
    }

    /// <summary>The observation is over.</summary>
    public void Forget(Session session, string path) => Apply(session, _records.Marked(session, session.ToRecord().Observations.Where(known => known.Path != path), []));

    /// <summary>A notification, and whether an observation of the peer has that token.</summary>
    public bool TryNotify(in Peer peer, in CoapFrame frame, ulong ns, out Session session, out UplinkEvent told)
    {
        (session, told) = (null!, null!);
        if (!_node.Sessions.TryGetObservation(new CoapToken(frame.Token), out var observed) || !observed.Session.Peer.Equals(peer))
            return false;
        session = observed.Session;
        var now = Clock.Milliseconds;
        var late = frame.Observe is { } sequence && observed.Freshest is { } freshest && !freshest.IsSupersededBy(sequence, now);
        var needed = UplinkRecords.LargestNotification(session, observed.Context, frame);
        if (_scratch.Length < needed)
            _scratch = new byte[needed];
        told = Named(UplinkEvent.Parser.ParseFrom(UplinkRecords.Notified(session, observed.Context, frame, (long)ns, late, _scratch)), session.RegistrationId);
        if (!late && frame.Observe is { } fresh)
            observed.Freshest = new Protocol.Coap.ObserveFreshness(fresh, now);
        return true;
    }

    /// <summary>An event of the session as it stands.</summary>
    public UplinkEvent Tell(Session session, EventKind kind, EventId id, ulong ns) => Named(UplinkRecords.Event(session, session.ToRecord(), kind, id, (long)ns), session.RegistrationId);

    public void Hear(Session session) => session.LastHeard = Clock.Milliseconds;

    UplinkEvent Told(Session session, SessionRecord next, EventKind kind, EventId id, ulong ns)
    {
        var told = Tell(session, kind, id, ns);
        told.Registration = next.Registration;
        return told;
    }

    // What the change ends is told before it.
    List<UplinkEvent> TakeOwed(SessionRecord next, Session session, ulong ns)
    {
        var owed = next.Owed.Select(bytes => Named(UplinkEvent.Parser.ParseFrom(bytes), session.RegistrationId)).ToList();
        foreach (var told in owed)
            told.ReceivedNs = ns;
        next.Owed.Clear();
        return owed;
    }

    UplinkEvent Named(UplinkEvent told, ulong id)
    {
        if (_locations.TryGetValue(id, out var location))
            told.RegistrationId = location;
        return told;
    }

    void Apply(Session session, SessionRecord next) => _node.Sessions.Apply(session, next, next.ToByteArray());

    // Ours as it is, so that events have the ids that they had; of another server a number of its own.
    static ulong IdOf(string location) => Identifiers.TryParse(Encoding.UTF8.GetBytes(location), out var id) ? id : EventId.Of(Encoding.UTF8.GetBytes(location)).Low;

    static ByteString BytesOf(CoapToken token)
    {
        Span<byte> bytes = stackalloc byte[CoapFrame.MaxTokenLength];
        return ByteString.CopyFrom(token.CopyTo(bytes));
    }
}
