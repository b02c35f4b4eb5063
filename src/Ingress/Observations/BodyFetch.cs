using Contracts;
using Ingress.Messages;
using Ingress.Operations;
using Ingress.Registrations;
using Protocol.Coap;
using Protocol.Coap.Blockwise;

namespace Ingress.Observations;

/// <summary>
/// Reads the rest of a notification, by requests that take their turn with the commands for the device. It tells its end to
/// <see cref="NotifiedBodies"/>; there is no command that it would be the outcome of.
/// </summary>
sealed class BodyFetch(NotifiedBodies owner, Session session, Observation observation, DownlinkOperation operation) : QueuedOperation(operation)
{
    BlockwiseExchange? _newer;

    public Observation Observation => observation;

    public required NotifiedHead Head { get; set; }

    /// <summary>Nobody wants it any more: the request that is under way is waited for, and that is all.</summary>
    public bool IsAbandoned { get; set; }

    /// <summary>The response to the request that is under way is about a notification that was replaced.</summary>
    public bool HasNewer => _newer is not null;

    public override bool IsCommand => false;

    public override string Id => "(the rest of a notification)";

    /// <summary>A newer notification takes the place of this one.</summary>
    public void Replace(NotifiedHead head, BlockwiseExchange blocks)
    {
        Head = head;
        IsAbandoned = false;
        _newer = blocks;
        if (Exchange is null)
            TurnToNewer();
    }

    /// <summary>The next request is about the newest notification.</summary>
    public void TurnToNewer()
    {
        if (_newer is null)
            return;
        Blocks = _newer;
        Token = null;
        _newer = null;
    }

    public override void OnProgress() => Operation.DeadlineMs = owner.DeadlineOf(session);

    public void Answered(in Message whole) => owner.Answered(session, this, whole);

    public void CutOff(CoapCode code, string reason) => owner.CutOff(session, this, code, reason);
}
