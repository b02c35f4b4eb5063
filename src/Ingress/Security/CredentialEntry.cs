using System.Security.Cryptography;
using System.Text.Json;
using Ingress.Access;

namespace Ingress.Security;

/// <summary>A credential as it is written down, in JSON: of a file, a record on Kafka, an HTTP answer. No problem that is told names a secret.</summary>
static class CredentialEntry
{
    /// <summary>Longest key: what every implementation must take (RFC 4279 section 5.3).</summary>
    public const int MostKeyBytes = 64;

    /// <summary>Longest identity that a handshake takes (RFC 4279 section 5.3), and that may be written down.</summary>
    public const int MostNameLength = 256;

    const string Psk = "psk:";
    const string RawPublicKey = "rpk-sha256:";
    const string Certificate = "x509-sha256:";

    static readonly string[] Kinds = ["psk", "rpk", "x509"];

    /// <param name="item">The entry.</param>
    /// <param name="name">What problems call it: "entry 3".</param>
    /// <exception cref="InvalidDataException">It is not as it must be.</exception>
    public static Credential Read(JsonElement item, string name) =>
        item.ValueKind == JsonValueKind.Object ? Of(HttpReply.TextsOf(item), name) : throw new InvalidDataException($"{name} is no object");

    /// <inheritdoc cref="Read"/>
    public static Credential Of(IReadOnlyDictionary<string, string> texts, string name)
    {
        if (Kinds.Count(texts.ContainsKey) != 1)
            throw new InvalidDataException($"{name} must have one of psk, rpk and x509");
        var endpoint = texts.GetValueOrDefault("endpoint");
        if ((texts.GetValueOrDefault("identity") ?? endpoint) is not { Length: > 0 } identity)
            throw new InvalidDataException($"{name} has neither identity nor endpoint");
        if (identity.Length > MostNameLength || endpoint?.Length > MostNameLength)
            throw new InvalidDataException($"identity and endpoint of {name} may have {MostNameLength} characters");
        var rule = new EndpointRule(endpoint, identity);
        if (texts.TryGetValue("rpk", out var publicKey))
            return new Credential(OfRawPublicKey(PublicKeyOf(publicKey, name)), rule, []);
        return texts.TryGetValue("x509", out var fingerprint)
            ? new Credential(Named(Certificate, FingerprintOf(fingerprint, name)), rule, [])
            : new Credential(OfPsk(identity), rule, KeyOf(texts["psk"], name));
    }

    /// <summary>What is proven by who has the key of that identity.</summary>
    public static string OfPsk(string identity) => Psk + identity;

    /// <summary>Kind ("psk", "rpk", "x509") and name (the PSK identity, or a SHA-256 in hex) of a <see cref="Credential.Identity"/> that is made here.</summary>
    public static (string Kind, string Name) PartsOf(string identity)
    {
        var colon = identity.IndexOf(':', StringComparison.Ordinal);
        return (identity[..colon].Split('-')[0], identity[(colon + 1)..]);
    }

    /// <param name="key">SubjectPublicKeyInfo, DER.</param>
    public static string OfRawPublicKey(byte[] key) => Named(RawPublicKey, SHA256.HashData(key));

    /// <param name="certificate">DER.</param>
    public static string OfCertificate(byte[] certificate) => Named(Certificate, SHA256.HashData(certificate));

    static string Named(string kind, byte[] hash) => kind + Convert.ToHexStringLower(hash);

    static byte[] PublicKeyOf(string base64, string name)
    {
        try
        {
            using var key = ECDsa.Create();
            var bytes = Convert.FromBase64String(base64);
            key.ImportSubjectPublicKeyInfo(bytes, out var read);
            if (read == bytes.Length)
                return bytes;
        }
        catch (Exception e) when (e is FormatException or CryptographicException)
        {
            // Said below.
        }

        throw new InvalidDataException($"the rpk of {name} must be a SubjectPublicKeyInfo on an elliptic curve, DER in base64");
    }

    // As openssl prints it, with colons, or without.
    static byte[] FingerprintOf(string hex, string name)
    {
        try
        {
            var hash = Convert.FromHexString(hex.Replace(":", "", StringComparison.Ordinal));
            if (hash.Length == SHA256.HashSizeInBytes)
                return hash;
        }
        catch (FormatException)
        {
            // Said below.
        }

        throw new InvalidDataException($"the x509 of {name} must be the SHA-256 of a certificate, {SHA256.HashSizeInBytes} bytes in hex");
    }

    static byte[] KeyOf(string hex, string name)
    {
        try
        {
            var key = Convert.FromHexString(hex);
            if (key.Length is > 0 and <= MostKeyBytes)
                return key;
        }
        catch (FormatException)
        {
            // Said below, without what it was.
        }

        throw new InvalidDataException($"the psk of {name} must be 1 to {MostKeyBytes} bytes in hex");
    }
}
