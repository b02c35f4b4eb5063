using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Protocol.Dtls;

namespace Ingress.Security;

/// <summary>
/// Who a device is by its certificate: one that the credentials name, or one that an authority has issued, by the name in it (RFC 5280 section 6,
/// without revocation lists). Immutable; safe for any number of threads.
/// </summary>
/// <param name="authorities">Whom to trust, and certificates on the way to them.</param>
/// <param name="depth">Most certificates between an authority and a device.</param>
/// <param name="endpoints">For which endpoints a name counts, as in the credentials; gives null: for that of the same name.</param>
sealed class ClientCertificates(X509Certificate2Collection authorities, int depth, Func<string?> endpoints, Credentials credentials, TimeProvider time)
{
    const string ClientAuthentication = "1.3.6.1.5.5.7.3.2";
    const X509ChainStatusFlags Strangers = X509ChainStatusFlags.PartialChain | X509ChainStatusFlags.UntrustedRoot | X509ChainStatusFlags.NotSignatureValid;
    const string CommonName = "2.5.4.3";
    const int MostNameLength = 256;

    /// <summary>X.501 names, DER.</summary>
    public IReadOnlyList<byte[]> Names { get; } = [.. authorities.Select(a => a.SubjectName.RawData)];

    /// <param name="chain">DER, the device's own first.</param>
    public PeerVerdict Check(IReadOnlyList<byte[]> chain)
    {
        var read = new X509Certificate2Collection();
        try
        {
            foreach (var der in chain)
                read.Add(X509CertificateLoader.LoadCertificate(der));
            var own = read[0];
            if (credentials.FindCertificate(own.RawData) is { } known)
                return CheckKnown(own, known);
            var verdict = CheckIssued(own, read);
            return verdict.Result == HandshakeResult.UnknownAuthority && credentials.AskForCertificate(own.RawData) is { } asked ? CheckKnown(own, asked) : verdict;
        }
        catch (CryptographicException)
        {
            return PeerVerdict.Refuse(HandshakeResult.BadCertificate);
        }
        finally
        {
            foreach (var certificate in read)
                certificate.Dispose();
        }
    }

    PeerVerdict CheckKnown(X509Certificate2 own, Credential known)
    {
        var now = time.GetUtcNow().LocalDateTime;
        return now >= own.NotBefore && now <= own.NotAfter
            ? PeerVerdict.Of(new DtlsIdentity(known.Identity) { Credential = known })
            : PeerVerdict.Refuse(HandshakeResult.Expired);
    }

    PeerVerdict CheckIssued(X509Certificate2 own, X509Certificate2Collection sent)
    {
        using var chain = new X509Chain();
        var policy = chain.ChainPolicy;
        policy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        policy.CustomTrustStore.AddRange(authorities);
        policy.ExtraStore.AddRange(sent);
        policy.ApplicationPolicy.Add(new Oid(ClientAuthentication));
        policy.RevocationMode = X509RevocationMode.NoCheck;
        // Nobody makes us call an address that he has written into his certificate.
        policy.DisableCertificateDownloads = true;
        policy.VerificationTime = time.GetUtcNow().LocalDateTime;
        policy.VerificationTimeIgnored = false;
        var isValid = authorities.Count > 0 && chain.Build(own);
        try
        {
            if (!isValid)
                return PeerVerdict.Refuse(ReasonOf(chain));
            if (chain.ChainElements.Count - 2 > depth || NameOf(own) is not { Length: > 0 and <= MostNameLength } name)
                return PeerVerdict.Refuse(HandshakeResult.BadCertificate);
            var credential = Credential.OfIssued(name, endpoints());
            return PeerVerdict.Of(new DtlsIdentity(credential.Identity) { Credential = credential });
        }
        finally
        {
            foreach (var element in chain.ChainElements)
                element.Certificate.Dispose();
        }
    }

    // An authority that nobody knows says nothing of the rest.
    static HandshakeResult ReasonOf(X509Chain chain)
    {
        var problems = chain.ChainStatus.Aggregate(X509ChainStatusFlags.NoError, (all, status) => all | status.Status);
        if (chain.ChainStatus.Length == 0 || (problems & Strangers) != 0)
            return HandshakeResult.UnknownAuthority;
        return (problems & ~X509ChainStatusFlags.NotTimeValid) == 0 ? HandshakeResult.Expired : HandshakeResult.BadCertificate;
    }

    // The common name, else the first DNS name: where LwM2M puts the endpoint.
    static string? NameOf(X509Certificate2 certificate)
    {
        foreach (var part in certificate.SubjectName.EnumerateRelativeDistinguishedNames())
        {
            if (!part.HasMultipleElements && part.GetSingleElementType().Value == CommonName)
                return part.GetSingleElementValue();
        }

        return certificate.Extensions.OfType<X509SubjectAlternativeNameExtension>().SelectMany(names => names.EnumerateDnsNames()).FirstOrDefault();
    }
}
