namespace Contracts.Configuration;

/// <summary>Block-wise transfer (RFC 7959).</summary>
[Doc("Block-wise transfer (RFC 7959).")]
public sealed record BlockwiseOptions
{
    [Doc("Take bodies apart and put them together again. Switched off, a block of a request is answered 4.02, an answer or notification in blocks is told "
        + "as `4.08`, and commands go whole where they fit into a datagram.")]
    public bool Enable { get; init; } = true;

    [Doc("Largest block, in bytes: what we send, and what we ask devices for; larger ones are taken.")]
    [OneOf("16", "32", "64", "128", "256", "512", "1024")]
    public int MaxBlockSize { get; init; } = 1024;

    [Doc("Largest body that is put together; a larger one is answered 4.13, or told as `4.13` where it was asked for.")]
    [Unit(Unit.Bytes)]
    [Range("1KB", "6MB")]
    public int MaxBodySize { get; init; } = 4 * 1024 * 1024;

    [Doc("How long the unfinished body of a request, and the rest of an answer of ours, are kept after the last block.")]
    [Range("1s", "1d")]
    public TimeSpan ExchangeLifetime { get; init; } = TimeSpan.FromSeconds(247);
}
