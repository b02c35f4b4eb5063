namespace Protocol.Coap.Blockwise;

/// <summary>One block cut out of a body.</summary>
public readonly ref struct Block
{
    Block(BlockOption option, ReadOnlySpan<byte> payload)
    {
        Option = option;
        Payload = payload;
    }

    public BlockOption Option { get; }

    public ReadOnlySpan<byte> Payload { get; }

    /// <summary>False where the body has no such block.</summary>
    public static bool TryCut(ReadOnlySpan<byte> body, uint number, int sizeExponent, out Block block)
    {
        block = default;
        var place = new BlockOption(number, false, sizeExponent);
        if (place.Offset > body.Length || (place.Offset == body.Length && number > 0))
            return false;
        var rest = body[(int)place.Offset..];
        var more = rest.Length > place.Size;
        block = new Block(new BlockOption(number, more, sizeExponent), more ? rest[..place.Size] : rest);
        return true;
    }
}
