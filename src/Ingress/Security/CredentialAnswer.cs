using System.Text.Json;
using Ingress.Access;

namespace Ingress.Security;

/// <summary>What the server of credentials has said of an identity.</summary>
/// <param name="Credential">Null: nobody has it.</param>
sealed record CredentialAnswer(Credential? Credential)
{
    static readonly CredentialAnswer Nobody = new((Credential?)null);

    /// <summary>Null for what is no answer.</summary>
    /// <param name="identity">The <see cref="Credential.Identity"/> that was asked about.</param>
    /// <param name="status">200 with an entry; 204 and 404 for nobody.</param>
    /// <param name="body">Of the response.</param>
    /// <exception cref="InvalidDataException">It is no entry, or one of somebody else; no secret is in the text.</exception>
    public static CredentialAnswer? Of(string identity, int status, string body) => status switch
    {
        200 => new CredentialAnswer(Read(identity, body)),
        204 or 404 => Nobody,
        _ => null,
    };

    static Credential Read(string identity, string body)
    {
        try
        {
            using var json = JsonDocument.Parse(body);
            if (json.RootElement.ValueKind != JsonValueKind.Object)
                throw new InvalidDataException("the answer is no object");
            var texts = HttpReply.TextsOf(json.RootElement);
            // Who was asked about need not be said again.
            var (kind, name) = CredentialEntry.PartsOf(identity);
            if (kind == "psk")
                texts.TryAdd("identity", name);
            var credential = CredentialEntry.Of(texts, "the answer");
            return credential.Identity == identity ? credential with { IsLookedUp = true } : throw new InvalidDataException("the answer is about somebody else");
        }
        // The latter: half a surrogate pair in a text. Neither's text is for the log: it may quote.
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            throw new InvalidDataException("the answer is no JSON");
        }
    }
}
