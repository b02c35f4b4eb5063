using System.Buffers.Binary;

namespace Protocol.Dtls;

/// <summary>
/// Records that one cipher encrypts and authenticates (RFC 5246 section 6.2.3.3, RFC 6347 section 4.1.2.1, RFC 9146 section 5.3): the fragment is
/// 8 bytes of the nonce, what was encrypted, and a tag. Of the nonce 4 bytes come from the key block (RFC 5288 section 3, RFC 6655 section 3).
/// </summary>
abstract class AeadProtection : RecordProtection
{
    /// <summary>Key and part of the nonce, for both directions.</summary>
    public const int KeyBlockLength = 2 * (KeyLength + SaltLength);

    protected const int KeyLength = 16;

    const int SaltLength = 4;
    const int ExplicitLength = 8;
    const int NonceLength = SaltLength + ExplicitLength;

    /// <summary>Longest that is authenticated beside the content: that of a record with an id.</summary>
    const int MostKnown = 23 + byte.MaxValue;

    readonly byte[] _readSalt;
    readonly byte[] _writeSalt;

    /// <param name="keyBlock">RFC 5246 section 6.3: keys of client and server, then what their nonces begin with.</param>
    /// <param name="peerId">The connection id that records to the peer bear.</param>
    protected AeadProtection(ReadOnlySpan<byte> keyBlock, byte[] peerId)
        : base(peerId)
    {
        _readSalt = keyBlock.Slice(2 * KeyLength, SaltLength).ToArray();
        _writeSalt = keyBlock.Slice((2 * KeyLength) + SaltLength, SaltLength).ToArray();
    }

    /// <param name="suite">One that <see cref="CipherSuite.IsAead"/>.</param>
    /// <inheritdoc cref="AeadProtection(ReadOnlySpan{byte}, byte[])"/>
    public static AeadProtection Of(CipherSuite suite, ReadOnlySpan<byte> keyBlock, byte[] peerId) =>
        suite.IsGcm ? new GcmProtection(keyBlock, peerId) : new Ccm8Protection(keyBlock, peerId);

    /// <summary>The same on the client's side.</summary>
    /// <inheritdoc cref="Of"/>
    public static AeadProtection OfClient(CipherSuite suite, ReadOnlySpan<byte> keyBlock, byte[] peerId)
    {
        var salts = keyBlock[(2 * KeyLength)..];
        return Of(suite, [.. keyBlock.Slice(KeyLength, KeyLength), .. keyBlock[..KeyLength], .. salts[SaltLength..], .. salts[..SaltLength]], peerId);
    }

    protected abstract int TagLength { get; }

    protected override int MostExpansion => ExplicitLength + TagLength + 1;

    public override bool TryOpen(in RecordHeader record, Span<byte> content, out byte type, out int length)
    {
        type = record.Type;
        var fragment = record.Fragment;
        length = fragment.Length - ExplicitLength - TagLength;
        if (length < 0)
            return false;
        Span<byte> nonce = stackalloc byte[NonceLength];
        _readSalt.CopyTo(nonce);
        fragment[..ExplicitLength].CopyTo(nonce[SaltLength..]);
        Span<byte> known = stackalloc byte[MostKnown];
        known = known[..WriteKnown(record.Head, length, known)];
        content = content[..length];
        return TryDecrypt(nonce, known, fragment[ExplicitLength..^TagLength], fragment[^TagLength..], content)
            && (type != RecordHeader.WithConnectionId || TryUnwrap(content, out type, out length));
    }

    public override int Protect(ulong position, byte type, ReadOnlySpan<byte> content, Span<byte> record)
    {
        var length = content.Length + (PeerId.IsEmpty ? 0 : 1);
        var head = WriteHead(record, position, type, ExplicitLength + length + TagLength);
        var fragment = record.Slice(head, ExplicitLength + length + TagLength);
        Span<byte> nonce = stackalloc byte[NonceLength];
        _writeSalt.CopyTo(nonce);
        BinaryPrimitives.WriteUInt64BigEndian(nonce[SaltLength..], position);
        nonce[SaltLength..].CopyTo(fragment);
        Span<byte> known = stackalloc byte[MostKnown];
        known = known[..WriteKnown(record[..head], length, known)];
        var inner = fragment.Slice(ExplicitLength, length);
        content.CopyTo(inner);
        // What it is stands inside where the head says that there is an id (RFC 9146 section 4).
        if (length > content.Length)
            inner[^1] = type;
        Encrypt(nonce, known, inner, fragment[^TagLength..]);
        return head + fragment.Length;
    }

    /// <summary>False where the tag is another one.</summary>
    protected abstract bool TryDecrypt(ReadOnlySpan<byte> nonce, ReadOnlySpan<byte> known, ReadOnlySpan<byte> ciphertext, ReadOnlySpan<byte> tag, Span<byte> plaintext);

    /// <summary>Encrypts in place, and writes the tag.</summary>
    protected abstract void Encrypt(ReadOnlySpan<byte> nonce, ReadOnlySpan<byte> known, Span<byte> text, Span<byte> tag);

    static int WriteKnown(ReadOnlySpan<byte> head, int length, Span<byte> known)
    {
        const int Position = 3;
        const int Id = 11;
        var id = head[Id..^sizeof(ushort)];
        var at = 0;
        if (head[0] == RecordHeader.WithConnectionId)
        {
            // What cannot stand for a sequence number, so that it is never taken for the other form.
            known[..8].Fill(0xFF);
            known[8] = RecordHeader.WithConnectionId;
            known[9] = (byte)id.Length;
            head[..Id].CopyTo(known[10..]);
            id.CopyTo(known[(10 + Id)..]);
            at = 10 + Id + id.Length;
        }
        else
        {
            head[Position..Id].CopyTo(known);
            head[..Position].CopyTo(known[(Id - Position)..]);
            at = Id;
        }

        BinaryPrimitives.WriteUInt16BigEndian(known[at..], (ushort)length);
        return at + sizeof(ushort);
    }

    // Content, what it is, and zeros to make it longer (RFC 9146 section 4).
    static bool TryUnwrap(ReadOnlySpan<byte> inner, out byte type, out int length)
    {
        length = inner.LastIndexOfAnyExcept((byte)0);
        type = length < 0 ? (byte)0 : inner[length];
        return length >= 0;
    }
}
