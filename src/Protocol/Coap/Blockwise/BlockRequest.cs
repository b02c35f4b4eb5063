namespace Protocol.Coap.Blockwise;

/// <summary>What one request of a block-wise exchange bears.</summary>
/// <param name="Payload">The whole body, or a block of it.</param>
/// <param name="Block1">The place of that block.</param>
/// <param name="Block2">The block of the answer that is asked for.</param>
/// <param name="Size1">Length of the body, with its first block.</param>
/// <param name="IsFollowUp">Asks for the rest of an answer: without Observe and body (RFC 7959 sections 2.6 and 2.7).</param>
public readonly record struct BlockRequest(
    ReadOnlyMemory<byte> Payload, BlockOption? Block1 = null, BlockOption? Block2 = null, uint? Size1 = null, bool IsFollowUp = false);
