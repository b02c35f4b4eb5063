namespace Protocol.Coap.Blockwise;

/// <summary>
/// Client side of a request that takes several exchanges because its body, its answer or both come in blocks (RFC 7959 sections 2.3, 2.4,
/// 2.7). Fed with the response to each request in turn; says what the next request bears. Exchanges that get no response, and deadlines, are
/// its owner's: <see cref="Next"/> may be sent again at will.
/// </summary>
/// <param name="body">Body of the request; may be empty.</param>
/// <param name="limits">What we are ready to do.</param>
/// <param name="mayBeRepeated">Whether the device may be asked once more after it has answered: not where acting twice does harm.</param>
public sealed class BlockwiseExchange(ReadOnlyMemory<byte> body, BlockwiseLimits limits, bool mayBeRepeated)
{
    const int MostBodiesBegun = 10;
    const int MostStaleInARow = 8;

    int _sizeExponent = limits.SizeExponent;
    int _sent;
    int _bodiesBegun = 1;
    int _stale;
    AnswerAssembly? _answer;
    int _answersChanged;
    bool _hasMisfitted;

    /// <summary>Bytes of the body that the device has taken.</summary>
    public int Sent => _sent;

    /// <summary>The whole body of an answer that came in blocks.</summary>
    public byte[]? Body { get; private set; }

    /// <summary>The first block of that answer as it came: its code and options stand for the whole.</summary>
    public byte[] First => _answer?.First ?? [];

    public CoapCode FailureCode { get; private set; }

    /// <summary>One sentence.</summary>
    public string Reason { get; private set; } = "";

    /// <summary>What the next request bears.</summary>
    public BlockRequest Next
    {
        get
        {
            if (_answer is { } answer)
                return new BlockRequest(default, Block2: answer.Wanted, IsFollowUp: true);
            if (body.Length <= BlockSize)
                return new BlockRequest(body);
            var block = CurrentBlock;
            var length = Math.Min(BlockSize, body.Length - _sent);
            return new BlockRequest(body.Slice(_sent, length), Block1: block, Size1: _sent == 0 ? (uint)body.Length : null);
        }
    }

    int BlockSize => 16 << _sizeExponent;

    BlockOption CurrentBlock => new((uint)(_sent / BlockSize), body.Length - _sent > BlockSize, _sizeExponent);

    /// <summary>Takes the response to the request that was sent last.</summary>
    public BlockwiseStep OnResponse(in CoapFrame response)
    {
        if (_answer is not null)
            return OnFurtherBlock(response);
        if (IsSmallerHint(response))
            return BeginBodyAgain(response.Block1!.Value.SizeExponent);
        if (body.Length > BlockSize && !IsFinal(response))
            return OnBlockTaken(response);
        return OnAnswer(response);
    }

    // A server that cannot hold so much at once names the block size that it can (RFC 7959 section 2.9.3).
    bool IsSmallerHint(in CoapFrame response) =>
        response is { Code: CoapCode.RequestEntityTooLarge, Block1: { IsValid: true } hint }
        && _sent == 0 && hint.SizeExponent < _sizeExponent && hint.Size < body.Length;

    bool IsFinal(in CoapFrame response)
    {
        if (!response.Code.IsSuccess)
            return response.Code != CoapCode.RequestEntityIncomplete || _bodiesBegun >= MostBodiesBegun;
        return response.Code != CoapCode.Continue && !CurrentBlock.More && !IsStale(response);
    }

    bool IsStale(in CoapFrame response) => response.Block1 is { } echo && echo.Number != CurrentBlock.Number;

    BlockwiseStep OnBlockTaken(in CoapFrame response)
    {
        if (response.Code == CoapCode.RequestEntityIncomplete)
            return BeginBodyAgain(_sizeExponent);
        // The response to a block of before, that came late: the same block once more.
        if (IsStale(response))
            return ++_stale > MostStaleInARow ? Fail(CoapCode.RequestEntityIncomplete, "the device does not answer to the blocks it is sent") : BlockwiseStep.SendNext;
        if (response.Code != CoapCode.Continue && response.Block1 is null)
            return Fail(CoapCode.RequestEntityIncomplete, $"the device answered {response.Code.Dotted} to a part of the body");
        if (!CurrentBlock.More)
            return _bodiesBegun < MostBodiesBegun ? BeginBodyAgain(_sizeExponent) : Fail(CoapCode.RequestEntityIncomplete, "the device waits for more than the whole body");

        _stale = 0;
        _sent += BlockSize;
        // From here on in blocks as small as the device wants, counted in their size (RFC 7959 section 2.3).
        if (response.Block1 is { IsValid: true } echo)
            _sizeExponent = Math.Min(_sizeExponent, echo.SizeExponent);
        return BlockwiseStep.SendNext;
    }

    BlockwiseStep BeginBodyAgain(int sizeExponent)
    {
        _bodiesBegun++;
        _sizeExponent = sizeExponent;
        _sent = 0;
        _stale = 0;
        return BlockwiseStep.SendNext;
    }

    BlockwiseStep OnAnswer(in CoapFrame response)
    {
        // An error is told by its first block: asking for the rest of a sentence could only do harm.
        if (!response.Code.IsSuccess || response.Block2 is not { } block || (block.Number == 0 && !block.More))
            return BlockwiseStep.Answered;
        var answer = new AnswerAssembly(response, limits.MaxBodySize);
        return Proceed(answer, answer.Add(response));
    }

    BlockwiseStep OnFurtherBlock(in CoapFrame response)
    {
        if (response.Code == CoapCode.RequestEntityIncomplete)
            return AskAgain(AnswerFit.Changed);
        if (response.Code.IsSuccess)
            return Proceed(_answer!, _answer!.Add(response));
        _answer = null;
        return BlockwiseStep.Answered;
    }

    BlockwiseStep Proceed(AnswerAssembly answer, AnswerFit fit)
    {
        switch (fit)
        {
            case AnswerFit.Taken:
                _answer = answer;
                return BlockwiseStep.SendNext;
            case AnswerFit.Whole:
                _answer = answer;
                Body = answer.Body;
                return BlockwiseStep.Answered;
            case AnswerFit.TooLarge:
                return Fail(CoapCode.RequestEntityTooLarge, $"the answer is longer than {limits.MaxBodySize} bytes");
            default:
                return AskAgain(fit);
        }
    }

    // The whole request once more: of what has changed in between no block is worth anything.
    BlockwiseStep AskAgain(AnswerFit fit)
    {
        var isChanged = fit == AnswerFit.Changed;
        if (!mayBeRepeated || (isChanged ? ++_answersChanged > AnswerAssembly.MostChanges : _hasMisfitted))
        {
            return Fail(CoapCode.RequestEntityIncomplete, isChanged
                ? "the answer changed while its blocks were asked for" : "the blocks of the answer do not fit together");
        }

        _hasMisfitted |= !isChanged;
        _answer = null;
        return BeginBodyAgain(_sizeExponent);
    }

    BlockwiseStep Fail(CoapCode code, string reason)
    {
        (FailureCode, Reason) = (code, reason);
        return BlockwiseStep.Failed;
    }
}
