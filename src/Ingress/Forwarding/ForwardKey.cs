using System.Security.Cryptography;
using System.Text;

namespace Ingress.Forwarding;

/// <summary>What only replicas of one gateway have: a key of its own for this use, made of the secret that they share.</summary>
/// <param name="secret"><c>ingress.token_key</c>.</param>
sealed class ForwardKey(string secret)
{
    /// <summary>Bytes; half of HMAC-SHA256 (RFC 2104 section 5).</summary>
    public const int MacLength = 16;

    readonly byte[] _key = HMACSHA256.HashData(Encoding.UTF8.GetBytes(secret), "lwm2m gateway: forward, version 1"u8);

    /// <summary>Writes the MAC of <paramref name="bytes"/>.</summary>
    public void Authenticate(ReadOnlySpan<byte> bytes, Span<byte> mac)
    {
        Span<byte> whole = stackalloc byte[HMACSHA256.HashSizeInBytes];
        HMACSHA256.HashData(_key, bytes, whole);
        whole[..MacLength].CopyTo(mac);
    }

    public bool IsAuthentic(ReadOnlySpan<byte> bytes, ReadOnlySpan<byte> mac)
    {
        Span<byte> own = stackalloc byte[MacLength];
        Authenticate(bytes, own);
        return CryptographicOperations.FixedTimeEquals(own, mac);
    }
}
