using System.Buffers.Binary;
using Org.BouncyCastle.Tls;
using Org.BouncyCastle.Tls.Crypto;

namespace Protocol.Dtls;

/// <summary>
/// AES-128-CBC with HMAC-SHA256 (RFC 5246 section 6.2.3.2, RFC 7366 where both sides can), by the library: to check padding and MAC in a time that
/// tells nothing is its business. It takes memory for each record; who asks for this suite pays for it.
/// </summary>
/// <param name="cipher">With the keys of the session, and what was agreed on about MAC and connection ids.</param>
/// <param name="peerId">The connection id that records to the peer bear.</param>
sealed class CbcProtection(TlsCipher cipher, byte[] peerId) : RecordProtection(peerId)
{
    const int BlockLength = 16;
    const int MacLength = 32;

    /// <summary>The vector, and a block with nothing but the MAC, or its padding.</summary>
    const int Shortest = BlockLength + MacLength + BlockLength;

    protected override int MostExpansion => BlockLength + MacLength + byte.MaxValue + 2;

    public override bool TryOpen(in RecordHeader record, Span<byte> content, out byte type, out int length)
    {
        (type, length) = (0, 0);
        // For these the library has an alert, as if they came from the peer.
        if (record.Fragment.Length < Shortest || record.Fragment.Length % BlockLength != 0)
            return false;
        try
        {
            var fragment = record.Fragment.ToArray();
            var opened = cipher.DecodeCiphertext((long)record.Position, record.Type, ProtocolVersion.DTLSv12, fragment, 0, fragment.Length);
            (type, length) = ((byte)opened.contentType, opened.len);
            opened.buf.AsSpan(opened.off, length).CopyTo(content);
            return true;
        }
        catch (IOException)
        {
            return false;
        }
    }

    public override int Protect(ulong position, byte type, ReadOnlySpan<byte> content, Span<byte> record)
    {
        var head = WriteHead(record, position, type, 0);
        var made = cipher.EncodePlaintext((long)position, type, ProtocolVersion.DTLSv12, 0, content);
        BinaryPrimitives.WriteUInt16BigEndian(record[(head - sizeof(ushort))..], (ushort)made.len);
        made.buf.AsSpan(made.off, made.len).CopyTo(record[head..]);
        return head + made.len;
    }
}
