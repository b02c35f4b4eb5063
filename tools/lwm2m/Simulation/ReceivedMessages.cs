using Protocol.Coap;

namespace Tools.Simulation;

/// <summary>One device's part of the table of received messages, in which devices stand under their numbers (RFC 7252 section 4.5).</summary>
sealed class ReceivedMessages(MessageDeduplication<int> table, int number)
{
    /// <summary>True for a message that came before; what it was answered, if anything, is sent again.</summary>
    public bool TryRepeat(long now, in CoapFrame frame, SendDatagram send)
    {
        var seen = table.Seen(now, KeyOf(frame), out var reply);
        if (seen == DuplicateState.Replied)
            send(reply);
        return seen != DuplicateState.New;
    }

    public void Begin(long now, in CoapFrame frame) => table.Begin(now, KeyOf(frame), frame.Type);

    /// <summary>What the message was answered.</summary>
    public void Complete(long now, in CoapFrame frame, ReadOnlySpan<byte> reply) => table.Complete(now, KeyOf(frame), reply);

    MessageKey<int> KeyOf(in CoapFrame frame) => new(number, frame.MessageId, MessageDigest.Of(frame.Datagram));
}
