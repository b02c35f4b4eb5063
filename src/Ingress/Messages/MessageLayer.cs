using System.Text;
using Ingress.Sockets;
using Protocol.Coap;

namespace Ingress.Messages;

/// <summary>Step 3, lower half: no message is processed twice, and a repeated one gets the same reply (RFC 7252 section 4).</summary>
sealed class MessageLayer(Node node)
{
    /// <summary>Longest reply: a code, two Location-Path options, a diagnostic sentence.</summary>
    const int MaxReply = 1024;

    // Peers without a session have a memory of their own, small and short: a flood of them takes nothing from registered devices.
    const int MostOfStrangers = 1 << 16;
    const int MostReplyBytesToStrangers = 4 << 20;

    readonly MessageDeduplication<Peer> _seen = new(node.Transmission);
    readonly MessageDeduplication<Peer> _strangers = new(
        node.Transmission, MostOfStrangers, MostReplyBytesToStrangers, (long)node.Configuration().Lwm2m.IdleTimeout.TotalMilliseconds);
    readonly byte[] _reply = new byte[MaxReply];
    readonly byte[] _token = new byte[CoapFrame.MaxTokenLength];

    /// <summary>Messages remembered.</summary>
    public int Remembered => _seen.Count + _strangers.Count;

    public long Evicted => _seen.Evicted + _strangers.Evicted;

    /// <summary>Remembers a message as being in work; a repeated one is answered as before, and false.</summary>
    public bool TryBegin(in Requester requester, bool isKnown)
    {
        var now = node.Clock.Milliseconds;
        var state = _seen.Seen(now, requester.Key, out var reply);
        // The Register of a device was that of a stranger.
        if (state == DuplicateState.New && _strangers.Count > 0)
            state = _strangers.Seen(now, requester.Key, out reply);
        switch (state)
        {
            case DuplicateState.New:
                (isKnown ? _seen : _strangers).Begin(now, requester.Key, requester.Type);
                return true;
            case DuplicateState.Replied:
                node.Outlet.Send(requester.Peer, reply);
                break;
        }

        node.Telemetry.Duplicates.Add(1);
        return false;
    }

    /// <summary>Answers a request, and every repetition of it.</summary>
    public void Answer(in Requester requester, CoapCode code, ReadOnlySpan<char> location = default, string? diagnostic = null)
    {
        var writer = Begin(requester, code);
        writer.AddLocationPath(location);
        Finish(requester, ref writer, diagnostic);
    }

    /// <summary>
    /// Sends the device away for a while: only where Kafka has been given nothing of this request, so that trying again is harmless.
    /// </summary>
    public void AnswerLater(in Requester requester, TimeSpan after)
    {
        var writer = Begin(requester, CoapCode.ServiceUnavailable);
        writer.AddOption(CoapOptionNumber.MaxAge, (uint)after.TotalSeconds);
        writer.TryFinish(out var length);
        node.Outlet.Send(requester.Peer, _reply.AsSpan(0, length));
        node.Telemetry.SentAway.Add(1);
        Forget(requester);
    }

    /// <summary>Acknowledges a notification or a separate response; a NON one is done without.</summary>
    public void Acknowledge(in Requester requester)
    {
        if (requester.Type != CoapType.Confirmable)
            return;
        CoapWriter.TryWriteEmpty(_reply, CoapType.Acknowledgement, requester.Key.MessageId);
        Send(requester, CoapWriter.EmptyMessageLength);
    }

    /// <summary>Rejects a response that nobody waits for (RFC 7252 section 4.2); a NON one is dropped.</summary>
    public void Reject(in Requester requester)
    {
        node.Telemetry.Rejected.Add(1);
        if (requester.Type != CoapType.Confirmable)
            return;
        CoapWriter.TryWriteEmpty(_reply, CoapType.Reset, requester.Key.MessageId);
        Send(requester, CoapWriter.EmptyMessageLength);
    }

    /// <summary>Rejects a message that is malformed, or a ping (RFC 7252 sections 4.2, 4.3).</summary>
    public void Reset(in Peer peer, ushort messageId)
    {
        CoapWriter.TryWriteEmpty(_reply, CoapType.Reset, messageId);
        node.Outlet.Send(peer, _reply.AsSpan(0, CoapWriter.EmptyMessageLength));
    }

    /// <summary>Makes the message new again: its next repetition is processed as if it were the first.</summary>
    public void Forget(in Requester requester)
    {
        if (!_seen.Forget(requester.Key))
            _strangers.Forget(requester.Key);
    }

    CoapWriter Begin(in Requester requester, CoapCode code)
    {
        var confirmable = requester.Type == CoapType.Confirmable;
        return new CoapWriter(
            _reply,
            confirmable ? CoapType.Acknowledgement : CoapType.NonConfirmable,
            code,
            confirmable ? requester.Key.MessageId : NextMessageId(requester.Peer),
            requester.Token.CopyTo(_token));
    }

    void Finish(in Requester requester, ref CoapWriter writer, string? diagnostic)
    {
        if (diagnostic is not null)
            writer.AddPayload(Encoding.UTF8.GetBytes(diagnostic.Length > 512 ? diagnostic[..512] : diagnostic));
        writer.TryFinish(out var length);
        Send(requester, length);
    }

    void Send(in Requester requester, int length)
    {
        var reply = _reply.AsSpan(0, length);
        // A repeated NON is ignored (RFC 7252 section 4.5).
        if (requester.Type == CoapType.Confirmable && !_seen.Complete(node.Clock.Milliseconds, requester.Key, reply))
            _strangers.Complete(node.Clock.Milliseconds, requester.Key, reply);
        node.Outlet.Send(requester.Peer, reply);
    }

    ushort NextMessageId(in Peer peer) => node.Sessions.ByPeer(peer) is { } session ? session.NextMessageId++ : (ushort)node.Random.Next();
}
