using System.Buffers.Binary;
using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using Protocol.Coap;

namespace Ingress.Registrations;

/// <summary>
/// Makes and checks registration ids and tokens: 8 bytes, that is version and kind, slot, 4 random bytes, and 2 bytes of a keyed hash.
/// What is not ours is known as such at once, without a question to anybody.
/// </summary>
sealed class Identifiers
{
    const byte Version = 1;
    const int CheckedLength = 6;

    static readonly byte[] PublicKey = Encoding.ASCII.GetBytes("no ingress.token_key is configured");

    readonly byte[] _key;
    readonly byte _slot;

    /// <param name="key">Null: a key that everybody knows.</param>
    public Identifiers(string? key, int slot)
    {
        _key = key is null ? PublicKey : Encoding.UTF8.GetBytes(key);
        _slot = (byte)slot;
    }

    public enum Kind : byte
    {
        Registration = 1,
        Token = 2,
    }

    public ulong Next(Kind kind)
    {
        Span<byte> id = stackalloc byte[sizeof(ulong)];
        id[0] = (byte)((Version << 4) | (byte)kind);
        id[1] = _slot;
        RandomNumberGenerator.Fill(id[2..CheckedLength]);
        BinaryPrimitives.WriteUInt16BigEndian(id[CheckedLength..], Check(id[..CheckedLength]));
        return BinaryPrimitives.ReadUInt64BigEndian(id);
    }

    public bool IsOurs(ulong id, Kind kind)
    {
        Span<byte> bytes = stackalloc byte[sizeof(ulong)];
        BinaryPrimitives.WriteUInt64BigEndian(bytes, id);
        return bytes[0] == ((Version << 4) | (byte)kind) && Check(bytes[..CheckedLength]) == (ushort)id;
    }

    /// <summary>Whether a token of 8 bytes is one of ours.</summary>
    public bool IsOurs(CoapToken token)
    {
        Span<byte> bytes = stackalloc byte[CoapFrame.MaxTokenLength];
        return IsOurs(BinaryPrimitives.ReadUInt64BigEndian(token.CopyTo(bytes)), Kind.Token);
    }

    public CoapToken NextToken()
    {
        Span<byte> bytes = stackalloc byte[sizeof(ulong)];
        BinaryPrimitives.WriteUInt64BigEndian(bytes, Next(Kind.Token));
        return new CoapToken(bytes);
    }

    /// <summary>As it stands in a Location-Path: 11 characters.</summary>
    public static string ToText(ulong id)
    {
        Span<byte> bytes = stackalloc byte[sizeof(ulong)];
        BinaryPrimitives.WriteUInt64BigEndian(bytes, id);
        return Base64Url.EncodeToString(bytes);
    }

    public static bool TryParse(ReadOnlySpan<byte> text, out ulong id)
    {
        Span<byte> bytes = stackalloc byte[16];
        id = 0;
        if (text.Length != 11 || !Base64Url.IsValid(text) || !Base64Url.TryDecodeFromUtf8(text, bytes, out var length) || length != sizeof(ulong))
            return false;
        id = BinaryPrimitives.ReadUInt64BigEndian(bytes);
        return true;
    }

    ushort Check(ReadOnlySpan<byte> id)
    {
        Span<byte> hash = stackalloc byte[HMACSHA256.HashSizeInBytes];
        HMACSHA256.HashData(_key, id, hash);
        return BinaryPrimitives.ReadUInt16BigEndian(hash);
    }
}
