namespace Contracts.Configuration;

/// <summary>Block-wise transfer (RFC 7959).</summary>
[Doc("Block-wise transfer (RFC 7959).")]
public sealed record BlockwiseOptions
{
    [Doc("Take bodies apart and put them together again.")]
    public bool Enable { get; init; } = true;

    [Doc("Largest block, in bytes.")]
    [OneOf("16", "32", "64", "128", "256", "512", "1024")]
    public int MaxBlockSize { get; init; } = 1024;

    [Doc("Largest body that is put together; a larger one is answered 4.13.")]
    [Unit(Unit.Bytes)]
    [Range("1KB", "6MB")]
    public int MaxBodySize { get; init; } = 4 * 1024 * 1024;

    [Doc("How long an unfinished transfer is kept.")]
    [Range("1s", "1d")]
    public TimeSpan ExchangeLifetime { get; init; } = TimeSpan.FromSeconds(247);
}
