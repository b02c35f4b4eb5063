using Contracts;
using Protocol.Coap;

namespace Ingress.Operations;

/// <summary>One command on its way to a device.</summary>
sealed class QueuedOperation(DownlinkOperation operation)
{
    public DownlinkOperation Operation { get; } = operation;

    public string Id => Operation.Command.CommandId;

    /// <summary>Whether carrying it out twice would do harm: it leaves only after its id stands in a session record that counts.</summary>
    public bool IsOnceOnly => Operation.Kind is OperationKind.Execute or OperationKind.Create or OperationKind.WriteUpdate;

    /// <summary>
    /// Not 0: no command, but what is wanted already and is to be observed again, because of the record with this number. It has no outcome.
    /// </summary>
    public ulong Renews { get; set; }

    /// <summary>An Observe of a path that was wanted before: where it fails, that wish stands.</summary>
    public bool IsWantedAnyway { get; set; }

    /// <summary>Null until it was sent.</summary>
    public RequestExchange? Exchange { get; set; }

    /// <summary>The request as it was sent.</summary>
    public byte[] Datagram { get; set; } = [];
}
