using Org.BouncyCastle.Tls;
using Org.BouncyCastle.Tls.Crypto;

namespace Protocol.Dtls;

/// <summary>
/// What is needed to take up a session again with a short handshake (RFC 5246 section 7.3): of handshakes with certificates, which cost the most.
/// At the limit the oldest are forgotten, and their devices make a whole handshake.
/// </summary>
sealed class Resumptions(TlsCrypto crypto, int most, TimeProvider time)
{
    /// <summary>What RFC 5246 section F.1.4 calls an upper limit.</summary>
    static readonly TimeSpan Lifetime = TimeSpan.FromHours(24);

    const int IdLength = 32;

    readonly Lock _lock = new();
    readonly Dictionary<string, Known> _known = [];
    readonly Queue<(string Id, long Since)> _inOrder = [];

    public int Count
    {
        get
        {
            lock (_lock)
                return _known.Count;
        }
    }

    public static byte[] NewId() => System.Security.Cryptography.RandomNumberGenerator.GetBytes(IdLength);

    public void Add(byte[] id, SessionParameters parameters, DtlsIdentity identity)
    {
        if (id.Length != IdLength)
            return;
        // The library wipes what it was given, whenever a handshake fails: copies, so that nobody who has overheard an id can do that.
        var secret = crypto.AdoptSecret(parameters.MasterSecret).Extract();
        var extensions = parameters.ReadServerExtensions() ?? new Dictionary<int, byte[]>();
        var known = new Known(
            secret,
            parameters.CipherSuite,
            parameters.IsExtendedMasterSecret,
            extensions.Where(e => e.Key is ExtensionType.max_fragment_length or ExtensionType.encrypt_then_mac).ToDictionary(),
            identity);
        var key = Convert.ToHexString(id);
        var now = time.GetTimestamp();
        lock (_lock)
        {
            _known[key] = known;
            _inOrder.Enqueue((key, now));
            while (_inOrder.TryPeek(out var oldest) && (_inOrder.Count > most || time.GetElapsedTime(oldest.Since, now) > Lifetime))
                _known.Remove(_inOrder.Dequeue().Id);
        }
    }

    /// <summary>Null for an id that is not known (any more).</summary>
    public (TlsSession Session, int Suite, DtlsIdentity Identity)? Find(byte[] id)
    {
        if (id.Length != IdLength)
            return null;
        Known? known;
        lock (_lock)
        {
            var now = time.GetTimestamp();
            while (_inOrder.TryPeek(out var oldest) && time.GetElapsedTime(oldest.Since, now) > Lifetime)
                _known.Remove(_inOrder.Dequeue().Id);
            known = _known.GetValueOrDefault(Convert.ToHexString(id));
        }

        if (known is null)
            return null;
        var parameters = new SessionParameters.Builder()
            .SetCipherSuite(known.Suite)
            .SetExtendedMasterSecret(known.IsExtendedMasterSecret)
            .SetMasterSecret(crypto.CreateSecret([.. known.Secret]))
            .SetNegotiatedVersion(ProtocolVersion.DTLSv12)
            .SetServerExtensions(known.Extensions)
            .Build();
        return (TlsUtilities.ImportSession(id, parameters), known.Suite, known.Identity);
    }

    sealed record Known(byte[] Secret, int Suite, bool IsExtendedMasterSecret, Dictionary<int, byte[]> Extensions, DtlsIdentity Identity)
    {
        /// <summary>Not what a record prints by itself: the secret.</summary>
        public override string ToString() => Identity.Name;
    }
}
