using Contracts;
using Ingress.Registrations;
using Protocol.Coap;

namespace Ingress.Operations;

/// <summary>
/// Takes the operations that are handed to this slot, each once: those for its own devices, whose sessions do not know them yet. What is for the
/// gateway itself it carries out.
/// </summary>
sealed class OperationIntake(Node node, SessionWork work, OperationRunner runner, Outcomes outcomes)
{
    /// <summary>Nobody can tell.</summary>
    public const string MayHaveBeenDone = "unknown: it was started before a crash and may have been carried out";

    const int MostRecent = 1 << 16;

    readonly RecentIds _taken = new(MostRecent);

    /// <summary>Ends a registration at an operator's wish.</summary>
    public Action<Session> Kick { private get; set; } = _ => { };

    /// <summary>Takes an operation. One that is known already is left alone.</summary>
    /// <param name="operation">As the Translator handed it over.</param>
    /// <param name="isAtEndOfLog">All sessions that stood in the log when it came have been read: now "no" may be said.</param>
    public void Take(DownlinkOperation operation, bool isAtEndOfLog = false)
    {
        var session = node.Sessions.ByEndpoint(operation.Endpoint);
        var isMine = session is not null && node.Owns(session);
        // The record that makes the session ours, or that of a new registration, may be on its way.
        if (!isAtEndOfLog && (!isMine || session is { IsLive: false, Job: null }))
            work.AskForEndOfLog(() => Take(operation, true));
        // Whoever owns it is handed the operation too.
        else if (!isMine)
            node.Telemetry.NotMine.Add(1);
        else if (_taken.Add(operation.Command.CommandId))
            Begin(session!, operation);
    }

    /// <summary>Another replica owns the device now: it is handed the operations that are open.</summary>
    public void LetGo(Session session)
    {
        if (session.Operations is not { } queue)
            return;
        foreach (var operation in queue.All.Where(o => o.IsCommand))
        {
            _taken.Remove(operation.Id);
            OperationTrail.LetGo(operation);
        }

        session.Operations = null;
    }

    void Begin(Session session, DownlinkOperation operation)
    {
        var most = node.Configuration().Ingress.MaxQueuedCommands;
        if (operation.Kind is OperationKind.Cancel or OperationKind.Kick)
            Manage(session, operation);
        else if (session.ToRecord().Started.Any(s => s.CommandId == operation.Command.CommandId))
            outcomes.Ended(session, operation, Outcome.Unknown, MayHaveBeenDone);
        // It was handed over before the end of the registration was known there.
        else if (session is { IsLive: false, Job: null })
            outcomes.Ended(session, operation, Outcome.NotRegistered, "the registration has ended");
        else if ((session.Operations?.Commands ?? 0) is var waiting && waiting >= most)
            outcomes.Ended(session, operation, Outcome.QueueFull, $"queue full: {waiting} commands wait for this device");
        else
            runner.Add(session, operation);
    }

    void Manage(Session session, DownlinkOperation operation)
    {
        if (operation.Kind == OperationKind.Kick)
        {
            foreach (var waiting in session.Operations?.Waiting.Where(o => o.IsCommand).ToList() ?? [])
                runner.Cancel(session, waiting, "cancelled: the client was kicked");
            outcomes.Managed(session, operation, session.IsLive ? CoapCode.Deleted : CoapCode.NotFound);
            Kick(session);
            return;
        }

        var cancelled = session.Operations?.Waiting.FirstOrDefault(o => o.IsCommand && o.Id == operation.TargetCommandId);
        if (cancelled is not null)
            runner.Cancel(session, cancelled, "cancelled");
        outcomes.Managed(session, operation, cancelled is null ? CoapCode.NotFound : CoapCode.Deleted);
    }
}
