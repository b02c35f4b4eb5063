namespace Tools.Simulation;

/// <summary>What can happen to a simulated device.</summary>
public enum DeviceEventKind
{
    Registered,
    RegistrationFailed,
    Updated,
    Deregistered,

    /// <summary>A request of the gateway was carried out or refused; see the other members of the event.</summary>
    Commanded,

    /// <summary>The observation was ended by the gateway, or because its object is gone or a notification was not acknowledged.</summary>
    ObservationEnded,

    /// <summary>A notification was sent; for a confirmable one: was acknowledged.</summary>
    Notified,

    /// <summary>A Send was taken.</summary>
    Sent,

    /// <summary>A Send was refused, with the code of the event.</summary>
    SendRefused,

    Rebooting,

    /// <summary>A message was sent again.</summary>
    Retransmitted,

    /// <summary>A message was given up after the last retransmission.</summary>
    TimedOut,

    /// <summary>A handshake has come to a DTLS session.</summary>
    SessionEstablished,

    HandshakeFailed,

    /// <summary>The gateway has ended the DTLS session.</summary>
    SessionEnded,
}
