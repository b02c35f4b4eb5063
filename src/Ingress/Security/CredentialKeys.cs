using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using System.Text;

namespace Ingress.Security;

/// <summary>
/// Seals what stands on the topic of credentials: AES-256-GCM (NIST SP 800-38D) with a random nonce. A value is version (1 byte), length of the
/// key's name (1 byte), that name, nonce (12 bytes), ciphertext, tag (16 bytes); what stands before the nonce and the key of the record are
/// authenticated with it, so that a value counts under its own record key alone. Safe for any number of threads.
/// </summary>
sealed class CredentialKeys
{
    /// <summary>Longest value that is looked at.</summary>
    public const int MostBytes = 4096;

    const byte Version = 1;
    const int KeyBytes = 32;
    const int NonceBytes = 12;
    const int TagBytes = 16;
    const int MostNameBytes = 32;

    readonly List<(byte[] Name, byte[] Key)> _keys;

    CredentialKeys(List<(byte[] Name, byte[] Key)> keys) => _keys = keys;

    /// <summary>What the first is called, which seals.</summary>
    public string Name => Encoding.ASCII.GetString(_keys[0].Name);

    /// <param name="texts">Each <c>name:hex</c>; the first seals, all open.</param>
    /// <param name="keys">They.</param>
    /// <param name="problem">What is wrong with them, without a key.</param>
    public static bool TryRead(IReadOnlyList<string> texts, [NotNullWhen(true)] out CredentialKeys? keys, [NotNullWhen(false)] out string? problem)
    {
        keys = null;
        problem = texts.Count == 0 ? "there is none" : null;
        List<(byte[] Name, byte[] Key)> read = [];
        for (var i = 0; i < texts.Count && problem is null; i++)
        {
            var colon = texts[i].IndexOf(':', StringComparison.Ordinal);
            var name = colon > 0 ? texts[i][..colon].Trim() : "";
            if (name.Length is 0 or > MostNameBytes || !name.All(char.IsAsciiLetterOrDigit) || !TryReadKey(texts[i][(colon + 1)..].Trim(), out var key))
                problem = $"number {i + 1} is not NAME:KEY, with a name of at most {MostNameBytes} letters and digits, and a key of {KeyBytes} bytes in hex";
            else if (read.Exists(k => k.Name.AsSpan().SequenceEqual(Encoding.ASCII.GetBytes(name))))
                problem = $"number {i + 1} has the name of another one";
            else
                read.Add((Encoding.ASCII.GetBytes(name), key));
        }

        if (problem is null)
            keys = new CredentialKeys(read);
        return problem is null;
    }

    public byte[] Seal(ReadOnlySpan<byte> recordKey, ReadOnlySpan<byte> plaintext)
    {
        var (name, key) = _keys[0];
        var head = 2 + name.Length;
        var value = new byte[head + NonceBytes + plaintext.Length + TagBytes];
        (value[0], value[1]) = (Version, (byte)name.Length);
        name.CopyTo(value, 2);
        var nonce = value.AsSpan(head, NonceBytes);
        RandomNumberGenerator.Fill(nonce);
        using var cipher = new AesGcm(key, TagBytes);
        cipher.Encrypt(nonce, plaintext, value.AsSpan(head + NonceBytes, plaintext.Length), value.AsSpan(^TagBytes), [.. value.AsSpan(0, head), .. recordKey]);
        return value;
    }

    /// <summary>Never throws, whatever the bytes.</summary>
    public SealVerdict TryOpen(ReadOnlySpan<byte> recordKey, ReadOnlySpan<byte> value, out byte[] plaintext)
    {
        plaintext = [];
        if (value.Length is < 2 or > MostBytes || value[0] != Version || value.Length < 2 + value[1] + NonceBytes + TagBytes)
            return SealVerdict.Malformed;
        var head = value[..(2 + value[1])];
        var known = KeyOf(head[2..]);
        if (known is null)
            return SealVerdict.UnknownKey;
        var rest = value[head.Length..];
        var opened = new byte[rest.Length - NonceBytes - TagBytes];
        try
        {
            using var cipher = new AesGcm(known, TagBytes);
            cipher.Decrypt(rest[..NonceBytes], rest[NonceBytes..^TagBytes], rest[^TagBytes..], opened, [.. head, .. recordKey]);
        }
        catch (CryptographicException)
        {
            return SealVerdict.Forged;
        }

        plaintext = opened;
        return SealVerdict.Opened;
    }

    /// <summary>Whether a value was sealed with another key than the first.</summary>
    public bool IsOld(ReadOnlySpan<byte> value) => value.Length < 2 || !value[2..].StartsWith(_keys[0].Name) || value[1] != _keys[0].Name.Length;

    public override string ToString() => nameof(CredentialKeys);

    byte[]? KeyOf(ReadOnlySpan<byte> name)
    {
        foreach (var (known, key) in _keys)
        {
            if (name.SequenceEqual(known))
                return key;
        }

        return null;
    }

    static bool TryReadKey(string hex, out byte[] key)
    {
        key = new byte[KeyBytes];
        return hex.Length == 2 * KeyBytes && Convert.FromHexString(hex, key, out _, out _) == System.Buffers.OperationStatus.Done;
    }
}
