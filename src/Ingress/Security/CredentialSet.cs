using System.Collections.Frozen;
using System.Text.Json;

namespace Ingress.Security;

/// <summary>The credentials of a file. Immutable: another reading makes another set.</summary>
sealed class CredentialSet
{
    public static readonly CredentialSet Empty = new([]);

    readonly FrozenDictionary<string, Credential> _byIdentity;

    CredentialSet(Dictionary<string, Credential> byIdentity) => _byIdentity = byIdentity.ToFrozenDictionary();

    public int Count => _byIdentity.Count;

    /// <summary>The one with that <see cref="Credential.Identity"/>.</summary>
    public Credential? Find(string identity) => _byIdentity.GetValueOrDefault(identity);

    /// <summary>The one of a PSK identity.</summary>
    public Credential? FindPsk(string identity) => Find(CredentialEntry.OfPsk(identity));

    /// <exception cref="JsonException">It is no JSON.</exception>
    /// <exception cref="InvalidDataException">An entry is not as it must be; no secret is in the text.</exception>
    public static CredentialSet Read(Stream stream)
    {
        Dictionary<string, Credential> known = [];
        ReadEach(stream, (_, credential, name) =>
        {
            if (!known.TryAdd(credential.Identity, credential))
                throw new InvalidDataException($"{name} has the identity of another one");
        });
        return new CredentialSet(known);
    }

    /// <summary>Goes through such a file.</summary>
    /// <inheritdoc cref="Read"/>
    public static void ReadEach(Stream stream, Action<JsonElement, Credential, string> take)
    {
        using var json = JsonDocument.Parse(stream, new JsonDocumentOptions { CommentHandling = JsonCommentHandling.Skip, AllowTrailingCommas = true });
        if (json.RootElement.ValueKind != JsonValueKind.Array)
            throw new InvalidDataException("it is no JSON list");
        var number = 0;
        foreach (var item in json.RootElement.EnumerateArray())
        {
            var name = $"entry {++number}";
            take(item, CredentialEntry.Read(item, name), name);
        }
    }
}
