namespace Protocol.Coap.Blockwise;

/// <summary>What a response means to a <see cref="BlockwiseExchange"/>.</summary>
public enum BlockwiseStep : byte
{
    /// <summary>Send <see cref="BlockwiseExchange.Next"/>, under a new message id.</summary>
    SendNext,

    /// <summary>The device has answered: see <see cref="BlockwiseExchange.Body"/>, or the response itself where that is null.</summary>
    Answered,

    /// <summary>It cannot be done: see <see cref="BlockwiseExchange.FailureCode"/> and <see cref="BlockwiseExchange.Reason"/>.</summary>
    Failed,
}
