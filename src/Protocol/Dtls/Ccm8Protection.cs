namespace Protocol.Dtls;

/// <summary>AES-128-CCM with tags of 8 bytes (RFC 6655).</summary>
sealed class Ccm8Protection : AeadProtection
{
    readonly Ccm8 _reader;
    readonly Ccm8 _writer;

    public Ccm8Protection(ReadOnlySpan<byte> keyBlock, byte[] peerId)
        : base(keyBlock, peerId)
    {
        _reader = new Ccm8(keyBlock[..KeyLength]);
        _writer = new Ccm8(keyBlock.Slice(KeyLength, KeyLength));
    }

    protected override int TagLength => Ccm8.TagLength;

    protected override bool TryDecrypt(ReadOnlySpan<byte> nonce, ReadOnlySpan<byte> known, ReadOnlySpan<byte> ciphertext, ReadOnlySpan<byte> tag, Span<byte> plaintext) =>
        _reader.TryDecrypt(nonce, known, ciphertext, tag, plaintext);

    protected override void Encrypt(ReadOnlySpan<byte> nonce, ReadOnlySpan<byte> known, Span<byte> text, Span<byte> tag) =>
        _writer.Encrypt(nonce, known, text, tag);
}
