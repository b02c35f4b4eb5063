using System.Text;
using Org.BouncyCastle.Tls;
using Org.BouncyCastle.Tls.Crypto;

namespace Protocol.Dtls;

/// <summary>Our side of one handshake: what is offered, and what came out of it.</summary>
sealed class HandshakePeer(TlsCrypto crypto, DtlsSettings settings, Func<ulong> newId, Action<bool, string> alerted) : AbstractTlsServer(crypto), TlsPskIdentityManager
{
    /// <summary>First retransmission; each following one waits twice as long (RFC 6347 section 4.2.4.1, in the range of OMA's profile for slow networks).</summary>
    const int FirstResendMillis = 2000;

    static readonly UTF8Encoding Strict = new(false, true);

    /// <summary>A PSK identity is at most 2^16 bytes long; names of devices are not.</summary>
    const int MostIdentityBytes = 256;

    /// <summary>Who the peer is, or says that it is; null before it has said so.</summary>
    public DtlsIdentity? Identity { get; private set; }

    public bool IsUnknown { get; private set; }

    /// <summary>The connection id that the peer's records will bear; null where it has not offered to use any.</summary>
    public ulong? Id { get; private set; }

    /// <summary>Known at the end.</summary>
    public CipherSuite? Suite { get; private set; }

    /// <summary>The peer has said who it is, and its key is known: what it sends from now on it must have protected with that.</summary>
    public bool HasKey => Identity is not null && !IsUnknown;

    public override bool IgnoreCorruptDtlsRecords => true;

    public override int GetHandshakeTimeoutMillis() => (int)settings.HandshakeTimeout.TotalMilliseconds;

    public override int GetHandshakeResendTimeMillis() => FirstResendMillis;

    public override int GetMaxHandshakeMessageSize() => DtlsServer.MostMessageBytes;

    public override TlsCredentials? GetCredentials() => null;

    public override TlsPskIdentityManager GetPskIdentityManager() => this;

    public byte[]? GetHint() => null;

    public byte[]? GetPsk(byte[] identity)
    {
        IsUnknown = true;
        if (identity.Length > MostIdentityBytes || !TryRead(identity, out var name))
            return null;
        Identity = new DtlsIdentity(name);
        if (settings.FindKey(name) is not { } found)
            return null;
        IsUnknown = false;
        Identity = Identity with { Credential = found.Credential };
        // A copy: the library wipes what it was given.
        return [.. found.Key];
    }

    public override void NotifyAlertRaised(short alertLevel, short alertDescription, string? message, Exception? cause) =>
        alerted(true, AlertDescription.GetName(alertDescription));

    public override void NotifyAlertReceived(short alertLevel, short alertDescription) => alerted(false, AlertDescription.GetName(alertDescription));

    public override void NotifyHandshakeComplete()
    {
        base.NotifyHandshakeComplete();
        Suite = CipherSuite.Of(m_context.SecurityParameters.CipherSuite);
    }

    protected override byte[] GetNewConnectionID()
    {
        Id = newId();
        return ConnectionId.ToBytes(Id.Value);
    }

    protected override ProtocolVersion[] GetSupportedVersions() => ProtocolVersion.DTLSv12.Only();

    protected override int[] GetSupportedCipherSuites() => [.. settings.CipherSuites.Select(s => s.Number)];

    protected override bool PreferLocalCipherSuites() => settings.PrefersOwnOrder;

    static bool TryRead(byte[] identity, out string name)
    {
        try
        {
            name = Strict.GetString(identity);
            return name.Length > 0;
        }
        catch (DecoderFallbackException)
        {
            name = "";
            return false;
        }
    }
}
