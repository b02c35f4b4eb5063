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
        var credential = Find(session);
        if (credential is null || !CryptographicOperations.FixedTimeEquals(SavedSession.PrintOf(credential), session.Print))
            return (null, "credential");
        return (new DtlsIdentity(session.Identity) { Credential = credential }, "");
    }

    Credential? Find(SavedSession session)
    {
        if (!session.IsIssued)
            return credentials.Named(session.Credential);
        return session.Credential.StartsWith(IssuedPrefix, StringComparison.Ordinal)
            ? Credential.OfIssued(session.Credential[IssuedPrefix.Length..], x509Endpoint())
            : null;
    }
}
