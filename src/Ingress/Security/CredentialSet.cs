using System.Collections.Frozen;
using System.Security.Cryptography;
using System.Text.Json;
using Ingress.Access;

namespace Ingress.Security;

/// <summary>The credentials of a file. Immutable: another reading makes another set.</summary>
sealed class CredentialSet
{
    /// <summary>Longest key: what every implementation must take (RFC 4279 section 5.3).</summary>
    const int MostKeyBytes = 64;

    const string Psk = "psk:";
    const string RawPublicKey = "rpk-sha256:";
    const string Certificate = "x509-sha256:";

    static readonly string[] Kinds = ["psk", "rpk", "x509"];

    public static readonly CredentialSet Empty = new([]);

    readonly FrozenDictionary<string, Credential> _byIdentity;

    CredentialSet(Dictionary<string, Credential> byIdentity) => _byIdentity = byIdentity.ToFrozenDictionary();

    public int Count => _byIdentity.Count;

    /// <summary>The one of a PSK identity.</summary>
    public Credential? FindPsk(string identity) => _byIdentity.GetValueOrDefault(Psk + identity);

    /// <summary>The one of a raw public key.</summary>
    /// <param name="key">SubjectPublicKeyInfo, DER.</param>
    public Credential? FindRawPublicKey(byte[] key) => _byIdentity.GetValueOrDefault(Named(RawPublicKey, SHA256.HashData(key)));

    /// <summary>The one of a certificate.</summary>
    /// <param name="certificate">DER.</param>
    public Credential? FindCertificate(byte[] certificate) => _byIdentity.GetValueOrDefault(Named(Certificate, SHA256.HashData(certificate)));

    /// <summary>Whether this very credential still counts.</summary>
    public bool Holds(Credential credential) => credential.IsIssued || _byIdentity.TryGetValue(credential.Identity, out var known) && known.Is(credential);

    /// <exception cref="JsonException">It is no JSON.</exception>
    /// <exception cref="InvalidDataException">An entry is not as it must be; no secret is in the text.</exception>
    public static CredentialSet Read(Stream stream)
    {
        using var json = JsonDocument.Parse(stream, new JsonDocumentOptions { CommentHandling = JsonCommentHandling.Skip, AllowTrailingCommas = true });
        if (json.RootElement.ValueKind != JsonValueKind.Array)
            throw new InvalidDataException("it is no JSON list");
        Dictionary<string, Credential> known = [];
        var number = 0;
        foreach (var item in json.RootElement.EnumerateArray())
        {
            number++;
            if (item.ValueKind != JsonValueKind.Object)
                throw new InvalidDataException($"entry {number} is no object");
            var credential = Of(HttpReply.TextsOf(item), number);
            if (!known.TryAdd(credential.Identity, credential))
                throw new InvalidDataException($"entry {number} has the identity of another one");
        }

        return new CredentialSet(known);
    }

    static Credential Of(Dictionary<string, string> texts, int number)
    {
        if (Kinds.Count(texts.ContainsKey) != 1)
            throw new InvalidDataException($"entry {number} must have one of psk, rpk and x509");
        var endpoint = texts.GetValueOrDefault("endpoint");
        if ((texts.GetValueOrDefault("identity") ?? endpoint) is not { Length: > 0 } identity)
            throw new InvalidDataException($"entry {number} has neither identity nor endpoint");
        var rule = new EndpointRule(endpoint, identity);
        if (texts.TryGetValue("rpk", out var publicKey))
            return new Credential(Named(RawPublicKey, SHA256.HashData(PublicKeyOf(publicKey, number))), rule, []);
        return texts.TryGetValue("x509", out var fingerprint)
            ? new Credential(Named(Certificate, FingerprintOf(fingerprint, number)), rule, [])
            : new Credential(Psk + identity, rule, KeyOf(texts["psk"], number));
    }

    static string Named(string kind, byte[] hash) => kind + Convert.ToHexStringLower(hash);

    static byte[] PublicKeyOf(string base64, int number)
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

        throw new InvalidDataException($"the rpk of entry {number} must be a SubjectPublicKeyInfo on an elliptic curve, DER in base64");
    }

    // As openssl prints it, with colons, or without.
    static byte[] FingerprintOf(string hex, int number)
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

        throw new InvalidDataException($"the x509 of entry {number} must be the SHA-256 of a certificate, {SHA256.HashSizeInBytes} bytes in hex");
    }

    static byte[] KeyOf(string hex, int number)
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

        throw new InvalidDataException($"the psk of entry {number} must be 1 to {MostKeyBytes} bytes in hex");
    }
}
