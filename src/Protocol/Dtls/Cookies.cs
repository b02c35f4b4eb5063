using Org.BouncyCastle.Tls;
using Org.BouncyCastle.Tls.Crypto;

namespace Protocol.Dtls;

/// <summary>
/// The stateless answer to a ClientHello (RFC 6347 section 4.2.1): only who is at its address can repeat the cookie. The secret changes every
/// minute, and the one before counts for another, so that a recorded ClientHello is soon worth nothing.
/// </summary>
sealed class Cookies(TlsCrypto crypto, TimeProvider time)
{
    static readonly TimeSpan Period = TimeSpan.FromMinutes(1);

    readonly Lock _lock = new();
    volatile Secrets _secrets = new(new DtlsVerifier(crypto), null, time.GetTimestamp());

    /// <summary>Null where the peer has been asked for a cookie, or what it sent is no ClientHello.</summary>
    /// <param name="address">What the cookie is bound to.</param>
    /// <param name="datagram">The ClientHello.</param>
    /// <param name="hasCookie">It brings one.</param>
    /// <param name="sender">Takes the HelloVerifyRequest.</param>
    public DtlsRequest? Verify(byte[] address, byte[] datagram, bool hasCookie, DatagramSender sender)
    {
        var secrets = Current();
        if (hasCookie && secrets.Previous?.VerifyRequest(address, datagram, 0, datagram.Length, Nowhere.Instance) is { } request)
            return request;
        return secrets.Verifier.VerifyRequest(address, datagram, 0, datagram.Length, sender);
    }

    Secrets Current()
    {
        var secrets = _secrets;
        if (time.GetElapsedTime(secrets.Since) < Period)
            return secrets;
        lock (_lock)
        {
            secrets = _secrets;
            var age = time.GetElapsedTime(secrets.Since);
            if (age >= Period)
                _secrets = secrets = new Secrets(new DtlsVerifier(crypto), age < 2 * Period ? secrets.Verifier : null, time.GetTimestamp());
            return secrets;
        }
    }

    sealed record Secrets(DtlsVerifier Verifier, DtlsVerifier? Previous, long Since);

    sealed class Nowhere : DatagramSender
    {
        public static readonly Nowhere Instance = new();

        public int GetSendLimit() => ushort.MaxValue;

        public void Send(byte[] buf, int off, int len)
        {
        }

        public void Send(ReadOnlySpan<byte> buffer)
        {
        }
    }
}
