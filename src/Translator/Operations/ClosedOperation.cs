using Contracts;

namespace Translator.Operations;

/// <summary>What is remembered of a command that has had its outcome.</summary>
internal sealed class ClosedOperation(long closedMs, Outcome outcome, OperationKind kind)
{
    public long ClosedMs => closedMs;

    /// <summary>Its record has been read in the log: an accepted one that is read now lies behind it.</summary>
    public bool IsRead { get; set; }

    public OperationRecord ToRecord(OperationKey key) => new()
    {
        Schema = Contracts.Schema.Current,
        State = OperationState.Closed,
        Operation = new DownlinkOperation { Endpoint = key.Endpoint, Kind = kind, Command = new CommandContext { CommandId = key.CommandId } },
        ClosedMs = closedMs,
        Outcome = outcome,
    };
}
