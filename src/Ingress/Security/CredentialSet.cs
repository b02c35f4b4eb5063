using System.Collections.Frozen;
using System.Text.Json;
using Ingress.Access;

namespace Ingress.Security;

/// <summary>The credentials of a file. Immutable: another reading makes another set.</summary>
sealed class CredentialSet
{
    /// <summary>Longest key: what every implementation must take (RFC 4279 section 5.3).</summary>
    const int MostKeyBytes = 64;

    const string Psk = "psk:";

    public static readonly CredentialSet Empty = new([]);

    readonly FrozenDictionary<string, Credential> _byIdentity;

    CredentialSet(Dictionary<string, Credential> byIdentity) => _byIdentity = byIdentity.ToFrozenDictionary();

    public int Count => _byIdentity.Count;

    /// <summary>The one of a PSK identity.</summary>
    public Credential? FindPsk(string identity) => _byIdentity.GetValueOrDefault(Psk + identity);

    /// <summary>Whether this very credential still counts.</summary>
    public bool Holds(Credential credential) => _byIdentity.TryGetValue(credential.Identity, out var known) && known.Is(credential);

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
        if (!texts.TryGetValue("psk", out var hex))
            throw new InvalidDataException($"entry {number} has no psk, which is all that is known");
        var endpoint = texts.GetValueOrDefault("endpoint");
        if ((texts.GetValueOrDefault("identity") ?? endpoint) is not { Length: > 0 } identity)
            throw new InvalidDataException($"entry {number} has neither identity nor endpoint");
        return new Credential(Psk + identity, new EndpointRule(endpoint, identity), KeyOf(hex, number));
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
