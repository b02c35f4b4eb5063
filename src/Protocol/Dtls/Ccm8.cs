using System.Buffers.Binary;
using System.Runtime.Intrinsics;
using System.Security.Cryptography;
using Org.BouncyCastle.Crypto;
using Org.BouncyCastle.Crypto.Parameters;

namespace Protocol.Dtls;

/// <summary>
/// AES-CCM (RFC 3610) for one key, with nonces of 12 bytes and tags of 8. Only the mode is here: the block cipher is the library's, which uses the
/// instructions of the processor. Takes no memory after it was made, where the library's own mode and the platform's take some for each record.
/// </summary>
sealed class Ccm8
{
    public const int TagLength = 8;
    public const int NonceLength = BlockLength - 1 - SizeLength;

    const int BlockLength = 16;

    /// <summary>Bytes that the length of the text is written in; L in RFC 3610.</summary>
    const int SizeLength = 3;

    const byte FirstFlags = (1 << 6) | (((TagLength - 2) / 2) << 3) | CounterFlags;
    const byte CounterFlags = SizeLength - 1;

    readonly IBlockCipher _aes = AesUtilities.CreateEngine();

    public Ccm8(ReadOnlySpan<byte> key) => _aes.Init(true, new KeyParameter(key));

    /// <summary>Encrypts in place.</summary>
    /// <param name="nonce">12 bytes, never the same twice.</param>
    /// <param name="known">What is authenticated too: 1 to 65 279 bytes.</param>
    /// <param name="text">At most 2^24 - 1 bytes.</param>
    /// <param name="tag">8 bytes.</param>
    public void Encrypt(ReadOnlySpan<byte> nonce, ReadOnlySpan<byte> known, Span<byte> text, Span<byte> tag)
    {
        Span<byte> mac = stackalloc byte[BlockLength];
        Authenticate(nonce, known, text, mac);
        Crypt(nonce, text, text, mac);
        mac[..TagLength].CopyTo(tag);
    }

    /// <summary>False where the tag is another one; then the plaintext means nothing.</summary>
    public bool TryDecrypt(ReadOnlySpan<byte> nonce, ReadOnlySpan<byte> known, ReadOnlySpan<byte> ciphertext, ReadOnlySpan<byte> tag, Span<byte> plaintext)
    {
        Span<byte> mac = stackalloc byte[BlockLength];
        Span<byte> sent = stackalloc byte[BlockLength];
        sent.Clear();
        tag.CopyTo(sent);
        Crypt(nonce, ciphertext, plaintext, sent);
        Authenticate(nonce, known, plaintext, mac);
        return CryptographicOperations.FixedTimeEquals(mac[..TagLength], sent[..TagLength]);
    }

    // RFC 3610 section 2.2: all blocks, each mixed into what the ones before it have become.
    void Authenticate(ReadOnlySpan<byte> nonce, ReadOnlySpan<byte> known, ReadOnlySpan<byte> text, Span<byte> mac)
    {
        mac[0] = FirstFlags;
        nonce.CopyTo(mac[1..]);
        WriteSize(mac, text.Length);
        _aes.ProcessBlock(mac, mac);
        BinaryPrimitives.WriteUInt16BigEndian(mac, (ushort)(BinaryPrimitives.ReadUInt16BigEndian(mac) ^ known.Length));
        Absorb(mac, sizeof(ushort), known);
        Absorb(mac, 0, text);
    }

    // A block that is not filled ends with zeros: what they would be mixed into stays as it is.
    void Absorb(Span<byte> mac, int at, ReadOnlySpan<byte> bytes)
    {
        while (!bytes.IsEmpty)
        {
            var length = Math.Min(BlockLength - at, bytes.Length);
            Mix(bytes[..length], mac[at..], mac[at..]);
            _aes.ProcessBlock(mac, mac);
            bytes = bytes[length..];
            at = 0;
        }
    }

    // RFC 3610 section 2.3: block 0 is for the tag.
    void Crypt(ReadOnlySpan<byte> nonce, ReadOnlySpan<byte> input, Span<byte> output, Span<byte> tag)
    {
        Span<byte> counter = stackalloc byte[BlockLength];
        Span<byte> stream = stackalloc byte[BlockLength];
        counter[0] = CounterFlags;
        nonce.CopyTo(counter[1..]);
        WriteSize(counter, 0);
        _aes.ProcessBlock(counter, stream);
        Mix(tag, stream, tag);
        for (var block = 1; !input.IsEmpty; block++)
        {
            WriteSize(counter, block);
            _aes.ProcessBlock(counter, stream);
            var length = Math.Min(BlockLength, input.Length);
            Mix(input[..length], stream, output);
            input = input[length..];
            output = output[length..];
        }
    }

    static void WriteSize(Span<byte> block, int size)
    {
        block[^3] = (byte)(size >> 16);
        BinaryPrimitives.WriteUInt16BigEndian(block[^2..], (ushort)size);
    }

    static void Mix(ReadOnlySpan<byte> input, ReadOnlySpan<byte> with, Span<byte> output)
    {
        if (input.Length == BlockLength)
        {
            (Vector128.Create(input) ^ Vector128.Create(with)).CopyTo(output);
            return;
        }

        for (var i = 0; i < input.Length; i++)
            output[i] = (byte)(input[i] ^ with[i]);
    }
}
