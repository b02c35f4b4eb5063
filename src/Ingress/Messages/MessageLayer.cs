using System.Text.Unicode;
using Ingress.Blockwise;
using Ingress.Sockets;
using Protocol.Coap;
using Protocol.Coap.Blockwise;

namespace Ingress.Messages;

/// <summary>Step 3, lower half: no message is processed twice, and a repeated one gets the same reply (RFC 7252 section 4).</summary>
sealed class MessageLayer(Node node)
{
    /// <summary>Longest reply: a code, two Location-Path options, a block of a diagnostic sentence.</summary>
    const int MaxReply = 1280;

    /// <summary>Longest sentence, in bytes; where there are no blocks, a shorter one.</summary>
    const int MaxSentence = 4096;

    const int MaxDatagramSentence = 512;
    const int MaxKeptAnswers = 1024;

    // Peers without a session have a memory of their own, small and short: a flood of them takes nothing from registered devices.
    const int MostOfStrangers = 1 << 16;
    const int MostReplyBytesToStrangers = 4 << 20;

    readonly MessageDeduplication<Peer> _seen = new(node.Transmission);
    readonly MessageDeduplication<Peer> _strangers = new(
        node.Transmission, MostOfStrangers, MostReplyBytesToStrangers, (long)node.Configuration().Lwm2m.IdleTimeout.TotalMilliseconds);
    readonly KeptAnswers<Peer> _kept = new(MaxKeptAnswers);
    readonly byte[] _reply = new byte[MaxReply];
    readonly byte[] _sentence = new byte[MaxSentence];
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
                node.Send(requester.Peer, reply);
                break;
        }

        node.Telemetry.Duplicates.Add(1);
        return false;
    }

    /// <summary>Answers a message as before, where it was; nothing is remembered of one that is new.</summary>
    public bool TryRepeat(in Requester requester)
    {
        var now = node.Clock.Milliseconds;
        var state = _seen.Seen(now, requester.Key, out var reply);
        if (state == DuplicateState.New)
            state = _strangers.Seen(now, requester.Key, out reply);
        if (state == DuplicateState.Replied)
            node.Send(requester.Peer, reply);
        return state != DuplicateState.New;
    }

    /// <summary>Answers a request, and every repetition of it; a sentence that does not fit goes block by block.</summary>
    /// <param name="size1">How long a body may be, where it was too long.</param>
    public void Answer(in Requester requester, CoapCode code, ReadOnlySpan<char> location = default, string? diagnostic = null, uint? size1 = null)
    {
        var writer = Begin(requester, code);
        writer.AddLocationPath(location);
        var payload = Encode(diagnostic);
        if (BlockLimits.Of(node) is { } limits)
        {
            var exponent = Math.Min(requester.Blocks.Block2?.SizeExponent ?? limits.SizeExponent, limits.SizeExponent);
            Block.TryCut(payload, 0, exponent, out var first);
            if (first.Option.More
                && !_kept.Keep(node.Clock.Milliseconds, requester.Peer, requester.Blocks.Target, code, payload.ToArray(), limits.Lifetime))
                node.Telemetry.AnswersForgotten.Add(1);
            Finish(requester, ref writer, first, EchoOf(requester, code, limits), first.Option.More ? (uint)payload.Length : null, size1);
        }
        else
        {
            writer.AddPayload(payload);
            writer.TryFinish(out var length);
            Send(requester, length);
        }
    }

    /// <summary>Answers a request for a further block of an answer.</summary>
    public void AnswerFurtherBlock(in Requester requester, BlockOption wanted)
    {
        if (!_kept.TryGet(node.Clock.Milliseconds, requester.Peer, requester.Blocks.Target, out var code, out var payload))
        {
            Answer(requester, CoapCode.RequestEntityIncomplete);
        }
        else if (!Block.TryCut(payload, wanted.Number, wanted.SizeExponent, out var block))
        {
            Answer(requester, CoapCode.BadOption);
        }
        else
        {
            var writer = Begin(requester, code);
            Finish(requester, ref writer, block, null, null, null);
        }
    }

    /// <summary>
    /// Sends the device away for a while: only where Kafka has been given nothing of this request, so that trying again is harmless. To try again is another
    /// message (RFC 7252 section 4.4): a late copy of this one is answered as it was, or it would do what its device has given up.
    /// </summary>
    /// <param name="after">Null: not through its own fault, so it gets its turn among all who are sent away.</param>
    public void AnswerLater(in Requester requester, TimeSpan? after = null)
    {
        var writer = Begin(requester, CoapCode.ServiceUnavailable);
        writer.AddOption(CoapOptionNumber.MaxAge, (uint)Math.Ceiling((after ?? node.ComeAgain.Next()).TotalSeconds));
        if (BlockLimits.Of(node) is { } limits && EchoOf(requester, CoapCode.ServiceUnavailable, limits) is { } echo)
            writer.AddOption(CoapOptionNumber.Block1, echo.Value);
        writer.TryFinish(out var length);
        node.Telemetry.SentAway.Add(1);
        Send(requester, length);
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
        node.Send(peer, _reply.AsSpan(0, CoapWriter.EmptyMessageLength));
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

    void Finish(in Requester requester, ref CoapWriter writer, in Block block, BlockOption? echo, uint? size2, uint? size1)
    {
        if (block.Option is { More: true } or { Number: > 0 })
            writer.AddOption(CoapOptionNumber.Block2, block.Option.Value);
        if (echo is { } taken)
            writer.AddOption(CoapOptionNumber.Block1, taken.Value);
        if (size2 is { } whole)
            writer.AddOption(CoapOptionNumber.Size2, whole);
        if (size1 is { } most)
            writer.AddOption(CoapOptionNumber.Size1, most);
        writer.AddPayload(block.Payload);
        writer.TryFinish(out var length);
        Send(requester, length);
    }

    // As much of a sentence as may be told, in whole characters.
    ReadOnlySpan<byte> Encode(string? sentence)
    {
        var room = BlockLimits.Of(node) is null ? MaxDatagramSentence : MaxSentence;
        Utf8.FromUtf16(sentence, _sentence.AsSpan(0, room), out _, out var length);
        return _sentence.AsSpan(0, length);
    }

    // An answer to a block names it: as taken, with the size that further ones should have, or, in a final answer, as the last one
    // (RFC 7959 section 2.3).
    static BlockOption? EchoOf(in Requester requester, CoapCode code, in BlockwiseLimits limits)
    {
        if (requester.Blocks.Block1 is not { IsValid: true } block)
            return null;
        var more = code == CoapCode.Continue;
        return new BlockOption(block.Number, more, more ? Math.Min(block.SizeExponent, limits.SizeExponent) : block.SizeExponent);
    }

    void Send(in Requester requester, int length)
    {
        var reply = _reply.AsSpan(0, length);
        // A repeated NON is ignored (RFC 7252 section 4.5).
        if (requester.Type == CoapType.Confirmable && !_seen.Complete(node.Clock.Milliseconds, requester.Key, reply))
            _strangers.Complete(node.Clock.Milliseconds, requester.Key, reply);
        node.Send(requester.Peer, reply);
    }

    ushort NextMessageId(in Peer peer) => node.Sessions.ByPeer(peer) is { } session ? session.NextMessageId++ : (ushort)node.Random.Next();
}
