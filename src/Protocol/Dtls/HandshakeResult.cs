namespace Protocol.Dtls;

/// <summary>How a handshake with a peer that has shown to be at its address ended.</summary>
public enum HandshakeResult
{
    Established,

    /// <summary>It was not begun: as many as there may be are under way.</summary>
    Busy,

    /// <summary>The peer fell silent.</summary>
    Timeout,

    /// <summary>The peer named an identity that there is no key for.</summary>
    UnknownIdentity,

    /// <summary>The peer has another key.</summary>
    WrongKey,

    /// <summary>Nothing that both sides can do: version, cipher suite, group.</summary>
    NothingInCommon,

    /// <summary>The peer gave it up with an alert.</summary>
    AlertReceived,

    /// <summary>The peer began another one, or the server ends.</summary>
    Cancelled,

    /// <summary>Anything else that breaks the rules.</summary>
    Failed,
}
