using System.Security.Cryptography;
using Protocol.Dtls;

namespace Pipeline.Tests.Dtls;

public sealed class Ccm8Tests
{
    /// <summary>NIST SP 800-38C, appendix C.3: the one with a nonce of 12 bytes and a tag of 8.</summary>
    [Fact]
    public void Example_of_the_specification()
    {
        var ccm = new Ccm8(Hex("404142434445464748494a4b4c4d4e4f"));
        var nonce = Hex("101112131415161718191a1b");
        var known = Hex("000102030405060708090a0b0c0d0e0f10111213");
        var plaintext = Hex("202122232425262728292a2b2c2d2e2f3031323334353637");
        var text = plaintext.ToArray();
        var tag = new byte[Ccm8.TagLength];
        ccm.Encrypt(nonce, known, text, tag);
        Assert.Equal("e3b201a9f5b71a7a9b1ceaeccd97e70b6176aad9a4428aa5484392fbc1b09951", Convert.ToHexStringLower([.. text, .. tag]));
        var opened = new byte[text.Length];
        Assert.True(ccm.TryDecrypt(nonce, known, text, tag, opened));
        Assert.Equal(plaintext, opened);
    }

    /// <summary>Every length around the edges of blocks, and each byte that is changed.</summary>
    [Fact]
    public void Same_as_the_platforms_and_nothing_that_was_changed_is_taken()
    {
        Assert.SkipUnless(AesCcm.IsSupported, "AES-CCM is not on this platform");
        var random = new Random(1);
        var key = Bytes(16);
        using var platform = new AesCcm(key);
        var ccm = new Ccm8(key);
        for (var length = 0; length < 70; length++)
        {
            var (nonce, known, plaintext) = (Bytes(Ccm8.NonceLength), Bytes(13 + (length % 40)), Bytes(length));
            var (expected, expectedTag) = (new byte[length], new byte[Ccm8.TagLength]);
            platform.Encrypt(nonce, plaintext, expected, expectedTag, known);
            var (text, tag) = (plaintext.ToArray(), new byte[Ccm8.TagLength]);
            ccm.Encrypt(nonce, known, text, tag);
            Assert.Equal(Convert.ToHexString([.. expected, .. expectedTag]), Convert.ToHexString([.. text, .. tag]));

            var opened = new byte[length];
            foreach (var part in new[] { nonce, known, text, tag })
            {
                for (var i = 0; i < part.Length; i++)
                {
                    part[i] ^= 0x10;
                    Assert.False(ccm.TryDecrypt(nonce, known, text, tag, opened));
                    part[i] ^= 0x10;
                }
            }

            Assert.True(ccm.TryDecrypt(nonce, known, text, tag, opened));
            Assert.Equal(plaintext, opened);
        }

        byte[] Bytes(int length)
        {
            var bytes = new byte[length];
            random.NextBytes(bytes);
            return bytes;
        }
    }

    static byte[] Hex(string hex) => Convert.FromHexString(hex);
}
