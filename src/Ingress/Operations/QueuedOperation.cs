using System.Diagnostics;
using Contracts;
using Protocol.Coap;
using Protocol.Coap.Blockwise;

namespace Ingress.Operations;

/// <summary>One command on its way to a device.</summary>
class QueuedOperation(DownlinkOperation operation)
{
    public DownlinkOperation Operation { get; } = operation;

    public virtual string Id => Operation.Command.CommandId;

    /// <summary>Whether carrying it out twice would do harm: it leaves only after its id stands in a session record that counts.</summary>
    public bool IsOnceOnly => Operation.Kind is OperationKind.Execute or OperationKind.Create or OperationKind.WriteUpdate;

    /// <summary>
    /// Not 0: no command, but what is wanted already and is to be observed again, because of the record with this number. It has no outcome.
    /// </summary>
    public ulong Renews { get; set; }

    /// <summary>Somebody waits for its outcome.</summary>
    public virtual bool IsCommand => Renews == 0;

    /// <summary>An Observe of a path that was wanted before: where it fails, that wish stands.</summary>
    public bool IsWantedAnyway { get; set; }

    /// <summary>Null until it was sent.</summary>
    public RequestExchange? Exchange { get; set; }

    /// <summary>Where its request or its answer takes several exchanges.</summary>
    public BlockwiseExchange? Blocks { get; set; }

    /// <summary>Of all its requests, unless one has that of an observation.</summary>
    public CoapToken? Token { get; set; }

    /// <summary>Waits until the device is heard after that time, in ms of the monotonic clock.</summary>
    public long UnansweredAt { get; set; } = long.MinValue;

    /// <summary>The device has something of it, or may have.</summary>
    public bool HasBegun => Exchange is not null || Blocks is not null;

    public bool IsAcknowledged { get; set; }

    /// <summary>The device answered to an Observe by a message of its own, which is a notification, too (RFC 7641 section 4.2), under that id.</summary>
    public EventId? NotificationId { get; set; }

    /// <summary>A block was answered, and there are more.</summary>
    public virtual void OnProgress()
    {
    }

    /// <summary>Its way through this Ingress, and the request that is under way; null where it is not traced.</summary>
    public Activity? Span { get; set; }
    public Activity? RequestSpan { get; set; }

    /// <summary>When its first request left, by the monotonic clock.</summary>
    public TimeSpan? SentAt { get; set; }

    /// <summary>The request as it was sent.</summary>
    public byte[] Datagram { get; set; } = [];
}
