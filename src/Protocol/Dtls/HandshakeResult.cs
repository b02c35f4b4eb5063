namespace Protocol.Dtls;

/// <summary>How a handshake with a peer that has shown to be at its address ended.</summary>
public enum HandshakeResult
{
    Established,

    /// <summary>Established, by taking up an earlier one.</summary>
    Resumed,

    /// <summary>It was not begun: as many as there may be are under way.</summary>
    Busy,

    /// <summary>The peer fell silent.</summary>
    Timeout,

    /// <summary>The peer named an identity that there is no key for, or showed a raw public key that nobody knows.</summary>
    UnknownIdentity,

    /// <summary>Whether there is a key for the peer could not be found out.</summary>
    Unreachable,

    /// <summary>The peer has another key than it should, or than its certificate says.</summary>
    WrongKey,

    /// <summary>Nothing that both sides can do: version, cipher suite, group.</summary>
    NothingInCommon,

    /// <summary>The peer has no certificate and no raw public key.</summary>
    NoCertificate,

    /// <summary>The peer's certificate was issued by nobody who is trusted.</summary>
    UnknownAuthority,

    /// <summary>The peer's certificate, or that of who has issued it, does not count yet, or not any more.</summary>
    Expired,

    /// <summary>The peer's certificate is not for this, names nobody, or is broken.</summary>
    BadCertificate,

    /// <summary>The peer gave it up with an alert.</summary>
    AlertReceived,

    /// <summary>The peer began another one, or the server ends.</summary>
    Cancelled,

    /// <summary>Anything else that breaks the rules.</summary>
    Failed,
}
