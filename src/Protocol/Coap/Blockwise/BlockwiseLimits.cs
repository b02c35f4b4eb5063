namespace Protocol.Coap.Blockwise;

/// <summary>What a node is ready to do block-wise.</summary>
/// <param name="MaxBlockSize">Largest block, a power of two from 16 to 1024 bytes.</param>
/// <param name="MaxBodySize">Longest body that is put together, in bytes.</param>
/// <param name="Lifetime">How long an unfinished transfer is kept after its last block, in ms.</param>
public readonly record struct BlockwiseLimits(int MaxBlockSize, int MaxBodySize, long Lifetime)
{
    public int SizeExponent => BlockOption.ExponentOf(MaxBlockSize);
}
