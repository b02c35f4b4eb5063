namespace Protocol.Coap.Blockwise;

/// <summary>Client side of Block2: puts an answer together and checks that all of its blocks are of one representation (RFC 7959 section 2.4).</summary>
sealed class AnswerAssembly
{
    /// <summary>How often an answer may change while it is read.</summary>
    public const int MostChanges = 3;

    const int MostRepeated = 8;

    readonly BodyAssembly _body;
    readonly int _limit;
    int _sizeExponent;
    int _repeated;

    public AnswerAssembly(in CoapFrame first, int limit)
    {
        First = first.Datagram.ToArray();
        _body = new BodyAssembly(limit);
        _limit = limit;
    }

    /// <summary>The first block as it came.</summary>
    public byte[] First { get; }

    public byte[] Body => _body.Bytes.ToArray();

    /// <summary>The block that is to be asked for.</summary>
    public BlockOption Wanted => new((uint)(_body.Length >> (_sizeExponent + 4)), false, _sizeExponent);

    /// <summary>Takes a success, the first one too.</summary>
    public AnswerFit Add(in CoapFrame response)
    {
        if (response.TryGetUInt(CoapOptionNumber.Size2, out var size) && size > _limit)
            return AnswerFit.TooLarge;
        if (IsChanged(response))
            return AnswerFit.Changed;
        if (response.Block2 is not { } block)
            return AnswerFit.Misfit;
        switch (_body.Add(block, response.Payload))
        {
            case BlockFit.Taken:
                _repeated = 0;
                _sizeExponent = block.SizeExponent;
                return AnswerFit.Taken;
            // A response of before that came late.
            case BlockFit.Repeated when ++_repeated <= MostRepeated:
                return AnswerFit.Taken;
            case BlockFit.Last:
                return AnswerFit.Whole;
            case BlockFit.TooLarge:
                return AnswerFit.TooLarge;
            default:
                return AnswerFit.Misfit;
        }
    }

    bool IsChanged(in CoapFrame response)
    {
        CoapFrame.TryParse(First, out var first);
        return response.Code != first.Code
            || (response.ContentFormat is { } format && format != first.ContentFormat)
            || (first.TryGetOption(CoapOptionNumber.ETag, out var tag) && response.TryGetOption(CoapOptionNumber.ETag, out var other) && !other.SequenceEqual(tag));
    }
}
