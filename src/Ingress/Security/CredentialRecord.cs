using System.Diagnostics.CodeAnalysis;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace Ingress.Security;

/// <summary>
/// A record of the topic <c>credentials</c>: the key is <see cref="Credential.Identity"/> in UTF-8, the value an entry as in the file, sealed by
/// <see cref="CredentialKeys"/>; no value: that credential is gone.
/// </summary>
static class CredentialRecord
{
    const string Name = "the record";

    static readonly string[] Members = ["endpoint", "identity", "psk", "rpk", "x509"];
    static readonly JsonWriterOptions Relaxed = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static byte[] KeyOf(string identity) => Encoding.UTF8.GetBytes(identity);

    /// <param name="texts">The entry; members that it does not know are left out.</param>
    /// <param name="credential">What it says.</param>
    /// <param name="keys">To seal it.</param>
    public static byte[] Write(IReadOnlyDictionary<string, string> texts, Credential credential, CredentialKeys keys)
    {
        using var bytes = new MemoryStream();
        using (var json = new Utf8JsonWriter(bytes, Relaxed))
        {
            json.WriteStartObject();
            foreach (var member in Members)
            {
                if (texts.TryGetValue(member, out var text))
                    json.WriteString(member, text);
            }

            json.WriteEndObject();
        }

        return keys.Seal(KeyOf(credential.Identity), bytes.ToArray());
    }

    /// <summary>Never throws, whatever the bytes.</summary>
    /// <param name="key">Of the record.</param>
    /// <param name="value">Of the record.</param>
    /// <param name="keys">To open it.</param>
    /// <param name="texts">The entry.</param>
    /// <param name="credential">What it says.</param>
    /// <param name="reason">Why not: a label.</param>
    public static bool TryRead(
        byte[] key, byte[] value, CredentialKeys keys, out IReadOnlyDictionary<string, string> texts, [NotNullWhen(true)] out Credential? credential, out string reason)
    {
        (texts, credential) = (new Dictionary<string, string>(), null);
        var verdict = keys.TryOpen(key, value, out var plaintext);
        reason = verdict == SealVerdict.Opened ? "invalid" : Labels<SealVerdict>.Of(verdict);
        if (verdict != SealVerdict.Opened)
            return false;
        try
        {
            using var json = JsonDocument.Parse(plaintext);
            var read = CredentialEntry.Read(json.RootElement, Name);
            if (!KeyOf(read.Identity).AsSpan().SequenceEqual(key))
                return false;
            (texts, credential) = (Access.HttpReply.TextsOf(json.RootElement), read);
            return true;
        }
        // The last: half a surrogate pair in a text.
        catch (Exception e) when (e is JsonException or InvalidDataException or InvalidOperationException)
        {
            return false;
        }
    }
}
