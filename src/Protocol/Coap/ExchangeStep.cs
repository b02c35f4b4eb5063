namespace Protocol.Coap;

/// <summary>What a message or the time means to a <see cref="RequestExchange"/>.</summary>
public enum ExchangeStep : byte
{
    /// <summary>Nothing: not ours, not due, or over already.</summary>
    Ignore,

    /// <summary>The device has the request; the response comes by itself.</summary>
    Acknowledged,

    /// <summary>The frame is the response.</summary>
    Completed,

    /// <summary>The frame is the response and confirmable: send an empty acknowledgement with its message id.</summary>
    CompletedConfirmable,

    /// <summary>The device rejected the request by a Reset.</summary>
    Reset,

    /// <summary>Send the request again, byte by byte the same.</summary>
    Retransmit,

    /// <summary>No acknowledgement, or no response after it; see <see cref="RequestExchange.IsAcknowledged"/>.</summary>
    TimedOut,
}
