namespace Protocol.Coap;

/// <summary>What is known of a message that came in.</summary>
public enum DuplicateState : byte
{
    /// <summary>Never seen within its lifetime: process it.</summary>
    New,

    /// <summary>Seen, and nothing to send: still in work, or without a reply, or its reply had to make room.</summary>
    Silent,

    /// <summary>Seen and answered: send the same reply again.</summary>
    Replied,
}
