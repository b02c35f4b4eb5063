namespace Protocol.Dtls;

/// <summary>
/// Whom a <see cref="DtlsServer{TAddress}"/> serves. All of it is called on any thread, also on several at once: those that call the server, and
/// those of handshakes.
/// </summary>
public interface IDtlsHost<TAddress>
    where TAddress : struct, IEquatable<TAddress>
{
    /// <summary>Longest that <see cref="Describe"/> writes, in bytes.</summary>
    const int MostBytes = 64;

    /// <summary>Sends a datagram; never blocks for long, never throws. It may be lost.</summary>
    void Send(in TAddress to, ReadOnlySpan<byte> datagram);

    /// <summary>What a peer with a session has said.</summary>
    void Receive(in TAddress from, DtlsSession<TAddress> session, ReadOnlySpan<byte> plaintext);

    /// <summary>What the host calls an identity at an address: it sends to that, and finds sessions by it. No longer than a comparison takes.</summary>
    TAddress PeerOf(in TAddress address, DtlsIdentity identity);

    /// <summary>The peer of a session is at another address now; called before what it says from there.</summary>
    void Moved(DtlsSession<TAddress> session, in TAddress from, in TAddress to);

    /// <summary>A datagram whose records bear an id of another replica is handed to that; false where that cannot be.</summary>
    bool TryForward(in TAddress from, int slot, ReadOnlySpan<byte> datagram) => false;

    /// <summary>Sessions are written down, so that another process can go on with them. Those of a server all are, or none.</summary>
    bool SavesSessions => false;

    /// <summary>
    /// A session is to be written down, again or for the first time, or has ended after it was: <see cref="DtlsSession{TAddress}.TryPlan"/> says
    /// which. Called under the session's lock, so it is only to be noted.
    /// </summary>
    void Attend(DtlsSession<TAddress> session)
    {
    }

    /// <summary>Writes what a cookie is bound to, and returns its length.</summary>
    int Describe(in TAddress address, Span<byte> bytes);

    /// <summary>Whether a peer that has shown to be at its address may begin a handshake now.</summary>
    bool MayBegin(in TAddress from);

    /// <summary>A handshake is over: called once for each that <see cref="MayBegin"/> has let begin.</summary>
    /// <param name="identity">Who the peer is; of a failed one who it said it is, null where it has not come to that.</param>
    /// <param name="cipher">IANA's name of the cipher suite, null where none was chosen.</param>
    void Ended(in TAddress with, HandshakeResult result, DtlsIdentity? identity, string? cipher);

    /// <summary>An alert (RFC 5246 section 7.2) was sent or received.</summary>
    void Alerted(bool isSent, string description);

    void Dropped(DropReason reason);
}
