using System.Security.Cryptography;
using Protocol.Dtls;

namespace Ingress.Security;

/// <summary>Whether a session of another process may go on here: who has proven himself then must be in force now, unchanged.</summary>
sealed class SavedSessionJudge(Credentials credentials, Func<string?> x509Endpoint, Func<string, bool> hasListener)
{
    const string IssuedPrefix = "x509:";

    /// <summary>Who is at the other end; null, with a label, where it may not.</summary>
    public (DtlsIdentity? Identity, string Reason) Judge(SavedSession session)
    {
        if (!hasListener(session.Listener))
            return (null, "no_listener");
        if (session.Credential.Length == 0)
            return (session.Identity.Length == 0 ? DtlsIdentity.None : new DtlsIdentity(session.Identity), "");
        var credential = session.IsIssued ? Issued(session) : credentials.Restore(session.Credential, session.Print, session.LookedUp);
        return credential is null ? (null, "credential") : (new DtlsIdentity(session.Identity) { Credential = credential }, "");
    }

    Credential? Issued(SavedSession session)
    {
        if (!session.Credential.StartsWith(IssuedPrefix, StringComparison.Ordinal))
            return null;
        var credential = Credential.OfIssued(session.Credential[IssuedPrefix.Length..], x509Endpoint());
        return CryptographicOperations.FixedTimeEquals(credential.Print, session.Print) ? credential : null;
    }
}
