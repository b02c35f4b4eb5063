namespace Ingress.Security;

/// <summary>
/// The credentials in force, of all sources. Where several know an identity, the file counts before the topic: it lies beside the process, so
/// that an operator can put right there what came from elsewhere.
/// </summary>
sealed class Credentials(CredentialFile file, CredentialTopic? topic = null)
{
    volatile Editions _edition = new(CredentialSet.Empty, null);

    /// <summary>Another object whenever a credential may count no more; whoever keeps an answer reads it before he asks.</summary>
    public object Edition
    {
        get
        {
            var (known, now) = (_edition, new Editions(file.Current, topic?.Edition));
            if (ReferenceEquals(known.File, now.File) && ReferenceEquals(known.Topic, now.Topic))
                return known;
            return _edition = now;
        }
    }

    /// <summary>The one of a PSK identity.</summary>
    public Credential? FindPsk(string identity) => Find(CredentialEntry.OfPsk(identity));

    /// <summary>The one of a raw public key.</summary>
    /// <param name="key">SubjectPublicKeyInfo, DER.</param>
    public Credential? FindRawPublicKey(byte[] key) => Find(CredentialEntry.OfRawPublicKey(key));

    /// <summary>The one of a certificate.</summary>
    /// <param name="certificate">DER.</param>
    public Credential? FindCertificate(byte[] certificate) => Find(CredentialEntry.OfCertificate(certificate));

    /// <summary>The one with that <see cref="Credential.Identity"/>.</summary>
    public Credential? Named(string identity) => Find(identity);

    /// <summary>Whether this very credential still counts.</summary>
    public bool Holds(Credential credential) => credential.IsIssued || Find(credential.Identity)?.Is(credential) == true;

    Credential? Find(string identity) => file.Current.Find(identity) ?? topic?.Find(identity);

    sealed record Editions(CredentialSet File, object? Topic);
}
