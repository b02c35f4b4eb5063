namespace Protocol.Coap.Blockwise;

/// <summary>
/// Puts the blocks of one body together, in order. A block belongs where its option says, in bytes: so the size of blocks may change on
/// the way. Holds no more than what came, rounded up to a power of two, whatever was announced.
/// </summary>
/// <param name="limit">Longest body, in bytes.</param>
public sealed class BodyAssembly(int limit)
{
    byte[] _bytes = [];
    int _lastLength;

    /// <summary>Bytes taken.</summary>
    public int Length { get; private set; }

    /// <summary>Bytes of memory held.</summary>
    public int Capacity => _bytes.Length;

    /// <summary>The body so far.</summary>
    public ReadOnlySpan<byte> Bytes => _bytes.AsSpan(0, Length);

    /// <summary>Takes a block that fits; any other changes nothing.</summary>
    public BlockFit Add(BlockOption block, ReadOnlySpan<byte> payload)
    {
        if (!block.IsValid || (block.More ? payload.Length != block.Size : payload.Length > block.Size))
            return BlockFit.WrongSize;
        if (block.Offset != Length)
            return IsRepeated(block, payload) ? BlockFit.Repeated : BlockFit.OutOfOrder;
        if (payload.Length > limit - Length || (block.More && payload.Length == limit - Length))
            return BlockFit.TooLarge;

        Reserve(Length + payload.Length);
        payload.CopyTo(_bytes.AsSpan(Length));
        Length += payload.Length;
        _lastLength = payload.Length;
        return block.More ? BlockFit.Taken : BlockFit.Last;
    }

    // A sender whose acknowledgements were all lost sends the block again as a new message.
    bool IsRepeated(BlockOption block, ReadOnlySpan<byte> payload) =>
        block.More && block.Offset == Length - _lastLength && payload.SequenceEqual(_bytes.AsSpan(Length - _lastLength, _lastLength));

    void Reserve(int length)
    {
        if (length > _bytes.Length)
            Array.Resize(ref _bytes, (int)Math.Min(System.Numerics.BitOperations.RoundUpToPowerOf2((uint)length), Math.Max((uint)limit, (uint)length)));
    }
}
