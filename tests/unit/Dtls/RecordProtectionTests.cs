using System.Buffers.Binary;
using System.Security.Cryptography;
using Protocol.Dtls;

namespace Pipeline.Tests.Dtls;

/// <summary>Records as the RFCs want them: what is expected here is put together by hand, and encrypted by the platform.</summary>
public sealed class RecordProtectionTests
{
    const int Tag = 8;

    /// <summary>Keys of client and server, then what the nonces of client and server begin with (RFC 5246 section 6.3).</summary>
    static readonly byte[] KeyBlock = [.. Enumerable.Range(1, AeadProtection.KeyBlockLength).Select(i => (byte)i)];

    static readonly byte[] Content = "temperature 21"u8.ToArray();

    /// <summary>RFC 6347 section 4.1, RFC 6655 section 3: epoch and sequence number are what of the nonce stands in the record.</summary>
    [Fact]
    public void Record_to_the_peer_is_that_of_RFC_6655()
    {
        using var protection = new Ccm8Protection(KeyBlock, []);
        var record = Protect(protection, 0x0001_0000_0000_0203, 23, Content);
        // 13 bytes head, 8 of the nonce, content, tag.
        Assert.Equal("17FEFD0001000000000203" + "001E" + "0001000000000203", Convert.ToHexString(record, 0, 21));
        byte[] known = [.. Hex("0001000000000203"), 23, .. Hex("FEFD"), 0, 14];
        Assert.Equal(Sealed(KeyBlock[16..32], KeyBlock[36..40], Hex("0001000000000203"), known, Content), record[21..]);
    }

    /// <summary>RFC 9146 sections 4 and 5.3: type 25, the peer's id behind the sequence number, and what it is within.</summary>
    [Fact]
    public void Record_to_a_peer_with_an_id_is_that_of_RFC_9146()
    {
        using var protection = new Ccm8Protection(KeyBlock, Hex("C1D2E3"));
        var record = Protect(protection, 0x0001_0000_0000_0203, 21, [1, 0]);
        Assert.Equal("19FEFD0001000000000203" + "C1D2E3" + "0013" + "0001000000000203", Convert.ToHexString(record, 0, 24));
        byte[] known = [.. Hex("FFFFFFFFFFFFFFFF"), 25, 3, 25, .. Hex("FEFD"), .. Hex("0001000000000203"), .. Hex("C1D2E3"), 0, 3];
        Assert.Equal(Sealed(KeyBlock[16..32], KeyBlock[36..40], Hex("0001000000000203"), known, [1, 0, 21]), record[24..]);
    }

    /// <summary>Nonces of the peer need not be its sequence numbers.</summary>
    [Fact]
    public void Record_of_the_peer_is_opened_with_the_nonce_that_it_bears()
    {
        using var protection = new Ccm8Protection(KeyBlock, []);
        var (head, nonce) = (Hex("17FEFD0001000000000007"), Hex("A1A2A3A4A5A6A7A8"));
        byte[] known = [.. Hex("0001000000000007"), 23, .. Hex("FEFD"), 0, 14];
        byte[] record = [.. head, 0, 30, .. nonce, .. Sealed(KeyBlock[..16], KeyBlock[32..36], nonce, known, Content)];
        Assert.Equal((23, Convert.ToHexString(Content)), Open(protection, record));
        AssertTamperProof(protection, record);
    }

    /// <summary>RFC 9146 section 4: zeros behind the type hide how long the content is.</summary>
    [Theory]
    [InlineData(23, 0)]
    [InlineData(23, 40)]
    [InlineData(21, 1)]
    public void Record_of_a_peer_with_an_id_says_within_what_it_is(int type, int padding)
    {
        using var protection = new Ccm8Protection(KeyBlock, []);
        byte[] inner = [.. Content, (byte)type, .. new byte[padding]];
        var record = WithId(inner);
        Assert.Equal((type, Convert.ToHexString(Content)), Open(protection, record));
        AssertTamperProof(protection, record);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(5)]
    public void Record_that_does_not_say_what_it_is_is_not_opened(int zeros)
    {
        using var protection = new Ccm8Protection(KeyBlock, []);
        Assert.Null(Open(protection, WithId(new byte[zeros])));
    }

    [Fact]
    public void Gcm_is_that_of_RFC_5288()
    {
        using var protection = new GcmProtection(KeyBlock, []);
        var record = Protect(protection, 0x0001_0000_0000_0203, 23, Content);
        byte[] known = [.. Hex("0001000000000203"), 23, .. Hex("FEFD"), 0, 14];
        using var gcm = new AesGcm(KeyBlock[16..32], 16);
        var (ciphertext, tag) = (new byte[Content.Length], new byte[16]);
        gcm.Encrypt((byte[])[.. KeyBlock[36..40], .. Hex("0001000000000203")], Content, ciphertext, tag, known);
        Assert.Equal(Convert.ToHexString([.. Hex("17FEFD00010000000002030026"), .. Hex("0001000000000203"), .. ciphertext, .. tag]), Convert.ToHexString(record));
    }

    /// <summary>What one side protects the other opens, whatever the length.</summary>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void What_the_server_protects_the_client_opens(bool isGcm)
    {
        byte[] ofClient = [.. KeyBlock[16..32], .. KeyBlock[..16], .. KeyBlock[36..40], .. KeyBlock[32..36]];
        using RecordProtection server = isGcm ? new GcmProtection(KeyBlock, []) : new Ccm8Protection(KeyBlock, []);
        using RecordProtection client = isGcm ? new GcmProtection(ofClient, []) : new Ccm8Protection(ofClient, []);
        for (var length = 0; length < 300; length++)
        {
            var content = RandomNumberGenerator.GetBytes(length);
            Assert.Equal((22, Convert.ToHexString(content)), Open(client, Protect(server, (1UL << 48) + (uint)length, 22, content)));
        }
    }

    static void AssertTamperProof(RecordProtection protection, byte[] record)
    {
        for (var i = 0; i < record.Length; i++)
        {
            record[i] ^= 1;
            Assert.Null(Open(protection, record));
            record[i] ^= 1;
        }

        // Cut off, with a length that fits.
        var head = record[0] == RecordHeader.WithConnectionId ? 19 : 13;
        for (var length = 0; length < record.Length - head; length++)
        {
            byte[] cut = [.. record[..(head + length)]];
            BinaryPrimitives.WriteUInt16BigEndian(cut.AsSpan(head - 2), (ushort)length);
            Assert.Null(Open(protection, cut));
        }
    }

    static byte[] WithId(byte[] inner)
    {
        var (id, nonce) = (Hex("0A0B01020304"), Hex("0001000000000007"));
        byte[] known = [.. Hex("FFFFFFFFFFFFFFFF"), 25, 6, 25, .. Hex("FEFD"), .. nonce, .. id, 0, (byte)inner.Length];
        return [.. Hex("19FEFD"), .. nonce, .. id, 0, (byte)(8 + inner.Length + Tag), .. nonce, .. Sealed(KeyBlock[..16], KeyBlock[32..36], nonce, known, inner)];
    }

    static byte[] Protect(RecordProtection protection, ulong position, byte type, byte[] content)
    {
        var record = new byte[content.Length + protection.Overhead];
        return record[..protection.Protect(position, type, content, record)];
    }

    static (int Type, string Content)? Open(RecordProtection protection, byte[] bytes)
    {
        ReadOnlySpan<byte> datagram = bytes;
        var content = new byte[bytes.Length];
        return RecordHeader.TryNext(ref datagram, out var record) && protection.TryOpen(record, content, out var type, out var length)
            ? (type, Convert.ToHexString(content, 0, length))
            : null;
    }

    // RFC 3610 by the platform, where that has it.
    static byte[] Sealed(byte[] key, byte[] salt, byte[] nonce, byte[] known, byte[] text)
    {
        Assert.SkipUnless(AesCcm.IsSupported, "AES-CCM is not on this platform");
        using var ccm = new AesCcm(key);
        var (ciphertext, tag) = (new byte[text.Length], new byte[Tag]);
        ccm.Encrypt((byte[])[.. salt, .. nonce], text, ciphertext, tag, known);
        return [.. ciphertext, .. tag];
    }

    static byte[] Hex(string hex) => Convert.FromHexString(hex);
}
