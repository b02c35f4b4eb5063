namespace Protocol.Dtls;

/// <summary>Why a datagram was not listened to.</summary>
public enum DropReason
{
    /// <summary>It is no whole chain of DTLS 1.2 records (RFC 6347 section 4.1).</summary>
    Malformed,

    /// <summary>It is protected, and nobody at that address has a session.</summary>
    NoSession,

    /// <summary>It bears a connection id that nobody has.</summary>
    UnknownId,

    /// <summary>It bears a connection id of another replica, which it cannot be handed to.</summary>
    OtherSlot,

    /// <summary>It belongs to no handshake under way: late, repeated, or made up.</summary>
    Stale,

    /// <summary>
    /// A session could make nothing of it: not from its peer, changed on its way, seen before, or no data, such as a request for another handshake
    /// within the session.
    /// </summary>
    Discarded,

    /// <summary>A record of a session whose number is not reserved yet: its device says it again.</summary>
    Unreserved,

    /// <summary>A message of a handshake that is longer than any that is meant.</summary>
    Oversized,

    /// <summary>More datagrams of one handshake than are kept.</summary>
    Backlog,

    /// <summary>There may be no more handshakes with that source for now.</summary>
    Limited,
}
