using Contracts;
using Contracts.Configuration;
using Google.Protobuf;
using Ingress.Access;
using Ingress.Journal;
using Ingress.Messages;
using Ingress.Sockets;
using Protocol.Lwm2m;
using Protocol.Lwm2m.Links;

namespace Ingress.Registrations;

/// <summary>Makes the next session record of the one that counts. Pure: nothing is in force before it was read back.</summary>
sealed class SessionRecords(Node node)
{
    /// <summary>A bound on what a record remembers, whatever a device sends within EXCHANGE_LIFETIME.</summary>
    const int MostRemembered = 32;

    const int MostStarted = 1000;

    /// <summary>s; of LwM2M 1.0 where a device names none.</summary>
    const long DefaultLifetime = 86400;

    static readonly HashSet<string> SleepyAccessPoints = ["Ctnb", "psmA.eDRX0.ctnb", "psmC.eDRX0.ctnb", "psmF.eDRXC.ctnb"];

    /// <summary>A new registration of an endpoint; what it ends is owed an announcement.</summary>
    public SessionRecord Registered(Session session, RegisterRequest request, Requester requester, Verdict verdict)
    {
        var now = node.Clock.UnixMilliseconds;
        var previous = session.Number > 0 ? session.ToRecord() : null;
        var next = Successor(session, previous);
        if (previous is { Live: true })
        {
            OweCutOff(previous, next);
            next.Owed.Add(ByteString.CopyFrom(UplinkRecords.End(previous, EventKind.Replaced, "registered again", node.Clock.UnixNanoseconds)));
        }

        next.Endpoint = session.Endpoint;
        next.RegistrationId = node.Identifiers.Next(Identifiers.Kind.Registration);
        next.RegistrationNumber = next.Number;
        next.Live = true;
        next.RegisteredMs = now;
        next.RefreshedMs = now;
        next.EndedMs = 0;
        next.Peer = Encode(requester.Peer);
        Admit(next, verdict);
        next.Lwm2MVersion = request.Version ?? "";
        next.Listener = "";
        next.Registration = new RegistrationInfo();
        ObservationRecords.BeginAnew(next);
        Merge(next, request);
        Remember(next, MessageKind.Register, requester);
        return next;
    }

    /// <summary>An Update: what it carries replaces what was there.</summary>
    public SessionRecord Updated(Session session, RegisterRequest request, Requester requester)
    {
        var next = Successor(session, session.ToRecord());
        var now = node.Clock.UnixMilliseconds;
        next.RefreshedMs = now;
        Move(next, requester.Peer);
        ObservationRecords.TryAgain(next);
        Merge(next, request);
        Remember(next, MessageKind.Update, requester);
        return next;
    }

    /// <summary>The device is heard at another address.</summary>
    public SessionRecord Moved(Session session, in Peer peer)
    {
        var next = Repeated(session);
        next.RefreshedMs = node.Clock.UnixMilliseconds;
        Move(next, peer);
        return next;
    }

    /// <summary>The end of a registration, by the device's wish or ours; <paramref name="requester"/> is who wished it.</summary>
    public SessionRecord Ended(Session session, EventKind kind, string reason, Requester? requester)
    {
        var previous = session.ToRecord();
        var next = Successor(session, previous);
        next.RegistrationNumber = next.Number;
        next.Live = false;
        next.EndedMs = node.Clock.UnixMilliseconds;
        OweCutOff(previous, next);
        next.Owed.Add(ByteString.CopyFrom(UplinkRecords.End(previous, kind, reason, node.Clock.UnixNanoseconds)));
        ObservationRecords.Rest(next);
        if (requester is { } wish)
            Remember(next, MessageKind.Deregister, wish);
        return next;
    }

    /// <summary>The same again, by this replica: a repeated message, an adoption.</summary>
    public SessionRecord Repeated(Session session)
    {
        var next = Successor(session, session.ToRecord());
        next.RegistrationNumber = next.Number;
        if (session.Slot != node.Slot)
            ObservationRecords.TryAgain(next);
        return next;
    }

    /// <summary>The same again, over a record that does not count.</summary>
    public SessionRecord Covering(Session session) => Successor(session, session.ToRecord());

    /// <summary>The lifetime as messages other than Register and Update have refreshed it.</summary>
    public SessionRecord Refreshed(Session session)
    {
        var next = Successor(session, session.ToRecord());
        next.RefreshedMs = node.Clock.UnixMilliseconds - (node.Clock.Milliseconds - session.LastHeard);
        return next;
    }

    /// <summary>The same again in the hands of another slot, which announces it.</summary>
    public SessionRecord HandedOver(Session session, int slot, long epoch)
    {
        var next = Refreshed(session);
        next.RegistrationNumber = next.Number;
        next.Slot = (uint)slot;
        next.Epoch = (ulong)epoch;
        ObservationRecords.TryAgain(next);
        return next;
    }

    /// <summary>The same registration under another authorization.</summary>
    public SessionRecord Reviewed(Session session, Verdict verdict)
    {
        var next = Successor(session, session.ToRecord());
        next.RegistrationNumber = next.Number;
        next.Denied = (uint)verdict.Denied;
        next.AuthorizedMs = verdict.AuthorizedMs;
        return next;
    }

    /// <summary>The record with other observations, and with operations that are about to be started.</summary>
    public SessionRecord Marked(Session session, IEnumerable<Observation> observations, IEnumerable<DownlinkOperation> started)
    {
        var next = Successor(session, session.ToRecord());
        var kept = observations.ToList();
        // Which paths are wanted is public, which tokens they have is not.
        if (!ObservationRecords.Wanted(kept).ToHashSet().SetEquals(ObservationRecords.Wanted(next.Observations)))
            next.RegistrationNumber = next.Number;
        next.Observations.Clear();
        next.Observations.Add(kept);
        var now = node.Clock.UnixMilliseconds;
        foreach (var operation in started)
        {
            next.Started.Add(new StartedOperation
            {
                CommandId = operation.Command.CommandId,
                AtMs = now,
                Slot = next.Slot,
                Epoch = next.Epoch,
                DeadlineMs = operation.DeadlineMs,
            });
        }

        return next;
    }

    /// <summary>The record with a notification that comes in blocks, before its first one is acknowledged.</summary>
    public SessionRecord Noted(Session session, Observation observation, bool isAdoption)
    {
        var next = isAdoption ? Repeated(session) : Successor(session, session.ToRecord());
        next.Bodies.Add(new UnfinishedBody { Path = observation.Path, Token = observation.Token, AtMs = node.Clock.UnixMilliseconds });
        return next;
    }

    /// <summary>The record without the notifications that are read.</summary>
    public SessionRecord Read(Session session, Func<string, bool> isUnfinished)
    {
        var next = Successor(session, session.ToRecord());
        var unfinished = next.Bodies.Where(b => isUnfinished(b.Path)).ToList();
        next.Bodies.Clear();
        next.Bodies.Add(unfinished);
        return next;
    }

    /// <summary>What is found of a message in the record: null where it is new.</summary>
    public static (RememberedMessage Message, bool IsNewest)? Recall(SessionRecord record, in Requester requester)
    {
        for (var i = record.Remembered.Count - 1; i >= 0; i--)
        {
            var known = record.Remembered[i];
            if (known.MessageId == requester.Key.MessageId && known.Digest == requester.Key.Digest && Encode(requester.Peer).Equals(known.Peer))
                return (known, i == record.Remembered.Count - 1);
        }

        return null;
    }

    /// <summary>
    /// Whether another message of the device was taken that came after this one. A device has one request under way (NSTART = 1): it has given
    /// this one up since, perhaps by a restart.
    /// </summary>
    public static bool IsOvertaken(SessionRecord record, in Requester requester) =>
        record.Remembered.Count > 0 && record.Remembered[^1].AtMs > requester.ReceivedMs;

    SessionRecord Successor(Session session, SessionRecord? previous)
    {
        var next = previous ?? new SessionRecord { Schema = Schema.Current };
        var now = node.Clock.UnixMilliseconds;
        next.Number = session.Number + 1;
        next.Writer = (ulong)node.Random.NextInt64();
        next.Slot = (uint)node.Slot;
        next.Epoch = (ulong)node.Epoch;
        // What is owed goes from record to record until a registration record shows that it was announced.
        if (session.OwedIsAnnounced)
            next.Owed.Clear();

        while (next.Remembered.Count > 0 && next.Remembered[0].AtMs < now - node.Transmission.ExchangeLifetime)
            next.Remembered.RemoveAt(0);
        // After its deadline an operation is not handed over again, and MAX_TRANSMIT_WAIT later it is closed.
        for (var i = next.Started.Count - 1; i >= 0; i--)
        {
            if (next.Started[i].DeadlineMs + node.Transmission.MaxTransmitWait < now)
                next.Started.RemoveAt(i);
        }

        while (next.Started.Count > MostStarted)
            next.Started.RemoveAt(0);
        return next;
    }

    // The rest of a notification whose registration ends will not be read.
    void OweCutOff(SessionRecord previous, SessionRecord next)
    {
        foreach (var unfinished in previous.Bodies)
            next.Owed.Add(ByteString.CopyFrom(UplinkRecords.CutOff(previous, unfinished, node.Clock.UnixNanoseconds)));
        next.Bodies.Clear();
    }

    void Merge(SessionRecord next, RegisterRequest request)
    {
        var said = next.Registration;
        foreach (var parameter in request.Parameters)
        {
            var known = said.Parameters.FirstOrDefault(p => p.Key == parameter.Key);
            if (known is null)
                said.Parameters.Add(parameter);
            else
                known.Value = parameter.Value;
        }

        said.LifetimeSent = request.Lifetime is not null || said.LifetimeSent;
        said.Lifetime = request.Lifetime ?? said.Lifetime;
        next.Lifetime = LifetimeOf(said, next.Lwm2MVersion);
        next.Binding = request.Binding ?? (next.Binding.Length > 0 ? next.Binding : "U");
        next.QueueMode = next.Binding.Contains('Q', StringComparison.Ordinal) || request.Queue || (next.QueueMode && request.Binding is null)
            || said.Parameters.Any(p => p.Key == "apn" && SleepyAccessPoints.Contains(p.Value));

        said.HasObjectList = request.Objects is not null;
        if (request.Objects is { } objects)
            MergeObjects(next, said, objects);
        else if (next.AlternatePath.Length == 0)
            next.AlternatePath = "/";
    }

    static void MergeObjects(SessionRecord next, RegistrationInfo said, ObjectList objects)
    {
        next.AlternatePath = objects.AlternatePath;
        said.ObjectList.Clear();
        said.ObjectList.Add(objects.Paths);
        said.Formats.Clear();
        said.Formats.Add(objects.Formats.All.Select(f => (uint)f));
        next.Versions.Clear();
        next.Versions.Add(objects.Versions.OrderBy(v => v.Key).Select(v => new Contracts.ObjectVersion { ObjectId = v.Key, Version = v.Value.ToString() }));
    }

    // What a device may ask for is bounded. lt=0 means as long as possible in LwM2M 1.0, and without end from 1.1 on (object 1 resource 1).
    long LifetimeOf(RegistrationInfo said, string version)
    {
        var options = node.Configuration();
        var longest = (long)options.Lwm2m.LifetimeMax.TotalSeconds;
        var asked = said.LifetimeSent ? said.Lifetime : DefaultLifetime;
        if (asked == 0)
            return NegotiatedVersion.Of(version).Version == Lwm2mVersion.V10 ? longest : Math.Max(longest, (long)options.Ingress.InfiniteLifetimeMax.TotalSeconds);
        return Math.Clamp(asked, Math.Min((long)options.Lwm2m.LifetimeMin.TotalSeconds, longest), longest);
    }

    // Where the device is heard. Its identity stays what it was, and with it its topics.
    void Move(SessionRecord next, in Peer peer)
    {
        next.RegistrationNumber = next.Number;
        next.Peer = Encode(peer);
        next.Listener = node.Listeners[peer.Listener];
    }

    static void Admit(SessionRecord next, Verdict verdict)
    {
        next.Client = verdict.Client;
        next.Superuser = verdict.IsSuperuser;
        next.AdmittedUntilMs = verdict.AdmittedUntilMs;
        next.Denied = (uint)verdict.Denied;
        next.AuthorizedMs = verdict.AuthorizedMs;
    }

    static void Remember(SessionRecord next, MessageKind kind, in Requester requester)
    {
        Span<byte> token = stackalloc byte[Protocol.Coap.CoapFrame.MaxTokenLength];
        next.Remembered.Add(new RememberedMessage
        {
            Kind = kind,
            Peer = Encode(requester.Peer),
            MessageId = requester.Key.MessageId,
            Token = ByteString.CopyFrom(requester.Token.CopyTo(token)),
            Digest = requester.Key.Digest,
            AtMs = requester.ReceivedMs,
        });
        while (next.Remembered.Count > MostRemembered)
            next.Remembered.RemoveAt(0);
    }

    static ByteString Encode(in Peer peer)
    {
        Span<byte> bytes = stackalloc byte[Peer.MaxLength];
        return ByteString.CopyFrom(bytes[..peer.Write(bytes)]);
    }
}
