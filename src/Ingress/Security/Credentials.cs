using System.Security.Cryptography;
using Protocol.Dtls;

namespace Ingress.Security;

/// <summary>
/// The credentials in force, of all sources. Where several know an identity, the file counts before the topic, and that before a server: the
/// nearer it lies to the process, the sooner an operator can put right there what came from elsewhere.
/// </summary>
sealed class Credentials(CredentialFile file, CredentialTopic? topic = null, CredentialServer? server = null)
{
    volatile Editions _edition = new(CredentialSet.Empty, null, null);

    /// <summary>Another object whenever a credential may count no more; whoever keeps an answer reads it before he asks.</summary>
    public object Edition
    {
        get
        {
            var (known, now) = (_edition, new Editions(file.Current, topic?.Edition, server?.Edition));
            if (ReferenceEquals(known.File, now.File) && ReferenceEquals(known.Topic, now.Topic) && ReferenceEquals(known.Server, now.Server))
                return known;
            return _edition = now;
        }
    }

    /// <summary>The one of a PSK identity. Waits where a server has to be asked, as all that are named after what a peer shows.</summary>
    /// <exception cref="KeysUnreachableException">The server gives no answer.</exception>
    public Credential? FindPsk(string identity) => Ask(CredentialEntry.OfPsk(identity));

    /// <summary>The one of a raw public key.</summary>
    /// <param name="key">SubjectPublicKeyInfo, DER.</param>
    /// <inheritdoc cref="FindPsk"/>
    public Credential? FindRawPublicKey(byte[] key) => Ask(CredentialEntry.OfRawPublicKey(key));

    /// <summary>The one of a certificate, without asking a server: most are issued by an authority, and no server needs to know them.</summary>
    /// <param name="certificate">DER.</param>
    public Credential? FindCertificate(byte[] certificate) => Find(CredentialEntry.OfCertificate(certificate));

    /// <summary>The one of a certificate that nobody here knows.</summary>
    /// <param name="certificate">DER.</param>
    /// <inheritdoc cref="FindPsk"/>
    public Credential? AskForCertificate(byte[] certificate) => server?.Ask(CredentialEntry.OfCertificate(certificate));

    /// <summary>The one that went with a saved session and counts now as it did then; null: none.</summary>
    public Credential? Restore(string identity, byte[] print, EndpointRule? lookedUp)
    {
        if (Find(identity) is { } credential)
            return CryptographicOperations.FixedTimeEquals(credential.Print, print) ? credential : null;
        // Whether it still counts, the server is asked when the device is heard.
        return lookedUp is { } endpoints && server is not null ? Credential.OfPrint(identity, endpoints, print) : null;
    }

    /// <summary>Whether this very credential still counts. Never waits.</summary>
    public bool Holds(Credential credential)
    {
        if (credential.IsIssued)
            return true;
        if (Find(credential.Identity) is { } known)
            return known.Is(credential);
        return credential.IsLookedUp && server?.Holds(credential) == true;
    }

    Credential? Ask(string identity) => Find(identity) ?? server?.Ask(identity);

    Credential? Find(string identity) => file.Current.Find(identity) ?? topic?.Find(identity);

    sealed record Editions(CredentialSet File, object? Topic, object? Server);
}
