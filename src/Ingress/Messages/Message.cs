using Ingress.Access;
using Protocol.Coap;

namespace Ingress.Messages;

/// <summary>A message that is being processed: its bytes, who to answer, and what was found out about it before.</summary>
readonly ref struct Message(CoapFrame frame, Requester requester, bool isAtEndOfLog, Verdict? verdict = null, byte[]? body = null, bool wasHeld = false)
{
    public readonly CoapFrame Frame = frame;
    public readonly Requester Requester = requester;

    /// <summary>All sessions that stood in the log when it came have been read: now "no" may be said.</summary>
    public readonly bool IsAtEndOfLog = isAtEndOfLog;

    /// <summary>Of a Register that was asked about; null for any other message.</summary>
    public readonly Verdict? Verdict = verdict;

    /// <summary>The whole body, where it came in blocks: the frame is that of one of them.</summary>
    public readonly byte[]? Body = body;

    /// <summary>It waited for its turn, or is decided again: others of the device may have been taken since, by whoever.</summary>
    public readonly bool WasHeld = wasHeld;

    /// <summary>The payload, put together where it came in blocks.</summary>
    public ReadOnlySpan<byte> Payload => Body is null ? Frame.Payload : Body;

    public Message WithBody(byte[] whole) => new(Frame, Requester, IsAtEndOfLog, Verdict, whole, WasHeld);

    public HeldMessage Hold() => new(Requester, Frame.Datagram.ToArray(), Verdict, Body);
}
