using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace Tools.Dtls;

/// <summary>From a pre-shared key to those of a session, for cipher suites with SHA-256.</summary>
static class KeySchedule
{
    public const int RandomLength = 32;
    public const int VerifyDataLength = 12;

    const int MasterSecretLength = 48;

    /// <summary>Of both random values (RFC 5246 section 8.1).</summary>
    public static byte[] MasterSecret(ReadOnlySpan<byte> key, ReadOnlySpan<byte> clientRandom, ReadOnlySpan<byte> serverRandom) =>
        Derive(Premaster(key), "master secret", [.. clientRandom, .. serverRandom], MasterSecretLength);

    /// <summary>Of all that was said up to the key exchange (RFC 7627 section 4).</summary>
    public static byte[] ExtendedMasterSecret(ReadOnlySpan<byte> key, ReadOnlySpan<byte> transcript) =>
        Derive(Premaster(key), "extended master secret", SHA256.HashData(transcript), MasterSecretLength);

    /// <summary>RFC 5246 section 6.3: of client and server, in this order.</summary>
    public static byte[] KeyBlock(ReadOnlySpan<byte> masterSecret, ReadOnlySpan<byte> clientRandom, ReadOnlySpan<byte> serverRandom, int length) =>
        Derive(masterSecret, "key expansion", [.. serverRandom, .. clientRandom], length);

    /// <summary>What a Finished says (RFC 5246 section 7.4.9).</summary>
    public static byte[] VerifyData(ReadOnlySpan<byte> masterSecret, bool isClient, ReadOnlySpan<byte> transcript) =>
        Derive(masterSecret, isClient ? "client finished" : "server finished", SHA256.HashData(transcript), VerifyDataLength);

    // RFC 4279 section 2: in place of what a key exchange would have given there are zeros.
    static byte[] Premaster(ReadOnlySpan<byte> key)
    {
        var secret = new byte[2 * (sizeof(ushort) + key.Length)];
        BinaryPrimitives.WriteUInt16BigEndian(secret, (ushort)key.Length);
        BinaryPrimitives.WriteUInt16BigEndian(secret.AsSpan(sizeof(ushort) + key.Length), (ushort)key.Length);
        key.CopyTo(secret.AsSpan(^key.Length));
        return secret;
    }

    // RFC 5246 section 5: A(i) is made of A(i-1), and each gives 32 bytes.
    internal static byte[] Derive(ReadOnlySpan<byte> secret, string label, ReadOnlySpan<byte> seed, int length)
    {
        byte[] labelled = [.. Encoding.ASCII.GetBytes(label), .. seed];
        var output = new byte[length];
        var rest = output.AsSpan();
        var a = labelled;
        while (!rest.IsEmpty)
        {
            a = HMACSHA256.HashData(secret, a);
            var part = HMACSHA256.HashData(secret, [.. a, .. labelled]).AsSpan();
            part = part[..Math.Min(part.Length, rest.Length)];
            part.CopyTo(rest);
            rest = rest[part.Length..];
        }

        return output;
    }
}
