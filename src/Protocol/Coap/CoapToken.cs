namespace Protocol.Coap;

/// <summary>A token of 0-8 bytes as a value, for keys and comparisons. Tokens of different length differ.</summary>
public readonly record struct CoapToken
{
    readonly ulong _bytes;

    /// <summary>Takes at most 8 bytes, which is what a checked frame has.</summary>
    public CoapToken(ReadOnlySpan<byte> token)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(token.Length, CoapFrame.MaxTokenLength, nameof(token));
        Length = (byte)token.Length;
        foreach (var b in token)
            _bytes = (_bytes << 8) | b;
    }

    public byte Length { get; }

    /// <summary>Copies the token; the destination has room for 8 bytes. Returns the part written.</summary>
    public Span<byte> CopyTo(Span<byte> destination)
    {
        for (var i = 0; i < Length; i++)
            destination[i] = (byte)(_bytes >> (8 * (Length - 1 - i)));
        return destination[..Length];
    }

    public override string ToString()
    {
        Span<byte> bytes = stackalloc byte[CoapFrame.MaxTokenLength];
        return Convert.ToHexStringLower(CopyTo(bytes));
    }
}
