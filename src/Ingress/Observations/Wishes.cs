using Contracts;
using Google.Protobuf;
using Ingress.Operations;
using Ingress.Registrations;
using Messaging;
using Protocol.Coap;

namespace Ingress.Observations;

/// <summary>
/// Observations as desired state: what is wanted of an endpoint stands in its session record, and is observed again with each new
/// registration, one GET after the other, in turn with the device's commands. What a GET changes is written down before it leaves.
/// </summary>
sealed class Wishes(Node node, SessionWork work, SessionRecords records)
{
    /// <summary>A bound on what a record says, whatever is wanted of a device.</summary>
    public const int MostPerDevice = 256;

    /// <summary>Bytes of a record that takes no more observations: lists of paths are long, and Kafka has to take the record.</summary>
    const int LargestRecord = 2 * 1024 * 1024;

    /// <summary>Observations whose tokens are written down together.</summary>
    const int MostMarkedTogether = 16;

    const int RetryAfter = 100;

    public static ObservedPath? Find(Session session, string path) => Array.Find(session.Observed, o => o.Path == path);

    /// <summary>Puts what is to be observed again into the queue: because of the record that counts now, or, after a restart, of any before.</summary>
    public static void Plan(Session session, bool hasRestarted = false)
    {
        foreach (var observed in session.Observed)
        {
            if (observed.Due == 0 || (!hasRestarted && observed.Due != session.Number))
                continue;
            var queue = session.Operations ??= new OperationQueue();
            if (queue.RenewalOf(observed.Path) is { } renewal)
                renewal.Renews = observed.Due;
            else if (!queue.Observes(observed.Path))
                queue.Add(new QueuedOperation(RequestOf(session, observed.Observation)) { Renews = observed.Due });
        }
    }

    /// <summary>A repeated observation that nobody wants any more, or that has come to be meanwhile.</summary>
    public static bool IsStale(Session session, OperationQueue queue, QueuedOperation queued)
    {
        if (queued.Renews == 0)
            return false;
        var path = queued.Operation.Path;
        return queue.Marks.ContainsKey(path) || Find(session, path) is not { IsWanted: true } wish || wish.Due != queued.Renews;
    }

    /// <summary>Whether one more path may be observed.</summary>
    public static bool HasRoomFor(Session session, QueuedOperation next) =>
        next.Operation.Kind != OperationKind.Observe || Find(session, next.Operation.Path) is not null
        || (session.Observed.Length < MostPerDevice && session.Record.Length < LargestRecord);

    /// <summary>Whether something is to be written down before the request leaves.</summary>
    public static bool NeedsMark(Session session, OperationQueue queue, QueuedOperation next)
    {
        var operation = next.Operation;
        var known = Find(session, operation.Path);
        switch (operation.Kind)
        {
            // That it is not wanted any more outlives this process, and then what the device says to it.
            case OperationKind.CancelObservation:
                return known is { IsWanted: true };
            case OperationKind.Observe:
                return known is not { IsWanted: true, Token.Length: > 0 }
                    || queue.Marks.GetValueOrDefault(operation.Path, ObservationMark.Observed) == ObservationMark.Over
                    || (next.Renews == 0 && known.CommandId != operation.Command.CommandId && !Yields(operation, known));
            default:
                return next.IsOnceOnly;
        }
    }

    /// <summary>The token that a request about an observation bears; null for any other.</summary>
    public static CoapToken? TokenOf(Session session, DownlinkOperation operation) =>
        operation.Kind is OperationKind.Observe or OperationKind.CancelObservation && Find(session, operation.Path) is { Token.Length: > 0 } known
            ? known.Token
            : null;

    /// <summary>What is to be cancelled is asked for as it was when it began (RFC 7641 section 3.6).</summary>
    public static void AskAsObserved(Session session, DownlinkOperation operation)
    {
        if (operation.Kind == OperationKind.CancelObservation && Find(session, operation.Path) is { Token.Length: > 0 } known)
            ObservationRecords.Ask(operation, known.Observation);
    }

    /// <summary>Writes down what became of observations, and what <paramref name="next"/> needs before it leaves.</summary>
    public void Mark(Session session, OperationQueue queue, QueuedOperation? next)
    {
        var observations = Marked(session, queue);
        if (next is { Operation.Kind: OperationKind.Observe })
        {
            // Of several for one path the first goes first; the others take their turn.
            var together = queue.Waiting.Where(o => o.Operation.Kind == OperationKind.Observe && !IsStale(session, queue, o)).Prepend(next);
            foreach (var observe in together.DistinctBy(o => o.Operation.Path).Take(MostMarkedTogether))
                Want(observations, observe);
        }
        else if (next is { Operation.Kind: OperationKind.CancelObservation })
        {
            if (observations.Find(o => o.Path == next.Operation.Path) is { } cancelled)
                cancelled.Wanted = false;
        }

        var started = next is { IsOnceOnly: true } ? [next.Operation] : Array.Empty<DownlinkOperation>();
        var record = records.Marked(session, observations, started);
        if (work.TryStart(session, record, changesRegistration: record.RegistrationNumber == record.Number) != AppendStatus.Handed)
        {
            node.Timetable.Schedule(session, node.Clock.Milliseconds + RetryAfter);
            return;
        }

        queue.Marks.Clear();
    }

    /// <summary>The device has answered to an Observe, or to a cancellation.</summary>
    public void Answered(Session session, OperationQueue queue, QueuedOperation active, in CoapFrame frame)
    {
        var path = active.Operation.Path;
        if (Find(session, path) is not { } observed || active.Operation.Kind is not (OperationKind.Observe or OperationKind.CancelObservation))
            return;
        if (active.Operation.Kind == OperationKind.CancelObservation)
        {
            queue.Marks[path] = ObservationMark.Over;
        }
        else if (frame is { Code.IsSuccess: true, Observe: { } sequence })
        {
            observed.Freshest = new ObserveFreshness(sequence, node.Clock.Milliseconds);
            if (observed.Due > 0)
                queue.Marks[path] = ObservationMark.Observed;
        }
        else if (IsFinal(frame.Code) || !IsWantedAnyway(active, observed))
        {
            queue.Marks[path] = ObservationMark.Over;
        }
        else if (observed.Due == 0)
        {
            queue.Marks[path] = ObservationMark.Lapsed;
        }
    }

    /// <summary>An Observe or a cancellation has ended without an answer.</summary>
    public static void Failed(Session session, OperationQueue queue, QueuedOperation active)
    {
        if (Find(session, active.Operation.Path) is not { } observed)
            return;
        // A device that did not hear of its cancellation is told by a Reset of its next notification (RFC 7641 section 3.6).
        var isCancelled = active.Operation.Kind == OperationKind.CancelObservation;
        if (isCancelled || (active.Operation.Kind == OperationKind.Observe && !IsWantedAnyway(active, observed)))
            queue.Marks[active.Operation.Path] = ObservationMark.Over;
    }

    /// <summary>A command was taken back, or has expired, before it left.</summary>
    public static void Withdraw(Session session, OperationQueue queue, QueuedOperation operation)
    {
        if (operation.Operation.Kind == OperationKind.Observe)
            Failed(session, queue, operation);
    }

    /// <summary>The device has ended an observation by an error (RFC 7641 section 3.2).</summary>
    public static void Ended(Session session, string path, CoapCode code) =>
        (session.Operations ??= new OperationQueue()).Marks[path] = IsFinal(code) ? ObservationMark.Over : ObservationMark.Lapsed;

    // What will be the same when it is asked again.
    static bool IsFinal(CoapCode code) => (byte)code >> 5 == 4 && code != CoapCode.TooManyRequests;

    static bool IsWantedAnyway(QueuedOperation active, ObservedPath observed) =>
        active.Renews > 0 || active.IsWantedAnyway || observed.CommandId != active.Id;

    // What auto-observe wants and a command wants too, is told with the command's context.
    static bool Yields(DownlinkOperation operation, ObservedPath known) => operation.Automatic && !known.IsAutomatic;

    // The observations as they are, with what became of them since.
    static List<Observation> Marked(Session session, OperationQueue queue)
    {
        var observations = session.ToRecord().Observations.ToList();
        foreach (var (path, mark) in queue.Marks)
        {
            if (mark == ObservationMark.Over)
                observations.RemoveAll(o => o.Path == path);
            else if (observations.Find(o => o.Path == path) is { } observation)
                observation.Due = mark == ObservationMark.Observed ? 0 : session.Number;
        }

        return observations;
    }

    // One token per registration and path, whoever wanted it.
    void Want(List<Observation> observations, QueuedOperation next)
    {
        var operation = next.Operation;
        var known = observations.Find(o => o.Path == operation.Path);
        if (known is { Wanted: false })
        {
            // Its cancellation was sent; the device may carry out either first, so this one is another observation.
            observations.Remove(known);
            known = null;
        }

        next.IsWantedAnyway = known is not null && known.Command?.CommandId != operation.Command.CommandId;
        if (known is null)
        {
            known = new Observation { Path = operation.Path, Wanted = true, Automatic = operation.Automatic, Command = operation.Command };
            ObservationRecords.Keep(known, operation);
            observations.Add(known);
        }
        else if (next.Renews == 0 && (known.Automatic || !operation.Automatic))
        {
            known.Automatic = operation.Automatic;
            known.Command = operation.Command;
            ObservationRecords.Keep(known, operation);
        }

        if (known.Token.IsEmpty)
        {
            Span<byte> bytes = stackalloc byte[CoapFrame.MaxTokenLength];
            known.Token = ByteString.CopyFrom(node.Identifiers.NextToken().CopyTo(bytes));
        }
    }

    static DownlinkOperation RequestOf(Session session, Observation observation)
    {
        var operation = new DownlinkOperation
        {
            Schema = Contracts.Schema.Current,
            Endpoint = session.Endpoint,
            Kind = OperationKind.Observe,
            Path = observation.Path,
            Automatic = observation.Automatic,
            Command = observation.Command,
            DeadlineMs = long.MaxValue,
        };
        ObservationRecords.Ask(operation, observation);
        return operation;
    }
}
