using System.Security.Cryptography;

namespace Protocol.Dtls;

/// <summary>AES-128-GCM (RFC 5288), by the platform: quicker than the library's, and without memory for each record.</summary>
sealed class GcmProtection : AeadProtection
{
    const int GcmTagLength = 16;

    readonly AesGcm _reader;
    readonly AesGcm _writer;

    public GcmProtection(ReadOnlySpan<byte> keyBlock, byte[] peerId)
        : base(keyBlock, peerId)
    {
        _reader = new AesGcm(keyBlock[..KeyLength], GcmTagLength);
        _writer = new AesGcm(keyBlock.Slice(KeyLength, KeyLength), GcmTagLength);
    }

    protected override int TagLength => GcmTagLength;

    public override void Dispose()
    {
        _reader.Dispose();
        _writer.Dispose();
        base.Dispose();
    }

    protected override bool TryDecrypt(ReadOnlySpan<byte> nonce, ReadOnlySpan<byte> known, ReadOnlySpan<byte> ciphertext, ReadOnlySpan<byte> tag, Span<byte> plaintext)
    {
        try
        {
            _reader.Decrypt(nonce, ciphertext, tag, plaintext, known);
            return true;
        }
        catch (AuthenticationTagMismatchException)
        {
            return false;
        }
    }

    protected override void Encrypt(ReadOnlySpan<byte> nonce, ReadOnlySpan<byte> known, Span<byte> text, Span<byte> tag) =>
        _writer.Encrypt(nonce, text, text, tag, known);
}
