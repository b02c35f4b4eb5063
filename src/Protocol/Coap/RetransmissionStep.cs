namespace Protocol.Coap;

/// <summary>What is to be done with an unacknowledged message.</summary>
public enum RetransmissionStep : byte
{
    /// <summary>Nothing yet; ask again at the next deadline.</summary>
    Wait,

    /// <summary>Send the same bytes again.</summary>
    Retransmit,

    /// <summary>MAX_RETRANSMIT is used up: it failed.</summary>
    GiveUp,
}
