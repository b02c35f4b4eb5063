using Contracts;
using Ingress.Blockwise;
using Ingress.Journal;
using Ingress.Messages;
using Ingress.Operations;
using Ingress.Registrations;
using Messaging;
using Protocol.Coap;
using Protocol.Coap.Blockwise;

namespace Ingress.Observations;

/// <summary>
/// Notifications that do not fit into one datagram (RFC 7959 section 2.6). The path is noted in the session record, then the first block is
/// acknowledged, the rest is read, and the whole becomes one event. What is noted and not being read, after a crash or an adoption, is read
/// again.
/// </summary>
sealed class NotifiedBodies(Node node, MessageLayer messages, SessionWork work, SessionRecords records, OperationRunner operations, Outcomes outcomes)
{
    /// <summary>Takes the first block of a notification.</summary>
    public void Receive(in Message message, ObservedPath observed, bool isLate, in BlockwiseLimits limits)
    {
        var session = observed.Session;
        if (work.Holds(session, message))
            return;
        var observation = observed.Observation;
        var isNoted = node.Owns(session) && session.ToRecord().Bodies.Any(b => b.Path == observation.Path && b.Token.Equals(observation.Token));
        if (isNoted)
            Begin(message, observed, observation, isLate, limits);
        else
            Note(message, session, observation);
    }

    /// <summary>A newer notification is durable, and whole: what is being read of the older one is of no use.</summary>
    public void Supersede(Session session, NotifiedHead older)
    {
        if (session.Bodies?.Values.FirstOrDefault(b => b.Fetch?.Head == older) is not { Fetch: { } fetch } body)
            return;
        body.Fetch = null;
        session.Operations?.Abandon(fetch);
        Settle(session);
    }

    /// <summary>A session record of this slot counts: reads again what it notes and nobody reads.</summary>
    public void OnCounted(Session session, SessionRecord record, bool isNewRegistration)
    {
        if (isNewRegistration || !record.Live)
            LetGo(session);
        if (!record.Live)
            return;
        foreach (var unfinished in record.Bodies)
        {
            session.Bodies ??= [];
            if (!session.Bodies.ContainsKey(unfinished.Path))
                ReadAgain(session, record, unfinished);
        }

        if (session.Bodies is not { } bodies)
            return;
        foreach (var (path, _) in bodies.Where(b => b.Value.IsDone && !IsNoted(record, b.Key)).ToList())
            bodies.Remove(path);
        if (bodies.Count == 0)
            session.Bodies = null;
    }

    /// <summary>Nothing is read for this session any more: another replica owns it, or its registration is over.</summary>
    public static void LetGo(Session session)
    {
        foreach (var body in session.Bodies?.Values.ToList() ?? [])
        {
            if (body.Fetch is { } fetch)
                session.Operations?.Abandon(fetch);
        }

        session.Bodies = null;
    }

    /// <summary>Takes the notes of what is done out of the session record.</summary>
    public void Settle(Session session)
    {
        if (session is not { Bodies: { } bodies, Job: null, IsLive: true } || !node.Owns(session) || !bodies.Values.Any(b => b.IsDone))
            return;
        if (work.TryStart(session, records.Read(session, path => !bodies.TryGetValue(path, out var body) || !body.IsDone), changesRegistration: false) != AppendStatus.Handed)
            node.Timetable.Schedule(session, node.Clock.Milliseconds + 100);
    }

    /// <summary>The rest has been read, or was refused.</summary>
    public void Answered(Session session, BodyFetch fetch, in Message whole)
    {
        // Nothing is lost if it is not durable yet: the path stands in the session record.
        messages.Acknowledge(whole.Requester);
        var told = EventOf(session, fetch);
        told.Code = (byte)whole.Frame.Code;
        if (whole.Frame.ContentFormat is { } format)
            told.ContentFormat = format;
        told.Payload = Google.Protobuf.ByteString.CopyFrom(whole.Payload);
        if (!whole.Frame.Code.IsSuccess)
            told.Reason = "the device refused the rest of the notification";
        Tell(session, fetch, told);
    }

    /// <summary>The rest cannot be had.</summary>
    public void CutOff(Session session, BodyFetch fetch, CoapCode code, string reason)
    {
        node.Telemetry.BodiesCutOff.Add(1);
        var told = EventOf(session, fetch);
        told.Code = (byte)code;
        told.Reason = reason.Length > 0 ? reason : "the rest of the notification could not be read";
        Tell(session, fetch, told);
    }

    /// <summary>Until when the next block must have come, Unix time in ms: a device that is not heard for its lifetime is gone anyway.</summary>
    public long DeadlineOf(Session session) =>
        node.Clock.UnixMilliseconds + Math.Max(session.Lifetime, BlockLimits.Of(node)?.Lifetime ?? 0);

    // The message is processed once more when the note counts, and then acknowledged; if the note is void, it is decided again.
    void Note(in Message message, Session session, Observation observation)
    {
        var next = records.Noted(session, observation, isAdoption: !node.Owns(session));
        if (work.TryStart(session, next, changesRegistration: !node.Owns(session)) != AppendStatus.Handed)
        {
            node.Telemetry.NotTaken.Add(1);
            messages.Forget(message.Requester);
            return;
        }

        Body(session, observation.Path).IsExpected = true;
        work.Holds(session, message);
    }

    void Begin(in Message message, ObservedPath observed, Observation observation, bool isLate, in BlockwiseLimits limits)
    {
        var session = observed.Session;
        var frame = message.Frame;
        var body = Body(session, observation.Path);
        body.IsExpected = false;
        messages.Acknowledge(message.Requester);
        // What is being read is newer.
        if (isLate && body.Fetch is not null)
            return;
        if (!isLate && frame.Observe is { } fresh)
            observed.Freshest = new ObserveFreshness(fresh, node.Clock.Milliseconds);

        var id = UplinkRecords.MessageId(session.RegistrationId, EventKind.Notified, frame);
        var head = new NotifiedHead(id, node.Clock.UnixNanoseconds) { Observe = frame.Observe, IsLate = isLate };
        var blocks = new BlockwiseExchange(observation.Payload.Memory, limits, mayBeRepeated: true);
        if (blocks.OnResponse(frame) == BlockwiseStep.Failed)
        {
            if (body.Fetch is { } older)
                session.Operations?.Abandon(older);
            CutOff(session, MakeFetch(session, observation, head, null), blocks.FailureCode, blocks.Reason);
        }
        else if (body.Fetch is { } underWay)
        {
            underWay.Replace(head, blocks);
        }
        else
        {
            body.Fetch = MakeFetch(session, observation, head, frame.ContentFormat);
            body.Fetch.Blocks = blocks;
            operations.Fetch(session, body.Fetch);
        }
    }

    void ReadAgain(Session session, SessionRecord record, UnfinishedBody unfinished)
    {
        var observation = record.Observations.FirstOrDefault(o => o.Token.Equals(unfinished.Token))
            ?? new Observation { Path = unfinished.Path, Token = unfinished.Token, Command = new CommandContext() };
        var head = new NotifiedHead(UplinkRecords.BodyId(record.RegistrationId, unfinished), node.Clock.UnixNanoseconds) { IsReread = true };
        var fetch = MakeFetch(session, observation, head, null);
        Body(session, unfinished.Path).Fetch = fetch;
        operations.Fetch(session, fetch);
    }

    BodyFetch MakeFetch(Session session, Observation observation, NotifiedHead head, ushort? format)
    {
        var operation = new DownlinkOperation
        {
            Schema = Schema.Current,
            Endpoint = session.Endpoint,
            Kind = OperationKind.Read,
            Path = observation.Path,
            // Before all commands that wait.
            Priority = int.MaxValue,
            DeadlineMs = DeadlineOf(session),
            Command = observation.Command,
        };
        ObservationRecords.Ask(operation, observation);
        // In the format of the first block, so that the rest fits to it.
        if (format is { } given)
            operation.Accept = given;
        return new BodyFetch(this, session, observation, operation) { Head = head };
    }

    static UplinkEvent EventOf(Session session, BodyFetch fetch)
    {
        var told = UplinkRecords.Event(session, session.ToRecord(), EventKind.Notified, fetch.Head.Id, fetch.Head.ReceivedNs);
        told.Path = fetch.Observation.Path;
        told.Command = fetch.Observation.Command;
        if (fetch.Head.Observe is { } observe)
            told.Observe = observe;
        told.Late = fetch.Head.IsLate;
        told.Reread = fetch.Head.IsReread;
        return told;
    }

    void Tell(Session session, BodyFetch fetch, UplinkEvent told)
    {
        var body = Body(session, fetch.Observation.Path);
        body.Fetch = null;
        body.Untold++;
        node.Telemetry.Notifications.Add(1);
        outcomes.Tell(session, told, () =>
        {
            body.Untold--;
            Settle(session);
        });
    }

    static NotifiedBody Body(Session session, string path)
    {
        session.Bodies ??= [];
        if (!session.Bodies.TryGetValue(path, out var body))
            session.Bodies[path] = body = new NotifiedBody();
        return body;
    }

    static bool IsNoted(SessionRecord record, string path) => record.Bodies.Any(b => b.Path == path);
}
